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

    @property
    def n_outputs(self) -> int:
        """Number of prediction columns: the classes, or 1 for regression."""
        return len(self.classes) if self.kind.is_classification else 1
