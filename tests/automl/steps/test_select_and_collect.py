"""Which results may join the ensemble, and their out-of-fold predictions in one matrix."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import MetricSpec
from automl.steps.ensemble.collect_out_of_fold import covered_rows, out_of_fold
from automl.steps.ensemble.select_candidates import most_candidates, select_candidates
from automl.steps.score.judge import Judge
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.results import CandidateResult, FoldResult
from automl.vocabulary.task import Task, TaskKind

RMSE = MetricSpec(
    "rmse", lambda y, p, w: float(np.sqrt(np.average((y - p) ** 2, weights=w))), False, 0.0, "values",
    frozenset({TaskKind.REGRESSION}),
)  # fmt: skip
TASK = Task(TaskKind.REGRESSION, "y")


def result(losses, folds=None, model="m", seed=0, status=None, predictions=None, n_folds=3):
    folds = range(len(losses)) if folds is None else folds
    candidate = Candidate(model, {}, Preparation(()), seed)
    made = tuple(
        FoldResult(candidate.id, fold, np.zeros((2, 1), np.float32) if predictions is None else predictions[k], 1, 1, 1)
        for k, fold in enumerate(folds)
    )
    status = status or ("complete" if len(made) == n_folds else "partial")
    return CandidateResult(candidate, made, float(np.mean(losses)), 0.0, tuple(losses), status, seed)


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
    assert chosen == [0, 1, 2, 99]


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 10**6), st.integers(1, 10**5))
def test_more_rows_never_allow_fewer_candidates(n_rows, more):
    assert 4 <= most_candidates(n_rows) <= most_candidates(n_rows + more) <= 100


# --- out of fold


def judge(folds, target, weights=None):
    plan = ResamplingPlan(tuple(Fold(np.array(train), np.array(valid)) for train, valid in folds), "")
    return Judge(RMSE, TASK, np.asarray(target, dtype=float), weights, plan=plan)


FOLDS = [([2, 3, 4, 5], [1, 0]), ([0, 1, 4, 5], [3, 2]), ([0, 1, 2, 3], [4, 5])]


def column(*values):
    return np.array(values, dtype=np.float32)[:, None]


def test_predictions_land_on_their_rows():
    made = result([1, 1, 1], predictions=[column(1, 0), column(3, 2), column(4, 5)])
    collected, rows = out_of_fold([made], judge(FOLDS, range(6)), 3)
    assert rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert collected.dtype == np.float32
    assert collected[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_only_the_shared_folds_are_collected():
    longer = result([1, 1, 1], predictions=[column(1, 0), column(3, 2), column(4, 5)])
    shorter = result([1, 1], predictions=[column(9, 9), column(9, 9)])
    collected, rows = out_of_fold([longer, shorter], judge(FOLDS, range(6)), 2)
    assert rows.tolist() == [0, 1, 2, 3]
    assert collected[:, :, 0].tolist() == [[0, 1, 2, 3], [9, 9, 9, 9]]


def test_a_row_that_several_folds_validate_gets_the_mean():
    repeated = [([2, 3], [0, 1]), ([0, 1], [2, 3]), ([1, 3], [0, 2])]
    made = result([1, 1, 1], predictions=[column(1, 1), column(1, 1), column(3, 5)])
    collected, rows = out_of_fold([made], judge(repeated, range(4)), 3)
    assert rows.tolist() == [0, 1, 2, 3]
    assert collected[0, :, 0].tolist() == [2, 1, 3, 1]
    assert out_of_fold([made], judge(repeated, range(4)), 2)[0][0, :, 0].tolist() == [1, 1, 1, 1]


def test_folds_finished_in_another_order_are_collected_alike():
    made = result([1, 1, 1], folds=[2, 0, 1], predictions=[column(4, 5), column(1, 0), column(3, 2)])
    assert out_of_fold([made], judge(FOLDS, range(6)), 3)[0][0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_rows_that_no_fold_validates_are_not_covered():
    plan = judge([([0, 1], [2]), ([0, 1, 2], [4])], range(5)).plan
    assert covered_rows(plan, 2, 5).tolist() == [2, 4]
    assert covered_rows(plan, 1, 5).tolist() == [2]


def test_a_fold_is_judged_by_its_own_rows_and_weights():
    weights = np.array([1.0, 3, 1, 1, 1, 1])
    made = result([1], predictions=[column(1, 1)])  # rows 1 and 0, whose targets are 1 and 0
    assert judge(FOLDS, range(6)).fold_loss(made.folds[0]) == pytest.approx(np.sqrt(0.5))
    assert judge(FOLDS, range(6), weights).fold_loss(made.folds[0]) == pytest.approx(np.sqrt(0.25))
    assert math.isinf(judge(FOLDS, range(6)).loss(column(np.nan, 1), np.array([0, 1])))
