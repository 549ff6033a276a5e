"""A task names its kind, which may be any, and says of what form its outputs are."""

import copy
import pickle

import pytest

from automl.vocabulary.task import Block, Task, TaskKind, Trait

BINARY = Task(TaskKind.BINARY, "y", (0, 1))
THREE = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))
VALUES = Task(TaskKind.REGRESSION, "y")
RATING = Task(TaskKind("ordinal"), "rating", (1, 2, 3), ordered=True)


def test_a_task_has_one_output_a_class_and_one_for_numbers():
    assert [task.n_outputs for task in (VALUES, BINARY, THREE, RATING)] == [1, 2, 3, 3]
    assert [task.has_classes for task in (VALUES, BINARY, THREE, RATING)] == [False, True, True, True]


def test_a_kind_of_any_name_is_one_object_in_every_copy():
    kind = TaskKind("ordinal")
    assert kind is TaskKind("ordinal")
    assert pickle.loads(pickle.dumps(kind)) is kind
    assert copy.deepcopy(RATING).kind is kind
    assert (kind.value, kind.name, kind.is_classification) == ("ordinal", "ordinal", False)
    assert kind not in tuple(TaskKind)


def test_the_kinds_of_the_engine_are_found_by_their_names():
    assert TaskKind("binary") is TaskKind.BINARY
    assert [kind for kind in TaskKind if kind.is_classification] == [TaskKind.BINARY, TaskKind.MULTICLASS]


@pytest.mark.parametrize("value", [3, "", None])
def test_a_kind_has_a_name(value):
    with pytest.raises(ValueError, match="not a valid TaskKind"):
        TaskKind(value)


def test_a_task_has_one_block_where_none_is_named():
    assert THREE.blocks == (Block("y", ("a", "b", "c"), Trait.SIMPLEX),)
    assert VALUES.blocks == (Block("y"),)


def test_outputs_of_several_blocks_stand_side_by_side():
    levels = Block("y", trait=Trait.ORDERED, n_numbers=5)
    task = Task(TaskKind("several"), "y", parts=(Block("topic", ("a", "b", "c"), Trait.SIMPLEX), levels))
    assert task.n_outputs == 8
    assert task.like is task.kind
    assert task.told_by is None


def test_a_task_is_like_that_of_the_engine_whose_outputs_have_its_form():
    for task in (BINARY, THREE, VALUES):
        assert task.like is task.kind
    assert RATING.like is TaskKind.MULTICLASS
    assert Task(TaskKind("risk"), "y", (0, 1)).like is TaskKind.BINARY
    assert Task(TaskKind("duration"), "y").like is TaskKind.REGRESSION


def test_one_output_tells_all_of_two_classes_and_of_a_value():
    assert [task.told_by for task in (BINARY, THREE, VALUES)] == [1, None, 0]
