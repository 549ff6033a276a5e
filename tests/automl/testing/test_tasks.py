"""The task checks pass tasks that keep the contract, and catch one that breaks it, check by check."""

import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from automl.plugin_api import BorrowedLearner, Loan, ReportTable
from automl.testing import _tasks, parametrize_with_task_checks, task_checks
from automl_builtins.tasks.classes import BINARY, MULTICLASS
from automl_builtins.tasks.values import REGRESSION
from tests.automl.testing.toy_tasks import RIGHT, as_classes, lend, take


def locked(lock, dataset, n_folds):
    return ()


def take_backwards(target):
    task, codes = take(target)
    return task, len(task.classes) - 1 - codes


def decide_by_place(outputs, task):
    return np.arange(len(outputs))[::-1]


def strata_by_row(target, task):
    return np.arange(len(target)) % 2


def ragged(target, outputs, decided, task):
    yield ReportTable("Off", "", ("ranks", "rows"), (("0",),))


class Doubled(BorrowedLearner):
    def back(self, outputs):
        return 2.0 * outputs


class HoldsFunction(BorrowedLearner):
    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        self.turn = lambda outputs: outputs


def lend_as(kind):
    def lent(request, build):
        plain = lend(request, build)
        return kind(plain.inner, plain.task)

    return (Loan(as_classes, lent),)


WRONG = {
    "check_spec_pickles": replace(RIGHT, audit=partial(locked, threading.Lock())),
    "check_declarations": replace(RIGHT, name="another"),
    "check_the_target_comes_back": replace(RIGHT, take=take_backwards),
    "check_every_class_is_decided_where_it_is_certain": replace(RIGHT, decide=decide_by_place),
    "check_the_metric_prefers_what_is_right": replace(RIGHT, metric="absent"),
    "check_borrowed_models_give_valid_outputs": replace(RIGHT, loans=lend_as(Doubled)),
    "check_borrowed_models_are_saved": replace(RIGHT, loans=lend_as(HoldsFunction)),
    "check_folds_keep_strata": replace(RIGHT, strata=strata_by_row),
    "check_tables_of_reports": replace(RIGHT, shows=ragged),
}


@parametrize_with_task_checks([RIGHT, BINARY, MULTICLASS, REGRESSION])
def test_a_right_task_passes(check):
    check()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_task_is_caught(name):
    with pytest.raises(AssertionError):
        dict(task_checks(WRONG[name]))[name]()


def test_every_check_has_a_wrong_task():
    assert {check.__name__ for check in _tasks.CHECKS} == {*WRONG, "check_import_is_light"}
