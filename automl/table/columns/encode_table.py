"""Encode the table: from a user's frame to stored columns, the same way when fitting and when predicting."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.table.columns.encode_few_rows import FEW_ROWS, TRUTH, FewRows, stored_numbers
from automl.table.columns.stored_rows import index_of
from automl.table.columns.type_columns import as_numbers, as_text
from automl.table.files.lay_out import WORDS
from automl.table.files.read_images import ImageReader
from automl.table.readings.keep_digits import EXACT, less_offset
from automl.table.readings.read_dates import date_seconds
from automl.table.readings.read_numbers import read_numbers
from automl.table.readings.read_parts import read_parts
from automl.vocabulary.arrays import Array
from automl.vocabulary.schema import OBJECTS, STRINGS, Column, ColumnKind, Schema

NUMBERS = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN)
BLOCK_CELLS = 2_000_000
"""Cells of numbers that are read at once: one column at a time takes as long for few rows as for a thousand."""


def encode_table(frame: pd.DataFrame, schema: Schema, images: ImageReader | None = None) -> pd.DataFrame:
    """Return the stored columns: float32 numbers, int32 category codes, float64 dates, text, pixels of images.

    Ignored columns are left out. `images` says how images are read, and counts those that cannot be.

    Extra columns are passed over and their order does not matter; a missing column is an error that names it.
    """
    return join_blocks(encode_blocks(frame, schema, images), len(frame))


def encode_blocks(frame: pd.DataFrame, schema: Schema, images: ImageReader | None = None) -> list[pd.DataFrame]:
    """Return what `encode_table` does as frames to be put side by side, of one type each."""
    _check_columns(frame, schema)
    is_few = len(frame) <= FEW_ROWS
    table = _Table(
        frame, FewRows(frame, schema.columns) if is_few else None, {} if is_few else _read_parts(frame, schema)
    )
    return [
        _numbers(table, schema.of_kind(*NUMBERS)),
        _block(table, schema.of_kind(ColumnKind.CATEGORICAL), encode_categories, np.int32),
        _block(table, schema.of_kind(ColumnKind.DATETIME), encode_dates, np.float64),
        _objects(table, schema.of_kind(*OBJECTS), images or ImageReader()),
    ]


@dataclass(frozen=True, slots=True)
class _Table:
    """A frame to encode, its values one by one where it has few rows, and the parts of its columns where many."""

    frame: pd.DataFrame
    few: FewRows | None
    parts: dict[Any, pd.Series]

    def read(self, column: Column) -> list[Any] | None:
        """Return what was read value by value, or None."""
        return None if self.few is None else self.few.read(column)

    def values(self, column: Column) -> pd.Series:
        """Return a column's values; those of a part are taken from its source."""
        if column.name in self.parts:
            return self.parts[column.name]
        return read_parts(self.frame[column.source], (column,))[column.name] if column.part else self.frame[column.name]


def _read_parts(frame: pd.DataFrame, schema: Schema) -> dict[Any, pd.Series]:
    columns: dict[Any, list[Column]] = {}
    for column in schema.columns:
        if column.part:
            columns.setdefault(column.source, []).append(column)
    return {name: part for source, parts in columns.items() for name, part in read_parts(frame[source], parts).items()}


def _check_columns(frame: pd.DataFrame, schema: Schema) -> None:
    found = set(frame.columns)
    needed = [name for name in schema.needed if name not in found]
    if needed:
        raise InputError(
            f"The table lacks the columns {needed}; expected every column that the model was fitted on. "
            f"Found: {list(frame.columns)[:30]}."
        )


def join_blocks(blocks: list[pd.DataFrame], n_rows: int) -> pd.DataFrame:
    """Put frames side by side without copying; all have a fresh index."""
    filled = [block for block in blocks if block.shape[1]]
    if not filled:
        return pd.DataFrame(index=pd.RangeIndex(n_rows))
    return filled[0] if len(filled) == 1 else pd.concat(filled, axis=1)


