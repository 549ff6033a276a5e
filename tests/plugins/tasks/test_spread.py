"""Any regressor gives quantiles that hold what they promise, learnt from rows that it has not seen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from automl.plugin_api import (
    BuildRequest,
    Column,
    ColumnKind,
    Dataset,
    Deadline,
    FitContext,
    Schema,
    SklearnLearner,
    TaskKind,
)
from automl.steps.plan.read_target import ReadTarget
from automl_builtins.tasks import _spread
from automl_builtins.tasks.quantiles import take

N = 400


def table(n_rows=N, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.uniform(0.0, 3.0, n_rows)
    target = np.exp(a + 0.3 * rng.normal(size=n_rows))
    task, values = take(ReadTarget(pd.Series(target, name="y"), "y", "quantile"))
    frame = pd.DataFrame({"a": a.astype(np.float32)})
    return Dataset(frame, values, Schema((Column("a", ColumnKind.NUMERIC),)), task, np.arange(n_rows))


def fitted(data, kind=DecisionTreeRegressor, **options):
    learner = _spread.lend(BuildRequest(data.task, {}), lambda request: SklearnLearner(kind(**options)))
    learner.fit(data, None, FitContext(seed=1))
    return learner


def test_the_outermost_levels_cover_what_they_promise_though_the_tree_knows_its_rows_by_heart():
    found = fitted(table()).predict(table(2_000, seed=1).features)
    target = table(2_000, seed=1).target
    covered = ((target >= found[:, 0]) & (target <= found[:, -1])).mean()
    assert 0.86 <= covered <= 0.96
    assert (np.diff(found, axis=1) >= 0).all()


def test_a_skewed_target_is_learnt_on_the_scale_of_its_logarithm():
    data = table()
    learner = fitted(data, LinearRegression)
    assert learner.stretch.power == 0.0
    width = np.ptp(learner.predict(pd.DataFrame({"a": np.float32([0.0, 3.0])})), axis=1)
    assert width[1] / width[0] > 10.0


@pytest.mark.parametrize(("n_rows", "parts"), [(3, 1), (6, 2), (40, 4)])
def test_rows_are_dealt_evenly_in_as_many_parts_as_they_allow(n_rows, parts):
    counts = np.bincount(_spread.deal(table(n_rows), seed=0, n_parts=4))
    assert len(counts) == parts
    assert np.ptp(counts) <= 1


def test_of_very_many_rows_a_fifth_is_held_out_once(monkeypatch):
    monkeypatch.setattr(_spread, "PARTS_BY_ROWS", ())
    held = _spread.deal(table(), seed=0, n_parts=_spread.parts_of(N))
    assert sorted(np.unique(held)) == [-1, 0]
    assert (held == 0).sum() == N // 5
    assert len(fitted(table()).learners) == 1


def test_rows_of_a_group_are_held_out_together():
    data = replace(table(), groups=np.arange(N) // 20)
    held = _spread.deal(data, seed=0, n_parts=4)
    assert all(len(np.unique(held[data.groups == group])) == 1 for group in range(N // 20))


def test_each_regressor_gets_its_share_of_the_time():
    asked = []

    class Watching(SklearnLearner):
        def fit(self, train, valid, context):
            assert train.task.kind is TaskKind.REGRESSION
            asked.append(context.seconds_left())
            super().fit(train, valid, context)

    data = table(100)
    learner = _spread.lend(BuildRequest(data.task, {}), lambda request: Watching(LinearRegression()))
    learner.fit(data, None, FitContext(seed=1, deadline=Deadline(100.0)))
    assert len(asked) == 4
    assert asked[0] <= 25.0
    assert asked[-1] <= 100.0


def test_what_regressors_ask_for_on_more_rows_is_their_median():
    class Asking(SklearnLearner):
        rounds = 10

        def refit_params(self):
            return {"rounds": self.rounds, "rate": 0.1 * self.rounds}

    data = table(40)
    learner = fitted(data)
    learner.learners = [Asking(LinearRegression()) for _ in range(3)]
    learner.learners[1].rounds, learner.learners[2].rounds = 20, 50
    assert learner.refit_params() == {"rounds": 20, "rate": pytest.approx(2.0)}
    assert fitted(data).refit_params() == {}
