"""Texts that describe labels come to the classes of a target; one of no class is refused."""

import pandas as pd
import pytest

from automl.errors import OptionError
from automl.plugin_api import Task, TaskKind
from automl.steps.plan.describe_classes import describe_classes, with_described_rows

TASK = Task(TaskKind.MULTICLASS, "y", (1, 2, 3))


def test_each_class_has_its_texts_in_the_order_of_the_classes():
    made = describe_classes(TASK, ((3, ("three",)), (1, ("one", "uno"))))
    assert made.descriptions == (("one", "uno"), (), ("three",))
    assert (made.kind, made.classes) == (TASK.kind, TASK.classes)


def test_without_texts_the_task_stays_as_it_is():
    assert describe_classes(TASK, ()) is TASK


def test_a_label_may_be_written_as_text_as_a_command_line_has_it():
    assert describe_classes(TASK, (("2", ("two",)), (2, ("due",)))).descriptions[1] == ("two", "due")


def test_a_description_of_no_class_is_refused_with_those_there_are():
    with pytest.raises(OptionError, match=r"Unknown label in the option label_texts 4\. .*Known: 1, 2, 3\."):
        describe_classes(TASK, ((4, ("four",)),))


def test_descriptions_of_classes_are_refused_where_there_are_none():
    with pytest.raises(OptionError, match="for a regression task, which has no such classes"):
        describe_classes(Task(TaskKind.REGRESSION, "y"), ((4, ("four",)),))


def test_a_single_row_of_a_described_label_has_one_more():
    target = pd.Series([2, 1, 1, 3])
    assert with_described_rows(target, (("2", ("two",)), (1, ("one",)))).tolist() == [2, 1, 1, 3, 2]
    assert with_described_rows(target, ((1, ("one",)),)) is target
    assert with_described_rows(target, ()) is target


def test_values_that_cannot_be_compared_are_left_for_others_to_refuse():
    target = pd.Series([["a"], ["b"]])
    assert with_described_rows(target, (("a", ("one",)),)) is target


def test_categories_stay_categories():
    target = pd.Series(pd.Categorical(["a", "b", "b"], categories=["b", "a"], ordered=True))
    assert with_described_rows(target, (("a", ("one",)),)).dtype == target.dtype
