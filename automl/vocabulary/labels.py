"""Labels: the classes of a target as an array that gives back the same values, of the types that they had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.vocabulary.arrays import Array

LARGEST_UNSIGNED = 2**64 - 1


def label_array(classes: Sequence[Any]) -> Array:
    r"""Return `(n_classes,)`: of a type of NumPy's own where that keeps the values, else of objects.

    NumPy's texts of a fixed width lose a trailing "\0", a whole number beyond 2**63 beside a smaller one becomes a
    float, and tuples become another axis.
    """
    if _are_unsigned(classes) and max(classes, default=0) >= 2**63:
        return np.asarray(classes, dtype=np.uint64)
    try:
        made = np.asarray(classes)
    except (ValueError, OverflowError):  # such as sequences of unequal length
        return _objects(classes)
    kept = made.ndim == 1 and made.dtype.kind in "biufSU"
    return made if kept and _same(made.tolist(), classes) else _objects(classes)


def plain_label(label: Any) -> Any:
    """Return a Python value in place of a NumPy scalar, so that labels pickle and print plainly."""
    if isinstance(label, np.datetime64 | np.timedelta64):  # NumPy itself would give a count of nanoseconds
        import pandas as pd

        return pd.Timestamp(label) if isinstance(label, np.datetime64) else pd.Timedelta(label)
    return label.item() if isinstance(label, np.generic) else label


def _are_unsigned(classes: Sequence[Any]) -> bool:
    return all(type(label) is int and 0 <= label <= LARGEST_UNSIGNED for label in classes)


def _same(made: Sequence[Any], given: Sequence[Any]) -> bool:
    return all(type(one) is type(other) and one == other for one, other in zip(made, given, strict=True))


def _objects(classes: Sequence[Any]) -> Array:
    made = np.empty(len(classes), dtype=object)
    for place, label in enumerate(classes):
        made[place] = label
    return made
