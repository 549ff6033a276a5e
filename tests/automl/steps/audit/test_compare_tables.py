"""Rows to predict are compared with those to train on, as far as there are rows, columns and time."""

import time

import numpy as np
import pandas as pd
import pytest

from automl.steps.audit.compare_tables import compare_tables
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.task import Task, TaskKind


def compared(old, new, kind=ColumnKind.NUMERIC, seconds=60):
    frames = [pd.DataFrame({"a": values}) for values in (old, new)]
    schema, task = Schema((Column("a", kind),)), Task(TaskKind.REGRESSION, "y")
    dataset = Dataset(frames[0], np.zeros(len(old)), schema, task, np.arange(len(old)))
    [found] = compare_tables(dataset, frames[1], np.random.default_rng(0), time.monotonic() + seconds)
    return found.found


def test_missing_values_alone_tell_tables_apart():
    assert "curve of 1.000" in compared(np.zeros(100), np.full(100, np.nan))


def test_the_same_rows_are_alike():
    values = np.random.default_rng(0).normal(size=200)
    assert "curve of 0.500 (0.5: alike)" in compared(values, values)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"new": np.zeros(5)}, "fewer than 20 rows"),
        ({"kind": ColumnKind.TEXT}, "no numbers"),
        ({"seconds": -1}, "no time"),
    ],
)
def test_what_cannot_be_compared_says_why(options, why):
    assert why in compared(**{"old": np.zeros(50), "new": np.zeros(50), **options})
