"""Outputs are made valid, judged and dealt by their mathematical form alone."""

from dataclasses import replace

import numpy as np
import pytest

from automl.vocabulary.outputs import (
    as_predicted,
    certain_outputs,
    decided_outputs,
    form_of,
    has_form,
    output_names,
    reviewed_as,
    strata_of,
    told_outputs,
    valid_outputs,
)
from automl.vocabulary.task import Block, Task, TaskKind, Trait, of_several

RATING = Task(TaskKind("ordinal"), "rating", (1, 2, 3), ordered=True)
VALUES = Task(TaskKind.REGRESSION, "y")
MIXED = Task(
    TaskKind("mixed"),
    "y",
    parts=(
        Block("topic", ("a", "b"), Trait.SIMPLEX),
        Block("tags", ("x", "y"), Trait.INDEPENDENT),
        Block("levels", trait=Trait.ORDERED, n_numbers=3),
        Block("rank", trait=Trait.SCORE),
    ),
)
OUTPUTS = np.array([[3.0, 1.0, 1.4, 0.2, 5.0, 1.0, 2.0, -7.0], [0.0, 0.0, -1.0, 0.5, 1.0, 2.0, 3.0, 0.1]])


def test_each_block_is_made_valid_by_its_own_trait():
    found = valid_outputs(OUTPUTS, MIXED)
    assert found.tolist() == [
        [0.5, 0.5, 1.0, 0.2, 1.0, 2.0, 5.0, -7.0],
        [0.5, 0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 0.1],
    ]
    assert has_form(found, MIXED, 0.0)
    assert not has_form(OUTPUTS, MIXED, 1e-3)


def test_values_stay_as_they_are():
    values = np.array([[1.5], [-2.0]], dtype=np.float32)
    assert valid_outputs(values, VALUES) is values


def test_values_and_quantiles_lie_between_the_ends_of_their_target_and_scores_anywhere():
    values = np.array([[-3.0], [0.5], [7.0]])
    assert valid_outputs(values, replace(VALUES, ends=(0.0, np.inf))).ravel().tolist() == [0.0, 0.5, 7.0]
    assert valid_outputs(values, replace(VALUES, ends=(-np.inf, 1.0))).ravel().tolist() == [-3.0, 0.5, 1.0]
    capped, floored = replace(VALUES, ends=(-np.inf, 1.0)), replace(VALUES, target="z", ends=(0.0, np.inf))
    quantiles = replace(capped, parts=(Block("y", trait=Trait.ORDERED, levels=(0.1, 0.9)),))
    assert valid_outputs(np.array([[3.0, 0.5]]), quantiles).tolist() == [[0.5, 1.0]]
    assert valid_outputs(np.array([[3.0]]), replace(capped, parts=(Block("y", trait=Trait.SCORE),))).tolist() == [[3.0]]
    both = of_several(TaskKind("several"), (capped, floored), (Block("y"), Block("z")))
    assert valid_outputs(np.array([[3.0, 3.0], [-3.0, -3.0]]), both).tolist() == [[1.0, 3.0], [-3.0, 0.0]]


@pytest.mark.parametrize(("place", "value"), [(0, 0.6), (2, 1.1), (4, 2.5)])
def test_outputs_that_break_one_block_have_not_the_form(place, value):
    found = valid_outputs(OUTPUTS, MIXED)
    found[0, place] = value
    assert not has_form(found, MIXED, 1e-3)


def test_the_form_is_told_in_words_for_each_kind_of_block():
    assert form_of(RATING) == "probabilities; expected numbers from 0 to 1 that add up to 1 in each row"
    assert "never fall" in form_of(MIXED)


def test_the_largest_decided_output_is_the_class_whatever_decides():
    outputs = np.array([[0.5, 0.2, 0.3], [0.1, 0.2, 0.7]])

    def middle(outputs, task):
        return np.full(len(outputs), task.classes.index(2))

    assert decided_outputs(outputs, RATING, None, None) is outputs
    assert decided_outputs(outputs, RATING, np.array([1.0, 9.0, 1.0]), None).argmax(axis=1).tolist() == [1, 1]
    assert decided_outputs(outputs, RATING, None, middle).argmax(axis=1).tolist() == [1, 1]


def test_rows_are_dealt_by_class_where_there_are_classes():
    target = np.array([0, 2, 1])
    assert strata_of(target, RATING) is target
    assert strata_of(np.array([0.5, 1.5]), VALUES) is None


def test_one_output_tells_of_two_classes_and_of_a_value_and_each_of_more():
    two = Task(TaskKind("ranks"), "rating", ("low", "high"))
    assert [told_outputs(task) for task in (two, RATING, VALUES)] == [[1], [0, 1, 2], [0]]
    assert [output_names(task) for task in (two, RATING, VALUES)] == [["low", "high"], ["1", "2", "3"], ["y"]]
    assert output_names(MIXED) == ["a", "b", "x", "y", "levels 1", "levels 2", "levels 3", "rank"]


@pytest.mark.parametrize(
    ("parts", "shape", "names"),
    [
        ((), (2,), ["y"]),
        ((Block("score", trait=Trait.SCORE),), (2,), ["score"]),
        ((Block("y", trait=Trait.ORDERED, levels=(0.5,)),), (2, 1), ["y_0.5"]),
        ((Block("y", trait=Trait.ORDERED, levels=(0.05, 0.95)),), (2, 2), ["y_0.05", "y_0.95"]),
    ],
)
def test_a_row_of_one_plain_number_is_predicted_as_that_and_quantiles_are_named_by_level(parts, shape, names):
    task = Task(TaskKind("numbers"), "y", parts=parts)
    assert as_predicted(np.zeros((2, task.n_outputs)), task).shape == shape
    assert output_names(task) == names


def test_the_level_nearest_to_a_half_is_reviewed_as_a_value():
    task = Task(TaskKind("levels"), "y", parts=(Block("y", trait=Trait.ORDERED, levels=(0.1, 0.4, 0.9)),))
    trait, found = reviewed_as(np.array([[1.0, 2.0, 3.0]]), task)
    assert (trait, found.tolist()) == (Trait.REAL, [[2.0]])
    assert reviewed_as(OUTPUTS, MIXED)[0] is None


def test_certain_outputs_are_the_class_or_the_value_at_every_level():
    assert certain_outputs(np.array([2, 0]), RATING).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    levels = Task(TaskKind("levels"), "y", parts=(Block("y", trait=Trait.ORDERED, levels=(0.1, 0.9)),))
    assert certain_outputs(np.array([1.5]), levels).tolist() == [[1.5, 1.5]]
