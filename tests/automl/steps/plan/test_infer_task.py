"""The task follows from the target's values, and a target that cannot be predicted is refused."""

from __future__ import annotations

import datetime
import decimal
import uuid

import numpy as np
import pandas as pd
import pluggy
import pyarrow
import pytest

from automl.errors import InputError, OptionError, PluginError
from automl.plugin_api import TaskSpec, hookimpl, hookspecs
from automl.registry import Registry
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.read_target import encode_labels
from automl.vocabulary.task import Task, TaskKind
from automl_builtins.tasks import classes, quantiles
from automl_builtins.tasks import values as values_task


def own_tasks() -> Registry:
    manager = pluggy.PluginManager("automl")
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager)
    registry.add("classes", classes)
    registry.add("values", values_task)
    return registry


def infer(values, wanted=None):
    return infer_task(pd.Series(values, name="y"), "y", wanted, own_tasks())


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 1] * 10, TaskKind.BINARY),
        (["no", "yes"] * 10, TaskKind.BINARY),
        (pd.array([True, False] * 10, dtype="boolean"), TaskKind.BINARY),
        ([0.0, 1.0] * 10, TaskKind.BINARY),
        ([1, 2, 3] * 10, TaskKind.MULTICLASS),
        (["a", "b", "c"] * 10, TaskKind.MULTICLASS),
        (pd.Categorical([1, 2, 3] * 10, ordered=True), TaskKind.MULTICLASS),
        ([1.0, 2.0, 3.0] * 10, TaskKind.MULTICLASS),
        (np.arange(100), TaskKind.REGRESSION),
        ([1, 2, 3, 4], TaskKind.REGRESSION),
        (np.linspace(0, 1, 30), TaskKind.REGRESSION),
        (np.repeat([0.5, 1.5, 2.5], 10), TaskKind.REGRESSION),
        (np.repeat(np.arange(30), 20), TaskKind.REGRESSION),
        ([str(value / 7) for value in range(60)], TaskKind.REGRESSION),
        ([f"${value},234.50" for value in range(1, 61)], TaskKind.REGRESSION),
        ([f"{value},5" for value in range(1, 61)], TaskKind.REGRESSION),
        (["a", "b", "1", "2"] * 10, TaskKind.MULTICLASS),
        ([decimal.Decimal(value) / 7 for value in range(60)], TaskKind.REGRESSION),
        (pd.array(np.linspace(0, 1, 30), dtype=pd.ArrowDtype(pyarrow.float64())), TaskKind.REGRESSION),
        (pd.array([str(v / 7) for v in range(60)], dtype=pd.ArrowDtype(pyarrow.string())), TaskKind.REGRESSION),
        (pd.array(range(60), dtype="Int64"), TaskKind.REGRESSION),
    ],
)
def test_the_values_tell_the_task(values, kind):
    assert infer(values)[0].kind is kind


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["b", "a", "b", "a"], ("a", "b")),
        (np.array([3, 1, 3, 1], dtype=np.int8), (1, 3)),
        (pd.Categorical(["lo", "hi", "lo", "hi"], ["lo", "mid", "hi"], ordered=True), ("lo", "hi")),
        (pd.Categorical(["lo", "hi", "lo", "hi"], ["lo", "mid", "hi"]), ("hi", "lo")),
        (pd.array([True, False, True, False], dtype="boolean"), (False, True)),
        (pd.array(["b", "a", "b", "a"], dtype=pd.ArrowDtype(pyarrow.string())), ("a", "b")),
    ],
)
def test_classes_are_plain_values_in_order_and_the_target_their_positions(values, classes):
    task, encoded = infer(values)
    assert task.classes == classes
    assert not any(isinstance(label, np.generic) for label in task.classes)
    assert [task.classes[code] for code in encoded] == list(values)


