"""Find ends: the least and the most that a target of numbers can be, where its rows show it."""

from __future__ import annotations

import math

from automl.vocabulary.arrays import Array
from automl.vocabulary.task import NO_ENDS

HEAPED_ROWS, HEAPED_SHARE = 10, 0.01
"""So many rows, and this share of them all, with the outermost value are taken for a cap, or a floor: of values that
merely grow rare there is mostly one."""
ONE_SIDED_ROWS = 100
"""From so many rows on, values that all lie on one side of zero are taken always to."""


def ends_of(values: Array) -> tuple[float, float]:
    """Return the least and the most of a target, infinite where there is no such end.

    values: `(n_rows,)`, all finite. A target that is cut off, such as a price that is written as 500,000 above that,
    has many rows at its end; where a value beyond were predicted, it would surely be too much.
    """
    if not len(values):
        return NO_ENDS
    low, high = float(values.min()), float(values.max())
    is_sure = len(values) >= ONE_SIDED_ROWS
    least = low if _is_heaped(values, low) else 0.0 if is_sure and low >= 0 else -math.inf
    most = high if _is_heaped(values, high) else 0.0 if is_sure and high <= 0 else math.inf
    return least, most


def _is_heaped(values: Array, end: float) -> bool:
    return int((values == end).sum()) >= max(HEAPED_ROWS, HEAPED_SHARE * len(values))
