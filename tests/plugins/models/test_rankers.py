"""Boosted trees that learn orders: rows anywhere in the table, scores that are comparable, and weights of queries."""

import pickle

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Block, BuildRequest, Column, ColumnKind, Dataset, FitContext, Schema, Task, Trait
from automl_builtins.kinds import RANKING
from automl_builtins.metrics.ranking import ndcg
from automl_builtins.models._shared.queries import SPREAD
from automl_builtins.models.catboost import CATBOOST
from automl_builtins.models.lightgbm import LIGHTGBM
from automl_builtins.models.xgboost import XGBOOST

TASK = Task(RANKING, "y", parts=(Block("y", trait=Trait.SCORE, grades=(0.0, 1.0, 2.0)),))
CONTEXT = FitContext(seed=3, metric="ndcg@5", objective="order:5")
SHORT = {"learning_rate": 0.3}
rankers = pytest.mark.parametrize("spec", [LIGHTGBM, XGBOOST, CATBOOST], ids=lambda spec: spec.name)


def rows(seed, n_queries=25, each=8, weights=None):
    """Rows of queries, in no order, whose relevance follows from the first column."""
    rng = np.random.default_rng(seed)
    query = rng.permutation(np.repeat(np.arange(n_queries), each))
    x = rng.normal(size=(len(query), 3)).astype(np.float32)
    relevance = np.digitize(x[:, 0] + 0.3 * rng.normal(size=len(query)), [0.4, 1.2]).astype(float)
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    schema = Schema(tuple(Column(name, ColumnKind.NUMERIC) for name in "abc"))
    return Dataset(frame, relevance, schema, TASK, np.arange(len(query)), weights, query)


def fitted(spec, train, valid, **params):
    learner = spec.build(BuildRequest(TASK, {**SHORT, **params}))
    learner.fit(train, valid, CONTEXT)
    return learner


@rankers
def test_rows_are_ordered_within_their_query(spec):
    train, valid, test = rows(0), rows(1), rows(2)
    learner = fitted(spec, train, valid)
    scores = learner.predict(test.features)
    assert scores.shape == (test.n_rows, 1)
    found = ndcg(test.target, scores[:, 0], None, test.groups, k=5)
    by_chance = ndcg(test.target, np.zeros(test.n_rows), None, test.groups, k=5)
    assert found > by_chance + 0.2
    again = pickle.loads(pickle.dumps(learner))
    np.testing.assert_array_equal(again.predict(test.features), scores)
    np.testing.assert_allclose(learner.predict(test.features.iloc[[5]]), scores[[5]], rtol=1e-6)


def test_lightgbm_learns_orders_by_lists_as_well_as_by_pairs():
    train, valid, test = rows(0), rows(1), rows(2)
    found = [
        fitted(LIGHTGBM, train, valid, objective=each).predict(test.features) for each in ("lambdarank", "rank_xendcg")
    ]
    gains = [ndcg(test.target, scores[:, 0], None, test.groups, k=5) for scores in found]
    assert (found[0] != found[1]).any()
    assert gains[1] > gains[0] - 0.05


@rankers
def test_scores_spread_by_one_within_the_queries_that_validate(spec):
    train, valid = rows(0), rows(1)
    scores = pd.Series(fitted(spec, train, valid).predict(valid.features)[:, 0])
    within = scores - scores.groupby(valid.groups).transform("mean")
    assert np.sqrt(np.mean(within**2)) == pytest.approx(1.0, rel=1e-3)


@rankers
def test_a_fit_on_all_rows_takes_the_spread_of_the_folds_and_a_single_query_is_learnt_from(spec):
    train = rows(0, n_queries=1, each=60)
    learner = fitted(spec, train, None, n_estimators=5, **{SPREAD: 2.0})
    assert learner.codec.spread == 2.0
    assert np.isfinite(learner.predict(train.features)).all()


@rankers
def test_queries_that_weigh_more_count_more(spec):
    train, valid = rows(0), rows(1)
    turned = train.groups >= 12
    target = np.where(turned, 2.0 - train.target, train.target)
    found = []
    for heavy in (turned, ~turned):
        weights = np.where(heavy, 10.0, 0.1)
        given = Dataset(train.features, target, train.schema, TASK, train.rows, weights, train.groups)
        scores = fitted(spec, given, None, n_estimators=15).predict(valid.features)[:, 0]
        found.append(ndcg(valid.target, scores, None, valid.groups, k=5))
    assert found[1] > found[0]
