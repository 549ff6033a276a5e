"""Judging: weights, groups, parts and decisions reach the metric, and what it raises is NaN or goes through."""

from __future__ import annotations

import math

import numpy as np
import pytest

from automl.errors import OptionError
from automl.plugin_api import Fold, FoldResult, MetricSpec, ResamplingPlan, Task, TaskKind
from automl.steps.score.judge import Judge
from automl.steps.score.resample_scores import draw_resamples, times_before

BINARY, REGRESSION = Task(TaskKind.BINARY, "y", (0, 1)), Task(TaskKind.REGRESSION, "y")
KINDS = frozenset(TaskKind)


def error(target, values, weights):
    return float(np.average(np.abs(target - values), weights=weights))


def best_of_each(target, values, weights, groups):
    """The mean over groups of the target of the row that is ranked first."""
    rows = [np.flatnonzero(groups == each) for each in np.unique(groups)]
    return float(np.mean([target[each[np.argmax(values[each])]] for each in rows]))


def two_classes(target, labels, weights):
    if len(np.unique(target)) < 2:
        raise ValueError("one class")
    return float((target == labels).mean())


MAE = MetricSpec("mae", error, False, 0.0, "values", KINDS)
BEST = MetricSpec("best", best_of_each, True, 1.0, "values", KINDS, needs_groups=True)
RIGHT = MetricSpec("right", two_classes, True, 1.0, "labels", KINDS)
TARGET = np.array([1.0, 0.0, 0.0, 1.0])
SURE = np.array([[3.0], [2.0], [1.0], [0.0]])


def test_weights_and_direction_are_those_of_the_rows():
    judge = Judge(MAE, REGRESSION, TARGET, np.array([1.0, 0.0, 0.0, 3.0]))
    assert judge.score(SURE) == judge.loss(SURE) == pytest.approx(5 / 4)
    assert judge.score(SURE, np.array([0, 3])) == pytest.approx(5 / 4)
    assert judge.at(np.array([3])).score(SURE[3:]) == 1.0


def test_a_metric_that_judges_by_group_gets_the_groups_of_the_rows():
    judge = Judge(BEST, REGRESSION, TARGET, groups=np.array([0, 0, 7, 7]))
    assert judge.score(SURE) == 0.5
    assert judge.loss(SURE) == -0.5
    assert judge.score(SURE, np.array([0, 1])) == 1.0


def test_it_is_said_at_once_where_groups_are_missing():
    with pytest.raises(OptionError, match=r"Found no groups; expected them, as the metric 'best' .* Pass groups="):
        Judge(BEST, REGRESSION, TARGET)


def test_a_group_that_is_drawn_twice_counts_twice():
    groups = np.repeat([0, 1, 2], 2)
    judge = Judge(BEST, REGRESSION, np.array([4.0, 0, 2.0, 0, 1.0, 0]), groups=groups)
    outputs = np.array([[1.0], [0], [1.0], [0], [1.0], [0]])
    resamples = draw_resamples(judge, 20, 0)
    shares = [np.bincount(groups[rows], minlength=3) / len(rows) for rows in resamples.draws]
    np.testing.assert_allclose(resamples.scores(judge, outputs), [share @ [4.0, 2.0, 1.0] for share in shares])


def test_rows_of_a_group_stay_together_in_draws_and_in_thinned_rows():
    groups = np.random.default_rng(0).integers(0, 40, 400)
    judge = Judge(BEST, REGRESSION, np.zeros(400), groups=groups)
    drawn = [*draw_resamples(judge, 3, 0).draws, judge.some(np.arange(400), 100, 0)]
    for rows in drawn:
        counts = np.bincount(rows, minlength=400)
        assert all(len(set(counts[groups == each])) == 1 for each in range(40))
    assert 1 < len(drawn[-1]) <= 100


def test_each_time_that_a_row_is_drawn_is_counted():
    assert times_before(np.array([5, 2, 5, 5, 2])).tolist() == [0, 0, 1, 2, 1]


def test_labels_are_decided_as_it_is_told_where_the_metric_sees_labels():
    outputs = np.array([[0.6, 0.4], [0.9, 0.1]])
    target = np.array([1, 0])
    assert Judge(RIGHT, BINARY, target).score(outputs) == 0.5
    assert Judge(RIGHT, BINARY, target, decide=lambda outputs, groups: outputs * [1.0, 2.0]).score(outputs) == 1.0


def test_what_the_metric_raises_is_no_score_or_goes_through():
    target, outputs = np.zeros(2, dtype=int), np.full((2, 2), 0.5)
    assert math.isnan(Judge(RIGHT, BINARY, target).score(outputs))
    assert Judge(RIGHT, BINARY, target).loss(outputs) == math.inf
    with pytest.raises(ValueError, match="one class"):
        Judge(RIGHT, BINARY, target, strict=True).score(outputs)


def test_the_score_over_parts_is_the_mean_of_those_that_have_one_by_their_rows():
    target = np.array([0, 1, 1, 0, 0, 0, 1, 0])
    outputs = np.eye(2)[[0, 0, 1, 1, 0, 0, 1, 1]]
    judge = Judge(RIGHT, BINARY, target, parts=np.array([0, 0, 1, 1, 2, 2, 3, 3]))
    assert judge.score(outputs) == pytest.approx(0.5)
    assert judge.score(outputs, np.array([0, 1, 4, 5])) == 0.5
    assert math.isnan(judge.score(outputs, np.array([4, 5])))


def test_a_fold_is_judged_on_its_own_rows():
    plan = ResamplingPlan((Fold(np.array([2, 3]), np.array([0, 1])), Fold(np.array([0, 1]), np.array([2, 3]))), "")
    judge = Judge(BEST, REGRESSION, TARGET, groups=np.array([0, 0, 1, 1]), plan=plan, strict=True)
    assert judge.fold_loss(FoldResult("a", 1, SURE[2:], 0.1, 0.1, 0.1, "")) == 0.0
    assert judge.fold_loss(FoldResult("a", 0, SURE[:2], 0.1, 0.1, 0.1, "")) == -1.0
