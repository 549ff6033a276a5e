"""Task: what is predicted, and the one prediction shape that follows from it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any


class TaskKind(Enum):
    """The name of a kind of prediction problem, of which there is one object each: compare by `is`.

    Kinds are open: `TaskKind("ordinal")` names one that a plugin offers as a `TaskSpec`. The members are those that
    come with the engine.
    """

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"

    @classmethod
    def _missing_(cls, value: object) -> TaskKind | None:
        """Return the one object for another kind's name; anything but a name is no kind."""
        if not isinstance(value, str) or not value:
            return None
        if value not in _OTHERS:
            made = object.__new__(cls)
            made._name_ = made._value_ = value
            _OTHERS[value] = made
        return _OTHERS[value]

    @property
    def is_classification(self) -> bool:
        """True for binary and multiclass tasks; `Task.has_classes` tells it of every task."""
        return self in (TaskKind.BINARY, TaskKind.MULTICLASS)


_OTHERS: dict[str, TaskKind] = {}
"""Kinds that are no members, by name; a process that unpickles one comes to its own object for it."""


class Trait(StrEnum):
    """The mathematical form of the outputs of a block."""

    SIMPLEX = "simplex"
    """Probabilities of classes of which each row has one: they sum to one."""
    INDEPENDENT = "independent"
    """Probabilities each for itself, from 0 to 1."""
    REAL = "real"
    """Any numbers."""
    ORDERED = "ordered"
    """Numbers that do not fall from one output to the next, such as quantiles."""
    SCORE = "score"
    """Numbers of which only the order within a group counts."""


@dataclass(frozen=True, slots=True)
class Block:
    """Outputs of one name and one form, side by side.

    classes: the labels that outputs are the probabilities of, in their order; empty for numbers. n_numbers: how many
    outputs a block without classes has. levels: of quantiles the share of targets that lies below each, rising, one an
    output. grades: of scores, the values of the target that they are to put in order, from low to high, where those are
    few.
    """

    name: str
    classes: tuple[Any, ...] = ()
    trait: Trait = Trait.REAL
    n_numbers: int = 1
    levels: tuple[float, ...] = ()
    grades: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Number of its outputs."""
        return len(self.classes) or len(self.levels) or self.n_numbers


NO_ENDS = (-math.inf, math.inf)
"""Ends of a target whose values may lie anywhere."""


@dataclass(frozen=True, slots=True)
class Task:
    """A prediction problem.

    `classes` holds the labels in sorted order, or where they are `ordered` in the order that their categories had; it
    is empty for numbers. Predictions of every model have the shape `(n_rows, n_outputs)`: the outputs of the task's
    blocks side by side. Where no `parts` are given there is one block: a probability for each class in that order, or
    one column of values.
    """

    kind: TaskKind
    target: str
    classes: tuple[Any, ...] = ()
    ordered: bool = False
    number_format: str = ""
    """How values written as text are read: see `Column`; "" for plain numbers."""
    offset: float = 0.0
    scale: float = 1.0
    """Learners of numbers are given `(target - offset) / scale`, where float32 or their sums would lose the target's
    digits; everything else sees the target as it is."""
    parts: tuple[Block, ...] = ()
    """The blocks of outputs, where they are others than follow from `classes`."""
    grouped_by: str = ""
    """The column that says which group a row is of, for a task that is about groups; "" where they came as an array."""
    descriptions: tuple[tuple[str, ...], ...] = ()
    """Of each class the texts that say what it is, as a user gave them; none at all where nobody gave any."""
    targets: tuple[Task, ...] = ()
    """Where there are several target columns, the task of each alone, in their order; block by block, `parts` holds the
    outputs of each. `target` then names them in words."""
    ends: tuple[float, float] = NO_ENDS
    """Where the values of a target of numbers end: the least and the most that is predicted."""

    @property
    def target_names(self) -> tuple[str, ...]:
        """The names of the target columns, of which there is mostly one."""
        return tuple(each.target for each in self.targets) or (self.target,)

    @property
    def named(self) -> tuple[str, ...]:
        """The names of the columns that the task is about and models do not see: targets, and that of the groups."""
        return (*self.target_names, *((self.grouped_by,) if self.grouped_by else ()))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What the outputs are, block after block."""
        return self.parts or (Block(self.target, self.classes, Trait.SIMPLEX if self.classes else Trait.REAL),)

    @property
    def has_classes(self) -> bool:
        """Whether each row is of one of the `classes`, and outputs are their probabilities."""
        return bool(self.classes)

    @property
    def has_some_classes(self) -> bool:
        """Whether classes are predicted, of one target at least where there are several."""
        return any(each.has_classes for each in self.targets or (self,))

    @property
    def has_only_classes(self) -> bool:
        """Whether classes are predicted, of each target where there are several."""
        return all(each.has_classes for each in self.targets or (self,))

    @property
    def like(self) -> TaskKind:
        """The kind of the engine's own whose outputs have the same form, its own where it has a form of its own.

        What goes by the form of outputs alone, such as a metric or a way to combine predictions, suits both.
        """
        if self.parts or self.kind in tuple(TaskKind):
            return self.kind
        if not self.classes:
            return TaskKind.REGRESSION
        return TaskKind.BINARY if len(self.classes) == 2 else TaskKind.MULTICLASS

    def is_one_of(self, kinds: Collection[TaskKind]) -> bool:
        """Tell whether what is for these kinds, by the form of their outputs, is for this task too."""
        return self.kind in kinds or self.like in kinds

    @property
    def told_by(self) -> int | None:
        """The one output that tells all: the second of two classes, or the value; None where there are several."""
        if self.like is TaskKind.BINARY:
            return 1
        return 0 if self.like is TaskKind.REGRESSION else None

    @property
    def is_rescaled(self) -> bool:
        """Whether learners are given another target than the user's."""
        return self.offset != 0.0 or self.scale != 1.0 or any(each.is_rescaled for each in self.targets)

    @property
    def stored_as(self) -> str:
        """The type that holds predictions: "float32", "float64" where that would lose a target's digits."""
        return "float64" if self.is_rescaled else "float32"

    @property
    def n_outputs(self) -> int:
        """Number of prediction columns: the classes, or 1 for a single value."""
        return sum(block.width for block in self.parts) if self.parts else len(self.classes) or 1


MOST_NAMED = 3
"""Target columns that are named where several are told in words."""


def in_words(names: Sequence[str]) -> str:
    """Return the names of several target columns as one text."""
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"


def of_several(kind: TaskKind, targets: Sequence[Task], parts: Sequence[Block]) -> Task:
    """Return the task of several target columns, each with the task that it is alone and the block of its outputs."""
    name = in_words([each.target for each in targets])
    return Task(kind, name, parts=tuple(parts), targets=tuple(targets))