@pytest.mark.parametrize("as_objects", [False, True])
def test_durations_are_predicted_as_seconds_where_a_regression_is_asked_for_else_refused(as_objects):
    values = pd.Series(pd.to_timedelta(np.arange(1, 61), unit="min"))
    values = pd.Series([each.to_pytimedelta() for each in values], dtype=object) if as_objects else values
    with pytest.raises(InputError, match=r"holds durations; expected numbers or classes\. Pass task='regression'"):
        infer(values)
    task, target = infer(values, "regression")
    assert target[:2].tolist() == [60.0, 120.0]
    assert encode_labels(values, task).tolist() == target.tolist()
    assert infer(pd.concat([values[:3]] * 10))[0].kind is TaskKind.MULTICLASS


def test_classes_may_be_given_as_the_text_that_a_file_has_for_them():
    months = pd.period_range("2024-01", periods=3, freq="M")
    task, encoded = infer(list(months) * 5)
    assert encode_labels(pd.Series(["2024-01", "2024-02", "2024-03"] * 5), task).tolist() == encoded.tolist()


def test_values_of_one_type_that_can_be_hashed_are_labels():
    values = [uuid.UUID(int=number) for number in (3, 1, 2)] * 5
    task, encoded = infer(pd.Series(values, dtype=object))
    assert [task.classes[code] for code in encoded] == values


def test_labels_survive_encoding_in_another_type_of_the_same_value():
    task, encoded = infer([1, 2, 3] * 5)
    assert encode_labels(pd.Series([1.0, 2.0, 3.0] * 5), task).tolist() == encoded.tolist()


def test_an_unknown_label_is_named():
    task, _ = infer(["a", "b"] * 5)
    with pytest.raises(InputError, match=r"holds 'c'.*\['a', 'b'\]"):
        encode_labels(pd.Series(["a", "c"]), task)


@pytest.mark.parametrize(
    ("values", "wanted", "said"),
    [
        ([5] * 10, None, "single value 5"),
        (["x"] * 10, None, "single value 'x'"),
        ([f"id{i}" for i in range(30)], None, "Each of the 30 classes"),
        (["a", "b", "c", "d"], "classification", "single row"),
        (["a"] * 9 + ["b"], None, "class 'b' of the target 'y' has a single row"),
        ([0, 1], None, "single row"),
        (["a", "b", "c"] * 4, "binary", "3 classes"),
        (["a", "b", "c"] * 4, "regression", "such as 'a'"),
        ([1.0, np.inf, 2.0, 3.5], "regression", "not finite"),
        ([1.0, np.inf] * 4, None, "infinite"),
        ([1, "a"] * 5, None, "types int, str"),
        ([[1], [2]] * 5, None, "types list"),
        (pd.date_range("2024", periods=40), None, "holds dates"),
        (pd.period_range("2024", periods=40, freq="M"), None, "holds dates"),
        ([datetime.date(2024, 1, day) for day in range(1, 30)] * 2, None, "holds dates"),
        ([datetime.date(2024, 1, day) for day in range(1, 10)] * 2, "regression", "holds dates"),
        ([datetime.date(2024, 1, day) for day in range(1, 20)], None, "single row"),
    ],
)
def test_a_target_that_cannot_be_predicted_is_refused(values, wanted, said):
    with pytest.raises(InputError) as caught:
        infer(pd.Series(values, dtype=object) if isinstance(values, list) else values, wanted)
    assert said in str(caught.value)
    assert "expect" in str(caught.value)


def test_an_unknown_task_suggests_the_nearest():
    with pytest.raises(OptionError, match="Did you mean 'regression'"):
        infer([1, 2, 3, 4], "regresion")


def test_a_rare_class_among_several_may_stand_alone():
    task, encoded = infer(["a"] * 5 + ["b"] * 5 + ["c"])
    assert task.kind is TaskKind.MULTICLASS
    assert np.bincount(encoded).tolist() == [5, 5, 1]


def test_numbers_written_with_units_are_read_at_fit_and_later():
    values = [f"${value},234.50" for value in range(1, 61)]
    task, target = infer(values)
    assert target[:2].tolist() == [1234.5, 2234.5]
    assert encode_labels(pd.Series(values[:30]), task)[-1] == 30234.5


