"""Encode the table: from a user's frame to stored columns, the same way when fitting and when predicting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.steps.read_dates import date_seconds
from automl.steps.read_images import ImageReader
from automl.steps.read_numbers import read_numbers
from automl.steps.read_parts import with_parts
from automl.steps.type_columns import as_numbers, as_text, spell
from automl.vocabulary.arrays import Array
from automl.vocabulary.schema import Column, ColumnKind, Schema

FEW_ROWS = 32
"""Up to this many rows, values are read one by one, which for few of them takes less than pandas does for a column."""
MOST_LOOKUPS = 1000
NUMBERS = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN)
TRUTH = dict.fromkeys(("true", "yes", "t", "y", "1"), 1.0) | dict.fromkeys(("false", "no", "f", "n", "0"), 0.0)


def encode_table(frame: pd.DataFrame, schema: Schema, images: ImageReader | None = None) -> pd.DataFrame:
    """Return the stored columns: float32 numbers, int32 category codes, float64 dates, text, pixels of images.

    Ignored columns are left out. `images` says how images are read, and counts those that cannot be.

    Extra columns are passed over and their order does not matter; a missing column is an error that names it.
    """
    _check_columns(frame, schema)
    frame = with_parts(frame, schema.columns)
    of_numbers = schema.of_kind(*NUMBERS)
    few = _few_numbers(frame, of_numbers) if len(frame) <= FEW_ROWS else None
    numbers = _block(frame, of_numbers, encode_numbers, np.float32) if few is None else few
    codes = _block(frame, schema.of_kind(ColumnKind.CATEGORICAL), encode_categories, np.int32)
    dates = _block(frame, schema.of_kind(ColumnKind.DATETIME), encode_dates, np.float64)
    objects = _objects(frame, schema.of_kind(ColumnKind.TEXT, ColumnKind.IMAGE), images or ImageReader())
    return join_blocks([numbers, codes, dates, objects], len(frame))


def _check_columns(frame: pd.DataFrame, schema: Schema) -> None:
    found = set(frame.columns)
    given = [column for column in schema.columns if column.kind is not ColumnKind.IGNORED and not column.source]
    needed = [column.name for column in given if column.name not in found]
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
    """Return float32 values less the column's offset; what is no number, and what is infinite, becomes NaN."""
    if column.kind is ColumnKind.BOOLEAN:
        return _truth(values)
    numbers = read_numbers(values, column.number_format) if is_disguised(values, column) else as_numbers(values)
    with np.errstate(over="ignore"):
        stored = (numbers - column.offset).astype(np.float32)
    stored[np.isinf(stored)] = np.nan
    return stored


def is_disguised(values: pd.Series, column: Column) -> bool:
    """Tell whether values are to be read by the column's number format; numbers and the like need no reading."""
    return bool(column.number_format) and not pd.api.types.is_numeric_dtype(values.dtype)


def encode_categories(values: pd.Series, column: Column) -> Any:
    """Return the position of each value among the known categories, -1 where missing or unknown."""
    if len(values) <= FEW_ROWS:
        codes = _codes(column.categories)
        return [codes.get(text, -1) for text in few_texts(values)]
    return pd.Index(column.categories, dtype=object).get_indexer(pd.Index(as_text(values), dtype=object))


def encode_dates(values: pd.Series, column: Column) -> Any:
    """Return float64 seconds since 1970 (UTC)."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return np.full(len(values), np.nan)
    return date_seconds(values, column.date_format)


def few_texts(values: pd.Series) -> list[str | None]:
    """Return what `as_text` does, as a list, and for few values much sooner."""
    dtype = values.dtype
    if isinstance(dtype, pd.StringDtype) or (isinstance(dtype, np.dtype) and dtype.kind in "Oifb"):
        return [spell(value) for value in values.array]
    return list(as_text(values))


_LOOKUPS: dict[int, tuple[tuple[str, ...], dict[str | None, int]]] = {}


def _codes(categories: tuple[str, ...]) -> dict[str | None, int]:
    """Return the code of each category; made once for the same tuple, as making it takes longer than a row does."""
    kept = _LOOKUPS.get(id(categories))
    if kept is None or kept[0] is not categories:
        if len(_LOOKUPS) >= MOST_LOOKUPS:
            _LOOKUPS.clear()
        kept = _LOOKUPS[id(categories)] = (categories, {name: code for code, name in enumerate(categories)})
    return kept[1]


def _few_numbers(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame | None:
    """Return what `encode_numbers` gives for all columns at once, where all hold plain numbers; None elsewhere."""
    names = [column.name for column in columns]
    taken = frame[names]
    plain = all(dtype.kind in "iuf" and isinstance(dtype, np.dtype) for dtype in set(taken.dtypes))
    if not plain or any(column.kind is ColumnKind.BOOLEAN for column in columns):
        return None
    with np.errstate(over="ignore"):
        stored = (taken.to_numpy(dtype=np.float64) - [column.offset for column in columns]).astype(np.float32)
    stored[np.isinf(stored)] = np.nan
    return _as_block(stored, names)


def _as_block(block: Array, names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(block, columns=pd.Index(names, dtype=object), copy=False)


def _truth(values: pd.Series) -> Any:
    if isinstance(values.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(values.dtype):
        if len(values) <= FEW_ROWS:
            return [TRUTH.get(text.strip().lower(), np.nan) if text else np.nan for text in few_texts(values)]
        return as_text(values).str.strip().str.lower().map(TRUTH).to_numpy(dtype=np.float32)
    return values.to_numpy(dtype=np.float32, na_value=np.nan)


def _block(frame: pd.DataFrame, columns: tuple[Column, ...], encode: Any, dtype: Any) -> pd.DataFrame:
    block = np.empty((len(frame), len(columns)), dtype=dtype)
    for position, column in enumerate(columns):
        block[:, position] = encode(frame[column.name], column)
    return _as_block(block, [column.name for column in columns])


def _objects(frame: pd.DataFrame, columns: tuple[Column, ...], images: ImageReader) -> pd.DataFrame:
    made = {}
    for column in columns:
        values = frame[column.name]
        if column.kind is ColumnKind.TEXT:
            made[column.name] = as_text(values).fillna("").astype(object).to_numpy()
        else:
            made[column.name] = images.read(values, column)
    return pd.DataFrame(made, columns=pd.Index(list(made), dtype=object), dtype=object)