def encode_numbers(values: pd.Series, column: Column) -> Any:
    """Return float32 values less the column's offset, scaled; what is no number, and what is infinite, becomes NaN."""
    if column.kind is ColumnKind.BOOLEAN:
        return _truth(values)
    numbers = read_numbers(values, column.number_format) if is_disguised(values, column) else as_numbers(values)
    with np.errstate(over="ignore"):
        stored = (less_offset(values, numbers, column) / column.scale).astype(np.float32)
    stored[np.isinf(stored)] = np.nan
    return stored


def is_disguised(values: pd.Series, column: Column) -> bool:
    """Tell whether values are to be read by the column's number format; numbers and the like need no reading."""
    return bool(column.number_format) and not pd.api.types.is_numeric_dtype(values.dtype)


def encode_categories(values: pd.Series, column: Column) -> Any:
    """Return the position of each value among the known categories, -1 where missing or unknown."""
    return pd.Index(column.categories, dtype=object).get_indexer(pd.Index(as_text(values), dtype=object))


def encode_dates(values: pd.Series, column: Column) -> Any:
    """Return float64 seconds since 1970 (UTC)."""
    return date_seconds(values, column.date_format)


def _numbers(table: _Table, columns: tuple[Column, ...]) -> pd.DataFrame:
    read = {i: found for i, each in enumerate(columns) if (found := table.read(each)) is not None}
    block = np.empty((len(table.frame), len(columns)), dtype=np.float32)
    if read:
        block[:, list(read)] = stored_numbers(list(read.values()), [columns[i] for i in read])
    for places in _many_at_once(table.frame, columns, read):
        chosen = [columns[place] for place in places]
        values = table.frame[[column.name for column in chosen]].to_numpy(dtype=np.float64)
        block[:, places] = stored_numbers(values.T, chosen)
        read.update({place: [] for place in places})
    for position, column in enumerate(columns):
        if position not in read:
            block[:, position] = encode_numbers(table.values(column), column)
    return _as_block(block, columns)


def _many_at_once(frame: pd.DataFrame, columns: tuple[Column, ...], read: Collection[int]) -> Iterator[list[int]]:
    """Yield the places of columns that are plain numbers as given, as many together as bound the memory for them."""
    if len(read) == len(columns):
        return
    types = dict(zip(frame.columns, frame.dtypes, strict=True))
    plain = [
        place
        for place, column in enumerate(columns)
        if place not in read
        and column.kind is ColumnKind.NUMERIC
        and not column.part
        and abs(column.offset) < EXACT
        and _is_plain(types[column.name])
    ]
    step = max(1, BLOCK_CELLS // max(1, len(frame)))
    yield from (plain[start : start + step] for start in range(0, len(plain), step))


def _is_plain(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind in "biuf"


def _as_block(block: Array, columns: tuple[Column, ...]) -> pd.DataFrame:
    return pd.DataFrame(block, columns=index_of(tuple(column.name for column in columns)), copy=False)


def _truth(values: pd.Series) -> Any:
    if isinstance(values.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(values.dtype):
        return as_text(values).str.strip().str.lower().map(TRUTH).to_numpy(dtype=np.float32)
    truth = values.to_numpy(dtype=np.float32, na_value=np.nan)
    return np.where((truth == 0) | (truth == 1), truth, np.float32(np.nan))


def _block(table: _Table, columns: tuple[Column, ...], encode: Any, dtype: Any) -> pd.DataFrame:
    block = np.empty((len(table.frame), len(columns)), dtype=dtype)
    for position, column in enumerate(columns):
        read = table.read(column)
        block[:, position] = encode(table.values(column), column) if read is None else read
    return _as_block(block, columns)


def _objects(table: _Table, columns: tuple[Column, ...], images: ImageReader) -> pd.DataFrame:
    if not columns:
        return pd.DataFrame(index=pd.RangeIndex(len(table.frame)))
    made: dict[str, Any] = {}
    for column in columns:
        read = table.read(column)
        if read is not None:
            made[column.name] = read
        elif column.kind is ColumnKind.SEQUENCE:
            made[column.name] = table.values(column).to_numpy(dtype=object)
        elif column.kind in STRINGS:
            texts = as_text(table.values(column)).fillna("").astype(object)
            made[column.name] = texts.mask(texts.isin(WORDS), "").to_numpy()
        else:
            made[column.name] = images.read(table.values(column), column)
    return pd.DataFrame(made, columns=pd.Index(list(made), dtype=object), dtype=object)