def test_numbers_that_can_be_read_in_two_ways_are_refused_rather_than_taken_for_classes():
    values = [f"{value},500" for value in range(101, 161)]
    with pytest.raises(InputError, match=r"holds numbers as text, such as '101,500', which can be read in more than"):
        infer(values)
    assert infer(values * 2, "classification")[0].kind is TaskKind.MULTICLASS


def test_few_cells_that_are_no_number_are_mistakes_among_numbers_and_named():
    values = [str(value / 7) for value in range(60)]
    values[17] = "unknown"
    with pytest.raises(InputError, match=r"1 of 60 values that are not finite numbers, such as 'unknown' in row 17"):
        infer(values)


def test_words_that_are_asked_to_be_numbers_are_refused():
    with pytest.raises(InputError, match=r"holds no finite numbers, but values such as 'low'; expected numbers"):
        infer(["low", "high"] * 10, "regression")


def test_a_class_that_is_missing_where_rows_are_scored_is_told_with_its_row():
    task, _ = infer_task(pd.Series(["a", "b", "a", "b"]), "y", None, own_tasks())
    with pytest.raises(InputError, match=r"missing in 1 of 2 rows, the first of them row 1.*dropna\(subset=\['y'\]\)"):
        encode_labels(pd.Series(["a", None]), task)


class Broken:
    """Offers a task that breaks whenever it is asked, before all others."""

    @hookimpl
    def automl_tasks(self):
        return [TaskSpec("broken", take=self.breaks, metric="accuracy", claims=self.breaks, rank=0)]

    @staticmethod
    def breaks(_):
        raise KeyError("gone")


def test_a_task_that_breaks_when_it_is_asked_is_passed_over_and_listed():
    registry = own_tasks()
    registry.add("broken", Broken())
    task, _ = infer_task(pd.Series([0, 1] * 10), "y", None, registry)
    assert task.kind is TaskKind.BINARY
    (failure,) = registry.failures
    assert (failure.model, failure.stage, failure.cause) == ("broken", "task", "KeyError: 'gone'")


def test_a_task_that_cannot_take_its_target_is_named():
    registry = own_tasks()
    registry.add("broken", Broken())
    with pytest.raises(PluginError, match="task 'broken' cannot take the target 'y': KeyError: 'gone'"):
        infer_task(pd.Series([0, 1] * 10), "y", "broken", registry)


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        (5, "cannot unpack"),
        ((Task(TaskKind("odd"), "y"), [[0.0], [1.0]]), r"shape \(2, 1\); expected \(2,\)"),
        ((Task(TaskKind("other"), "y"), [0.0, 1.0]), "expected a Task of the kind 'odd'"),
        ((Task(TaskKind("odd"), "y", ("a", "b")), [1, 2]), "whole numbers from 0 to 1"),
        ((Task(TaskKind("odd"), "y", ("a", "b")), [0.0, 1.0]), "class numbers are float64"),
    ],
)
def test_a_task_that_makes_something_else_of_a_target_is_named(taken, said):
    class Offers:
        @hookimpl
        def automl_tasks(self):
            return [TaskSpec("odd", lambda target: taken, metric="rmse")]

    registry = own_tasks()
    registry.add("offers", Offers())
    with pytest.raises(PluginError, match=f"The task 'odd' cannot take the target 'y'.*{said}"):
        infer_task(pd.Series([1.0, 2.0]), "y", "odd", registry)


def test_an_option_for_another_task_is_refused_with_the_task_that_it_is_for():
    registry = own_tasks()
    registry.add("quantiles", quantiles)
    numbers = pd.Series([0.5, 1.5, 2.5] * 9)
    asked = {"quantiles": (0.1, 0.9)}
    with pytest.raises(OptionError, match=r"for a regression task.*expected it with task='quantile'"):
        infer_task(numbers, "y", "regression", registry, options=asked)
    task, _ = infer_task(numbers, "y", "quantile", registry, options=asked)
    assert task.blocks[0].levels == (0.1, 0.9)
    assert infer_task(numbers, "y", None, registry, options={"quantiles": None})[0].kind is TaskKind.REGRESSION
