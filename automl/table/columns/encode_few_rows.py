"""Encode few rows as `encode_table` does, but value by value: pandas takes longer for one column than that for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from automl.table.columns.type_columns import spell
from automl.table.files.lay_out import WORDS
from automl.table.readings.keep_digits import EXACT
from automl.table.readings.normalise_cells import written
from automl.table.readings.read_dates import plain_seconds
from automl.table.readings.read_parts import as_number, taker_of
from automl.vocabulary.arrays import Array
from automl.vocabulary.schema import STRINGS, Column, ColumnKind

FEW_ROWS = 32
"""Up to this many rows are read value by value."""
MOST_LOOKUPS = 1000
TEXT_COSTS = 3
"""How many times as long turning a column of text into objects takes as fetching one value."""
TRUTH = dict.fromkeys(("true", "yes", "t", "y", "1"), 1.0) | dict.fromkeys(("false", "no", "f", "n", "0"), 0.0)
NOT_HERE: tuple[str, list[Any]] = ("", [])
_LOOKUPS: dict[int, tuple[tuple[str, ...], dict[str | None, int]]] = {}


class FewRows:
    """The values of few rows as Python objects, by column; only of columns whose type reads the same one by one."""

    def __init__(self, frame: pd.DataFrame, columns: Sequence[Column]) -> None:
        """Take the values out of the frame, all columns at once, and the parts of codes from their sources."""
        kinds = [_kind(dtype) for dtype in frame.dtypes]
        values = _columns_of_one(frame, kinds) if len(frame) == 1 else frame.to_numpy(dtype=object).T.tolist()
        self._values: dict[Any, tuple[str, list[Any]]] = {
            name: (kind, found) for name, kind, found in zip(frame.columns, kinds, values, strict=True) if kind
        }
        for column in columns:
            if column.part and column.source in self._values:  # a column may have "" for its name
                self._values[column.name] = _part(self._values[column.source][1], column)

    def read(self, column: Column) -> list[Any] | None:
        """Return a column's stored values; None where they have to be read as a whole column."""
        kind, values = self._values.get(column.name, NOT_HERE)
        if column.kind in (ColumnKind.NUMERIC, ColumnKind.BOOLEAN):
            return _numbers(values, kind, column.kind) if abs(column.offset) < EXACT else None
        if column.kind is ColumnKind.CATEGORICAL and kind:
            codes = codes_of(column.categories)
            return [codes.get(spell(value), -1) for value in values]
        if column.kind is ColumnKind.DATETIME and kind == "O":
            return plain_seconds(values, column.date_format)
        if column.kind in STRINGS and kind:
            return ["" if (text := spell(value)) is None or text in WORDS else text for value in values]
        return None


def stored_numbers(read: Sequence[list[Any]] | Array, columns: Sequence[Column]) -> Array:
    """Return `(n_rows, n_columns)` float32: values less their columns' offsets, scaled; NaN for what is infinite."""
    offsets, scales = [[column.offset] for column in columns], [[column.scale] for column in columns]
    with np.errstate(over="ignore"):
        stored = ((np.array(read, dtype=np.float64).reshape(len(read), -1) - offsets) / scales).astype(np.float32)
    stored[np.isinf(stored)] = np.nan
    return stored.T


def codes_of(categories: tuple[str, ...]) -> dict[str | None, int]:
    """Return the code of each category; made once for the same tuple, as making it takes longer than a row does."""
    kept = _LOOKUPS.get(id(categories))
    if kept is None or kept[0] is not categories:
        if len(_LOOKUPS) >= MOST_LOOKUPS:
            _LOOKUPS.clear()
        kept = _LOOKUPS[id(categories)] = (categories, {name: code for code, name in enumerate(categories)})
    return kept[1]


def _columns_of_one(frame: pd.DataFrame, kinds: Sequence[str]) -> list[list[Any]]:
    """Return the values of a table of one row, by column.

    pandas takes 20 microseconds to turn a column of text into objects, and 7 to fetch a value from any column.
    """
    if TEXT_COSTS * kinds.count("O") <= len(kinds):
        return [[value] for value in frame.to_numpy(dtype=object)[0].tolist()]
    row = (frame.iat[0, place] for place in range(len(kinds)))
    return [[value.item() if isinstance(value, np.generic) else value] for value in row]


def _kind(dtype: Any) -> str:
    """Return "i", "f" or "b" for numbers, "O" for objects and text, "" for what is read as a whole column."""
    if isinstance(dtype, np.dtype):
        return {"i": "i", "u": "i", "f": "f", "b": "b", "O": "O"}.get(dtype.kind, "")
    return "O" if isinstance(dtype, pd.StringDtype) else ""


def _numbers(values: list[Any], kind: str, wanted: ColumnKind) -> list[Any] | None:
    if wanted is ColumnKind.NUMERIC:
        return values if kind in ("i", "f", "b") else None
    if kind in ("i", "b"):
        return [value if value in (0, 1) else np.nan for value in values]
    if kind == "O":
        return [TRUTH.get(text.strip().lower(), np.nan) if (text := spell(value)) else np.nan for value in values]
    return None


def _part(values: list[Any], column: Column) -> tuple[str, list[Any]]:
    take, is_number = taker_of(column.part), column.kind is ColumnKind.NUMERIC
    parts = [None if spell(value) is None else take(written(value)) for value in values]
    return ("f", [as_number(part) for part in parts]) if is_number else ("O", parts)
