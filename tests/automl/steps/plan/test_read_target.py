"""A target column is read as classes or as numbers, by who asks for it."""

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError
from automl.steps.plan.read_target import ReadTarget, encode_labels
from automl.vocabulary.task import TaskKind

RANKS = TaskKind("ranks")


def column(values, asked=None):
    return ReadTarget(pd.Series(values), "y", asked)


def test_classes_are_read_in_the_order_of_their_categories_for_any_kind_of_task():
    values = pd.Categorical(["low", "high", "middle"] * 4, ["low", "middle", "high"], ordered=True)
    task, codes = column(values).as_classes(RANKS)
    assert (task.kind, task.classes, task.ordered) == (RANKS, ("low", "middle", "high"), True)
    assert codes[:3].tolist() == [0, 2, 1]
    assert encode_labels(pd.Series(["middle", "low"]), task).tolist() == [1, 0]


def test_numbers_are_read_for_any_kind_of_task():
    task, values = column([1.5, 2.5, 4.0] * 4).as_numbers(RANKS)
    assert (task.kind, task.classes, values[:2].tolist()) == (RANKS, (), [1.5, 2.5])
    assert encode_labels(pd.Series([9.0]), task).tolist() == [9.0]


def test_dates_are_no_numbers_whoever_asks():
    dates = pd.to_datetime(np.arange(12), unit="D")
    for asked in (None, "regression", "ranks"):
        with pytest.raises(InputError, match="holds dates"):
            column(dates, asked).as_numbers(RANKS)


def test_text_and_few_whole_numbers_seem_classes_and_measured_numbers_do_not():
    assert column(["a", "b", "c"] * 5).seems_classes()
    assert column([1, 2, 3] * 5).seems_classes()
    assert not column(np.linspace(0, 1, 30)).seems_classes()
