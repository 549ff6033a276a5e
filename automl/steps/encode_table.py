"""Encode the table: from a user's frame to stored columns, the same way when fitting and when predicting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.steps.read_dates import date_seconds
from automl.steps.read_numbers import read_numbers
from automl.steps.type_columns import as_numbers, as_text
from automl.vocabulary.schema import Column, ColumnKind, Schema

NUMBERS = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN)
TRUTH = dict.fromkeys(("true", "yes", "t", "y", "1"), 1.0) | dict.fromkeys(("false", "no", "f", "n", "0"), 0.0)


def encode_table(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Return the stored columns: float32 numbers, int32 category codes, float64 dates, text; ignored ones left out.

    Extra columns are passed over and their order does not matter; a missing column is an error that names it.
    """
    missing = [column.name for column in schema.columns if column.name not in frame.columns]
    needed = [name for name in missing if name not in {c.name for c in schema.of_kind(ColumnKind.IGNORED)}]
    if needed:
        raise InputError(
            f"The table lacks the columns {needed}; expected every column that the model was fitted on. "
            f"Found: {list(frame.columns)[:30]}."
        )
    numbers = _block(frame, schema.of_kind(*NUMBERS), encode_numbers, np.float32)
    codes = _block(frame, schema.of_kind(ColumnKind.CATEGORICAL), encode_categories, np.int32)
    dates = _block(frame, schema.of_kind(ColumnKind.DATETIME), encode_dates, np.float64)
    objects = _objects(frame, schema.of_kind(ColumnKind.TEXT, ColumnKind.IMAGE))
    return join_blocks([numbers, codes, dates, objects], len(frame))


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
    return pd.Index(column.categories, dtype=object).get_indexer(pd.Index(as_text(values), dtype=object))


def encode_dates(values: pd.Series, column: Column) -> Any:
    """Return float64 seconds since 1970 (UTC)."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return np.full(len(values), np.nan)
    return date_seconds(values, column.date_format)


def _truth(values: pd.Series) -> Any:
    if isinstance(values.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(values.dtype):
        return as_text(values).str.strip().str.lower().map(TRUTH).to_numpy(dtype=np.float32)
    return values.to_numpy(dtype=np.float32, na_value=np.nan)


def _block(frame: pd.DataFrame, columns: tuple[Column, ...], encode: Any, dtype: Any) -> pd.DataFrame:
    block = np.empty((len(frame), len(columns)), dtype=dtype)
    for position, column in enumerate(columns):
        block[:, position] = encode(frame[column.name], column)
    return pd.DataFrame(block, columns=pd.Index([column.name for column in columns], dtype=object), copy=False)


def _objects(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    made = {}
    for column in columns:
        values = frame[column.name]
        if column.kind is ColumnKind.TEXT:
            made[column.name] = as_text(values).fillna("").astype(object).to_numpy()
        else:
            made[column.name] = values.astype(object).where(values.notna(), None).to_numpy()
    return pd.DataFrame(made, columns=pd.Index(list(made), dtype=object), dtype=object)
