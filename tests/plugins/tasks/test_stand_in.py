"""What stands in for a regressor tells where values scatter, once for all candidates that get the same rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from automl.plugin_api import BuildRequest, Deadline, FitContext, FitSize, SklearnLearner
from automl.steps.fit.worker_cache import WorkerCache
from automl_builtins.tasks import _scatter, _spread, _stand_in
from tests.plugins.tasks.test_spread import table

LEVELS = np.array([0.05, 0.5, 0.95])


@pytest.fixture(autouse=True)
def few_rows_are_enough(monkeypatch):
    monkeypatch.setattr(_stand_in, "LEAST_ROWS", 800)


def stood_in(data, context):
    return _stand_in.stand_in(data, np.arange(data.n_rows) % 2, LEVELS, context)


def test_a_regressor_is_fitted_once_and_on_all_rows_and_covers_what_is_promised():
    data, later = table(1_500), table(2_000, seed=1)
    seen = []

    class Watching(SklearnLearner):
        def fit(self, train, valid, context):
            seen.append(train.n_rows)
            super().fit(train, valid, context)

    def build(request):
        return Watching(DecisionTreeRegressor(min_samples_leaf=20))

    learner = _spread.lend(BuildRequest(data.task, {}), build)
    learner.fit(data, None, FitContext(seed=1))
    assert seen == [1_500]
    found = learner.predict(later.features)
    assert 0.86 <= ((later.target >= found[:, 0]) & (later.target <= found[:, -1])).mean() <= 0.96
    assert (np.diff(found, axis=1) >= 0).all()


def test_candidates_share_it_where_they_get_the_same_rows(monkeypatch):
    made = []
    monkeypatch.setattr(_scatter.Scatter, "of", staticmethod(lambda *given: made.append(given) or _scatter.Scatter()))
    data, context = table(1_000), FitContext(cache=WorkerCache(100.0))
    for each in (data, data, replace(data, weights=np.ones(1_000)), table(1_000, seed=3)):
        stood_in(each, replace(context, seed=len(made)))
    assert len(made) == 3


def test_it_is_the_same_whichever_candidate_comes_first():
    data = table(1_000)
    found = [stood_in(data, FitContext(seed=seed)).around(np.zeros(5), data.features[:5]) for seed in (1, 2)]
    np.testing.assert_array_equal(*found)


def test_sparse_columns_are_seen_too():
    from scipy.sparse import csr_matrix

    data = table(1_000)
    sparse = replace(data, features=csr_matrix(data.features.to_numpy()))
    found = stood_in(sparse, FitContext()).around(np.zeros(3), sparse.features[:3])
    np.testing.assert_allclose(found, stood_in(data, FitContext()).around(np.zeros(3), data.features[:3]))


def test_nothing_stands_in_for_few_rows_or_many_columns_or_texts_or_where_there_is_no_time():
    data, plenty = table(1_000), FitContext()
    assert _stand_in.can_stand_in(data, 3, plenty, 0.3)
    assert not _stand_in.can_stand_in(table(500), 3, plenty, 0.3)
    assert not _stand_in.can_stand_in(data, 3, FitContext(deadline=Deadline(0.05)), 0.3)
    texts = replace(data, features=pd.DataFrame({"a": ["one"] * 1_000}))
    assert not _stand_in.can_stand_in(texts, 3, plenty, 0.3)
    wide = replace(data, features=pd.DataFrame(np.zeros((1_000, 401), dtype=np.float32)))
    assert not _stand_in.can_stand_in(wide, 3, plenty, 0.3)


def test_a_regressor_of_texts_is_learnt_in_parts_and_its_value_alone_tells_how_far_it_is_off():
    data = table(1_000)
    texts = replace(data, features=pd.DataFrame({"a": ["one", "two"] * 500}))
    learner = _spread.lend(BuildRequest(data.task, {}), lambda _: _OfTexts(LinearRegression()))
    learner.fit(texts, None, FitContext(seed=1))
    assert len(learner.learners) == 4


def test_it_costs_little_more_than_one_fit():
    task = table(10).task
    assert _spread.fits_of(FitSize(1_000, 3, task)) < _spread.fits_of(FitSize(500, 3, task))
    assert _spread.fits_of(FitSize(1_000, 3, task)) < _spread.fits_of(FitSize(1_000, 500, task))


class _OfTexts(SklearnLearner):
    """Knows nothing but the mean."""

    def fit(self, train, valid, context):
        self.mean = float(train.target.mean())

    def predict(self, features):
        return np.full((features.shape[0], 1), self.mean)
