"""The tasks of classes claim what looks like classes, and take what is said to be."""

import pandas as pd
import pytest

from automl.errors import InputError
from automl.steps.plan.read_target import ReadTarget
from automl_builtins.tasks.classes import BINARY, MULTICLASS


def target(values, asked=None):
    return ReadTarget(pd.Series(values), "y", asked)


def test_two_different_values_are_two_classes_and_more_are_not():
    assert BINARY.claims(target([0, 5] * 4))
    assert not BINARY.claims(target([0, 5, 6] * 4))


def test_dates_are_claimed_by_nobody_unless_they_are_said_to_be_classes():
    days = pd.to_datetime(["2024-01-01", "2024-01-02"] * 4)
    with pytest.raises(InputError, match="holds dates"):
        BINARY.claims(target(days))
    assert BINARY.claims(target(days, "classification"))


def test_numbers_that_are_said_to_be_classes_are_claimed():
    values = [value / 7 for value in range(30)]
    assert not MULTICLASS.claims(target(values))
    assert MULTICLASS.claims(target(values, "classification"))


def test_exactly_two_classes_are_taken_for_two():
    with pytest.raises(InputError, match="has 3 classes; task='binary' expects exactly 2"):
        BINARY.take(target(["a", "b", "c"] * 4))
    task, codes = BINARY.take(target(["b", "a"] * 4))
    assert (task.kind.value, task.classes, codes.tolist()) == ("binary", ("a", "b"), [1, 0] * 4)
