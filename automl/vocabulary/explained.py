"""Explained: what was measured of a model's columns, in figures that hold no row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from automl.vocabulary.arrays import Array
from automl.vocabulary.schema import ColumnKind


@dataclass(frozen=True, slots=True)
class Dependence:
    """Predictions over the values of one column.

    labels: `(n_points,)` the values in words; places: the same as numbers (days since 1970 for dates), None for
    categories. mean: `(n_points, n_outputs)`; curves: `(n_rows, n_points, n_outputs)`, of a few single rows. marks:
    deciles of the column, () for categories.
    """

    column: str
    kind: ColumnKind
    labels: tuple[str, ...]
    places: Array | None
    mean: Array
    curves: Array
    marks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """What was measured on some rows, none of which is in here.

    importance: a frame, as `feature_importance` returns it; origin: in words, whose rows they were.
    """

    importance: Any
    dependence: tuple[Dependence, ...]
    origin: str
    n_rows: int
