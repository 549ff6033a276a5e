"""Which results may join the ensemble, and over which folds they are compared."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from automl.steps.ensemble.select_candidates import most_candidates, select_candidates
from tests.automl.steps.results import result


def names(results, n_rows=100_000, n_folds=3):
    selected, shared = select_candidates(results, n_rows, n_folds, ("baseline",))
    return [each.candidate.seed for each in selected], shared


def test_complete_bags_are_ranked_over_all_folds_and_partial_ones_left_out():
    results = [result([2, 2, 2], seed=0), result([1, 1, 1], seed=1), result([1.5, 1.5], seed=2)]
    assert names(results) == ([1, 0], 3)


def test_without_a_complete_bag_the_longest_ones_are_compared():
    results = [result([2, 2], seed=0), result([1], seed=1), result([1, 1], seed=2)]
    assert names(results) == ([2, 0], 2)


def test_a_repeat_with_the_same_losses_is_left_out_and_another_model_with_them_is_not():
    results = [result([1, 2, 3], seed=4), result([1, 2, 3], seed=7), result([1, 2, 3], seed=8, model="other")]
    assert names(results) == ([4, 8], 3)


def test_the_constant_model_and_what_is_no_better_stay_out_while_there_is_anything_else():
    constant, worse = result([2, 2, 2], model="baseline", seed=0), result([3, 3, 3], seed=1)
    assert names([constant, worse, result([1, 1, 1], seed=2)]) == ([2], 3)
    assert names([constant]) == ([0], 3)


def test_a_partial_bag_that_leads_clearly_shortens_the_comparison():
    results = [result([2, 2, 9], seed=0), result([1, 1], seed=1)]
    assert names(results) == ([1, 0], 2)
    assert names([result([2, 2, 2], seed=0), result([1.99, 1.99], seed=1)]) == ([0], 3)


def test_a_finite_partial_bag_beats_complete_ones_that_cannot_be_scored():
    assert names([result([math.inf] * 3, seed=0), result([1.0, 1.0], seed=1)]) == ([1, 0], 2)


def test_dropped_results_and_those_with_a_gap_are_left_out():
    results = [result([1, 1, 1], seed=0), result([0.1], seed=1, status="dropped"), result([0.1], folds=[2], seed=2)]
    assert names(results) == ([0], 3)
    assert names([result([0.1], folds=[2])]) == ([], 0)


def test_few_rows_allow_few_candidates_and_the_best_of_each_model_stays():
    results = [result([1 + k / 100] * 3, seed=k, model="a") for k in range(30)]
    results.append(result([9.0] * 3, seed=99, model="b"))
    chosen, _ = names(results, n_rows=100)
    assert chosen == [*range(most_candidates(100) - 1), 99]
    assert len(chosen) < 30


def test_no_more_are_taken_than_was_said():
    results = [result([1 + k / 100] * 3, seed=k, model="a") for k in range(9)]
    chosen, _ = select_candidates(results, 2_000, 3, (), most=4)
    assert [each.candidate.seed for each in chosen] == [0, 1, 2, 3]


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 10**6), st.integers(1, 10**5))
def test_more_rows_never_allow_fewer_candidates(n_rows, more):
    assert 4 <= most_candidates(n_rows) <= most_candidates(n_rows + more) <= 100
