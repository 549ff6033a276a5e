"""Task: what is predicted, and the one prediction shape that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class TaskKind(Enum):
    """The kinds of prediction problem."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"

    @property
    def is_classification(self) -> bool:
        """True for binary and multiclass tasks."""
        return self is not TaskKind.REGRESSION


@dataclass(frozen=True, slots=True)
class Task:
    """A prediction problem.

    `classes` holds the labels in sorted order, or where they are `ordered` in the order that their categories had; it
    is empty for regression. Predictions of every model have the shape `(n_rows, n_outputs)`: one probability column
    per class in that order, or one column of values.
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

    @property
    def is_rescaled(self) -> bool:
        """Whether learners are given another target than the user's."""
        return self.offset != 0.0 or self.scale != 1.0

    @property
    def stored_as(self) -> str:
        """The type that holds predictions: "float32", "float64" where that would lose a target's digits."""
        return "float64" if self.is_rescaled else "float32"

    @property
    def n_outputs(self) -> int:
        """Number of prediction columns: the classes, or 1 for regression."""
        return len(self.classes) if self.kind.is_classification else 1
