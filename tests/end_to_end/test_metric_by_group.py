"""A metric that judges by group gets the groups in candidates, ensemble and interval, and it is said where none are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.errors import OptionError
from automl.plugin_api import ALL_TASKS, MetricSpec, hookimpl
from tests.conftest import quick

SEEN: list[tuple[int, int]] = []
"""Of each call the number of groups, and of rows."""


def best_of_each(target, values, weights, groups):
    """The mean over queries of how relevant the row is that is ranked first."""
    assert len(target) == len(values) == len(groups)
    starts, number = np.unique(groups, return_inverse=True)
    SEEN.append((len(starts), len(target)))
    order = np.lexsort((np.arange(len(target)), -values, number))
    first = order[np.r_[True, np.diff(number[order]) > 0]]
    return float(target[first].mean())


class Offers:
    @hookimpl
    def automl_metrics(self):
        return [MetricSpec("best_of_each", best_of_each, True, 1.0, "values", ALL_TASKS, needs_groups=True)]


def queries(n_queries=40, each=6, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_queries * each, 2)).astype(np.float32)
    relevance = 1 / (1 + np.exp(-3 * x[:, 0] - rng.normal(size=len(x))))
    return pd.DataFrame(
        {"x": x[:, 0], "noise": x[:, 1], "query": np.repeat(np.arange(n_queries), each), "y": relevance}
    )


OPTIONS = {"metric": "best_of_each", "plugins": [Offers()], "task": "regression", "max_trials": 3, "cv": 4}


@pytest.fixture(scope="module")
def fitted():
    SEEN.clear()
    return quick(**OPTIONS, models=["baseline", "linear"]).fit(queries(), "y", groups="query")


def test_rows_of_a_query_are_judged_together_at_every_step(fitted):
    assert fitted.metric_ == "best_of_each"
    assert {rows / groups for groups, rows in SEEN} == {6.0}
    assert {groups for groups, _ in SEEN} >= {10, 40}  # folds, and all of them


def test_the_score_is_that_of_the_cross_fitted_predictions_by_query(fitted):
    table, outcome = queries(), fitted.outcome_
    outputs = outcome.cross_fitted[:, 0]
    first = [each.index[outputs[each.index].argmax()] for _, each in table.groupby("query")]
    assert fitted.score_ == pytest.approx(table["y"][first].mean())
    assert fitted.interval_[0] < fitted.score_ < fitted.interval_[1] <= 1.0
    constant = table.groupby("query")["y"].first().mean()
    assert fitted.score_ > constant + 0.1


def test_the_same_search_finds_the_same(fitted):
    again = quick(**OPTIONS, models=["baseline", "linear"]).fit(queries(), "y", groups="query")
    np.testing.assert_array_equal(again.outcome_.cross_fitted, fitted.outcome_.cross_fitted)


def test_new_rows_are_scored_by_query_too(fitted):
    later = queries(seed=1)
    outputs = fitted.predict(later)
    first = [each.index[outputs[each.index].argmax()] for _, each in later.groupby("query")]
    assert fitted.score(later, groups="query") == pytest.approx(later["y"][first].mean())
    found = fitted.evaluate(later, groups=later["query"].to_numpy())
    assert found["best_of_each"] == pytest.approx(later["y"][first].mean())
    assert set(fitted.evaluate(later, metrics="rmse")) == {"rmse"}
    with pytest.raises(OptionError, match="Found no groups"):
        fitted.evaluate(later)


def test_importance_is_measured_by_query(fitted):
    SEEN.clear()
    for rows in ((), (queries(seed=1), None)):
        groups = "query" if rows else None
        found = fitted.feature_importance(*rows, groups=groups, repeats=1).set_index("feature")["importance"]
        assert found["x"] > found["noise"]
    assert {rows / groups for groups, rows in SEEN} == {6.0}


def test_it_is_said_before_any_fit_that_groups_are_missing():
    with pytest.raises(
        OptionError, match=r"Found no groups; expected them, as the metric .best_of_each. judges by group"
    ):
        AutoML(**OPTIONS, time_limit=None, verbose=0).fit(queries(), "y")
