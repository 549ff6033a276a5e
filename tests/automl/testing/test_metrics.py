"""The metric checks pass metrics that keep the contract, and catch one that breaks it, check by check."""

import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from automl.testing import _metrics, metric_checks, parametrize_with_metric_checks
from tests.automl.testing.toy_plugins import ACCURACY, DECODED, LOG_LOSS, RMSE, accuracy, rmse


def locked(lock, target, labels, weights):
    return accuracy(target, labels, weights)


def total_error(target, values, weights):
    errors = np.abs(target - values)
    return float((errors if weights is None else errors * weights).sum())


def unweighted(target, values, weights):
    return rmse(target, values, None)


def as_array(target, values, weights):
    return np.float32(rmse(target, values, weights))


def sorts_in_place(target, values, weights):
    score = rmse(target, values, weights)
    values.sort()
    return score


def needs_two_classes(target, labels, weights):
    if len(np.unique(target)) < 2:
        raise ValueError("one class")
    return accuracy(target, labels, weights)


def group_mean(target, labels, weights, groups):
    """The mean over groups of the share of right labels."""
    shares = [accuracy(target[groups == each], labels[groups == each], None) for each in np.unique(groups)]
    sizes = [1.0 if weights is None else weights[groups == each].sum() for each in np.unique(groups)]
    return float(np.average(shares, weights=sizes))


def last_group(target, labels, weights, groups):
    """Goes by the group with the largest number."""
    shares = np.where(groups == groups.max(), 2.0, 1.0)
    return accuracy(target, labels, shares if weights is None else shares * weights)


BY_GROUP = replace(ACCURACY, score=group_mean, needs_groups=True)
WRONG = {
    "check_spec_pickles": replace(ACCURACY, score=partial(locked, threading.Lock())),
    "check_declarations": replace(ACCURACY, needs="values"),
    "check_perfect_predictions_reach_the_optimum": replace(RMSE, optimum=1.0),
    "check_worse_predictions_score_worse": replace(LOG_LOSS, greater_is_better=True),
    "check_equal_weights_change_nothing": replace(RMSE, score=total_error),
    "check_weights_count": replace(RMSE, score=unweighted),
    "check_score_is_a_finite_float": replace(RMSE, score=as_array),
    "check_inputs_stay_unchanged": replace(RMSE, score=sorts_in_place),
    "check_poor_folds_do_not_raise": replace(ACCURACY, score=needs_two_classes),
    "check_groups_are_known_by_their_rows_alone": replace(BY_GROUP, score=last_group),
}


@parametrize_with_metric_checks([ACCURACY, BY_GROUP, DECODED, LOG_LOSS, RMSE])
def test_a_right_metric_passes(check):
    check()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_metric_is_caught(name):
    with pytest.raises(AssertionError):
        dict(metric_checks(WRONG[name]))[name]()


def test_every_check_has_a_wrong_metric():
    assert {check.__name__ for check in _metrics.CHECKS} == {*WRONG, "check_import_is_light"}
