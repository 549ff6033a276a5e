"""The limit on prediction time: which candidates stay, what it costs, and that it is kept."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.steps.ensemble.limit_prediction_time import (
    affordable,
    limit_prediction_time,
    seconds_per_row,
    seconds_to_predict,
)
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.results import CandidateResult, FoldResult
from tests.conftest import quick
from tests.tables import binary_table

PLAN = ResamplingPlan((Fold(np.arange(10, 20), np.arange(10)), Fold(np.arange(10), np.arange(10, 20))), "two")


def candidate(number, seconds) -> CandidateResult:
    made = Candidate("linear", {"number": number}, Preparation(()))
    folds = [FoldResult(made.id, k, np.zeros((10, 1), np.float32), 1.0, 1.0, 5 * seconds) for k in (0, 1)]
    return CandidateResult(made, tuple(folds), 0.1, -0.1, (0.1, 0.1), "complete", number)


@given(
    st.lists(st.tuples(st.floats(1e-6, 1.0), st.sampled_from([0.0, 0.1, 0.5, 1.0])), min_size=1, max_size=8),
    st.floats(1e-6, 2.0),
)
@settings(max_examples=50, deadline=None)
def test_what_is_kept_fits_the_limit_or_is_the_cheapest_alone(pairs, limit):
    costs, weights = np.array(pairs).T
    kept = affordable(costs, weights, limit)
    assert costs[kept].sum() <= limit * (1 + 1e-9) or (kept == [int(np.argmin(costs))] and costs.min() > limit)


def test_the_dearest_for_its_weight_goes_first_and_cheap_ones_may_join():
    costs, weights = np.array([4.0, 4.0, 1.0, 9.0]), np.array([0.7, 0.3, 0.0, 0.0])
    assert affordable(costs, weights, 5.0) == [0, 2]


def test_a_row_costs_what_all_fold_models_take_for_it():
    assert seconds_per_row(candidate(0, 0.25), PLAN) == pytest.approx(0.25)


def test_an_ensemble_within_the_limit_stays_as_it_is():
    results = [candidate(0, 1.0), candidate(1, 2.0)]
    ensemble = SimpleNamespace(weights=np.array([0.5, 0.5]), score=0.9)
    limited = limit_prediction_time(results, ensemble, PLAN, 3.5, lambda positions: pytest.fail(str(positions)))
    assert limited.ensemble is ensemble
    assert limited.kept == (0, 1)


def test_fewer_fold_models_are_tried_before_members_are_dropped():
    results = [candidate(0, 1.0), candidate(1, 2.0)]
    ensemble = SimpleNamespace(weights=np.array([0.5, 0.5]), score=0.9)
    limited = limit_prediction_time(results, ensemble, PLAN, 1.6, lambda positions: pytest.fail(str(positions)))
    assert limited.ensemble is ensemble
    assert limited.fold_models == 0
    assert not limited.failures
    assert "1.5 s a row. With as many fold models as usual: 3 s" in limited.notes[0]


def test_members_that_are_left_predict_with_as_many_fold_models_as_the_limit_allows():
    results = [candidate(0, 1.0), candidate(1, 9.0)]
    ensemble = SimpleNamespace(weights=np.array([0.5, 0.5]), score=0.9)
    rebuilt = SimpleNamespace(weights=np.array([1.0]), score=0.8)
    limited = limit_prediction_time(results, ensemble, PLAN, 1.5, lambda positions: rebuilt)
    assert limited.kept == (0,)
    assert seconds_to_predict(results[:1], np.ones(1), PLAN, limited.fold_models) == pytest.approx(1.0)


def test_one_above_it_is_built_anew_and_says_what_that_costs():
    results = [candidate(0, 1.0), candidate(1, 2.0)]
    ensemble = SimpleNamespace(weights=np.array([0.5, 0.5]), score=0.9)
    rebuilt = SimpleNamespace(weights=np.array([1.0]), score=0.8)
    limited = limit_prediction_time(results, ensemble, PLAN, 1.2, lambda positions: rebuilt)
    assert limited.kept == (0,)
    assert "0.9" in limited.notes[0]
    assert "0.8" in limited.notes[0]
    assert [failure.params["number"] for failure in limited.failures] == [1]


def test_a_search_with_a_limit_keeps_to_it_or_says_that_nothing_does():
    free = quick(ensemble="weighted").fit(binary_table(), "bought")
    tight = quick(ensemble="weighted", predict_time_limit=1e-9).fit(binary_table(), "bought")
    assert len(tight.predictor_.members) == 1 <= len(free.predictor_.members)
    assert any("no candidate is that fast" in note for note in tight.notes_)
    loose = quick(ensemble="weighted", predict_time_limit=10.0).fit(binary_table(), "bought")
    assert loose.score_ == free.score_
    assert np.isfinite(tight.predict_proba(binary_table(5))).all()
