"""What is unusual about values is told, and a target that could have been taken for something else."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from automl.registry import discover
from automl.steps.plan.find_ends import with_ends
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.read_target import ReadTarget
from automl.steps.plan.understand import dataset_of
from automl.table.take_table import Extras, take_table
from automl.vocabulary.findings import Severity
from automl.vocabulary.schema import Schema
from tests.plugins.tasks.test_audit_classes import RNG, audited

KNOWN = discover()
N = 300


def told(values, wanted=None) -> str:
    table = take_table(pd.DataFrame({"a": np.arange(N), "y": values}), "y", Extras())
    task, target = infer_task(table.target, "y", wanted, KNOWN)
    dataset = dataset_of(table, table.features, Schema(()), with_ends(task, target), target)
    tells = KNOWN.task_spec(task.kind).tells
    found = tells(ReadTarget(table.target, "y", wanted), dataset)
    return "; ".join(f"{each.found}: {each.done}. {each.advice}" for each in found)


@pytest.mark.parametrize(
    ("values", "wanted", "said"),
    [
        (np.arange(N) % 26, None, "26 different whole numbers, each in 12 rows.*as numbers.*'classification'"),
        (np.arange(N) % 5 + 1, None, "5 different whole numbers, from 1 to 5: they.*classes.*'regression'"),
        (pd.to_timedelta(np.arange(N), "s"), "regression", "holds durations: they are predicted.*as seconds"),
        (np.minimum(np.arange(N) / 7, 40), None, "6.7% of the rows have the largest value, 40.*nothing above it is p"),
        (np.maximum(np.arange(N) / 7, 2), None, "5.0% of the rows have the smallest value, 2.*what would lie below it"),
        (pd.Categorical(["b", "a", "c"] * 100, ["b", "a", "c"], ordered=True), None, "ordered: b < a < c"),
    ],
)  # fmt: skip
def test_what_is_in_doubt_is_told(values, wanted, said):
    assert re.search(said, told(values, wanted))


@pytest.mark.parametrize(
    ("values", "wanted"),
    [(np.arange(N) % 26, "regression"), (np.arange(N) % 3, None), (np.arange(N) % 5 + 1, "classification"),
     (np.arange(N), None), (np.arange(N) / 7, None), (["a", "b", "c"] * 100, None), ([True, False] * 150, None)],
)  # fmt: skip
def test_what_is_clear_is_not(values, wanted):
    assert told(values, wanted) == ""


def test_zeros_that_prevail_are_told_with_their_share():
    [found] = audited(np.append(np.zeros(60), RNG.normal(5, 1, 40)))
    assert found.found == "60.0% of the rows have the value 0"


def test_outliers_that_make_the_variance_are_a_warning():
    [found] = audited(np.append(RNG.normal(size=500), [1e4, -2e4]))
    assert found.severity is Severity.WARNING
    assert found.found.startswith("2 values lie more than 10 interquartile ranges")


def test_a_target_that_hardly_varies_has_no_division_by_zero():
    found = audited(np.append(np.ones(99), 2.0))
    assert [each.severity for each in found] == [Severity.WARNING]
