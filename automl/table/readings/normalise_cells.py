"""Normalise cells: objects of any make become the plain values that they stand for, each by itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from numbers import Rational
from typing import Any

import numpy as np
import pandas as pd

from automl.vocabulary.arrays import Array

PLAIN = frozenset({str, int, float, bool, type(None), type(pd.NA), type(pd.NaT), pd.Timestamp, pd.Timedelta})
"""Types of cells that need no look, texts apart."""
MISSING = frozenset({type(None), type(pd.NA), type(pd.NaT)})
ALIKE = frozenset({str, int, float})
"""Types whose equal values are spelled alike."""
TEXTS_AT_ONCE = 10_000
MOST_BITS = 2_000
"""A whole number of more has over 600 digits; Python refuses to write one of 4,301."""
SPELLED = ("uuid", "ipaddress")
"""Modules whose objects are texts in disguise."""


def plain_cells(cells: Array) -> Array:
    """Return an object array with each cell as `plain_cell` has it; the same array where nothing changes."""
    kinds = set(map(type, cells))
    if kinds <= PLAIN and not (str in kinds and _is_broken(cells)) and not (int in kinds and _has_giant(cells)):
        return cells
    plain = [plain_cell(cell) for cell in cells]
    if all(each is cell for each, cell in zip(plain, cells, strict=True)):
        return cells
    made = np.empty(len(cells), dtype=object)
    for place, each in enumerate(plain):  # not at once, as lists of one length would make it a table
        made[place] = each
    return made


def plain_cell(cell: Any) -> Any:
    """Return the plain value of one cell: NumPy's and Arrow's scalars and arrays of no dimension as Python's, bytes
    and what is named as text, half of a character as "\\ufffd", complex numbers and fractions as real ones.

    What stands for no single value (a list, a complex number that is none) stays as it is. `decimals` stay exact.
    """
    kind = type(cell)
    if kind is str:
        return whole_text(cell)
    if kind in PLAIN:
        return _real(cell) if kind is int and cell.bit_length() > MOST_BITS else cell
    if kind is Decimal:
        return None if cell.is_nan() else _real(cell)
    for is_such, plain in READINGS:
        if is_such(cell):
            return plain(cell)
    return cell


def distinct_cells(column: pd.Series) -> tuple[Array, Any]:
    """Return what `pandas.factorize` does, with cells of unlike types apart (1 and True) and such that have no hash."""
    if column.dtype == object:
        kinds = set(map(type, column.to_numpy())) - MISSING
        if not (len(kinds) <= 1 or kinds <= ALIKE):
            return np.where(column.isna(), -1, np.arange(len(column))), column.to_numpy()
    try:
        codes, found = pd.factorize(column)
    except Exception:  # values that cannot be hashed, or raise errors of their own when they are
        return np.where(column.isna(), -1, np.arange(len(column))), column.to_numpy(dtype=object)
    return codes, found


def written(cell: Any) -> str:
    """Return a cell as text: what its type is called where it cannot be written."""
    try:
        return str(cell)
    except Exception:
        return type(cell).__name__


def whole_text(text: str) -> str:
    """Return text that can be written: two halves of a character joined, and one alone replaced by "\\ufffd"."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _is_broken(cells: Array) -> bool:
    """Tell whether some text holds half a character."""
    texts = [cell for cell in cells if type(cell) is str]
    try:
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            joined = "\n".join(texts[start : start + TEXTS_AT_ONCE])
            if not joined.isascii():
                joined.encode()
    except UnicodeEncodeError:
        return True
    return False


def _has_giant(cells: Array) -> bool:
    return any(type(cell) is int and cell.bit_length() > MOST_BITS for cell in cells)


def _real(cell: Any) -> float:
    try:
        return float(cell)
    except OverflowError:
        return math.inf if cell > 0 else -math.inf


def _of_numpy(cell: np.generic) -> Any:
    if isinstance(cell, np.datetime64 | np.timedelta64):
        return _moment(cell)
    if isinstance(cell, np.floating):
        return float(cell)
    return plain_cell(complex(cell) if isinstance(cell, np.complexfloating) else cell.item())


def _moment(cell: Any) -> Any:
    """Return a date or a duration as pandas has it, or as text where it lies too far."""
    try:
        found = pd.Timestamp(cell) if isinstance(cell, np.datetime64) else pd.Timedelta(cell)
    except (ValueError, OverflowError):
        return str(cell)
    is_far = isinstance(found, pd.Timestamp) and not pd.isna(found) and not 1 <= found.year <= 9999
    return str(cell) if is_far else found


def _has_no_dimension(cell: Any) -> bool:
    return getattr(cell, "ndim", None) == 0 and hasattr(cell, "item")


READINGS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    (lambda cell: cell is np.ma.masked, lambda _: None),
    (lambda cell: isinstance(cell, np.generic), _of_numpy),
    (lambda cell: isinstance(cell, Enum), lambda cell: plain_cell(cell.value)),
    (lambda cell: isinstance(cell, str), lambda cell: whole_text(str.__str__(cell))),
    (
        lambda cell: isinstance(cell, bytes | bytearray | memoryview),
        lambda cell: bytes(cell).decode("utf-8", "backslashreplace"),
    ),
    (lambda cell: isinstance(cell, complex), lambda cell: cell.real if cell.imag == 0 else cell),
    (lambda cell: isinstance(cell, Rational) and not isinstance(cell, int), _real),
    (_has_no_dimension, lambda cell: plain_cell(cell.item())),
    (lambda cell: hasattr(cell, "as_py"), lambda cell: plain_cell(cell.as_py())),
    (lambda cell: type(cell).__module__ in SPELLED, str),
)
"""What other cells are, tried in this order, and how each is read."""
