"""Normalise columns: any buffer, type and cell becomes a plain one, once at the door, in `fit` and `predict` alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl.machine.one_at_a_time import one_at_a_time
from automl.table.readings.normalise_cells import plain_cells
from automl.vocabulary.arrays import Array

OWN_TYPES = (
    pd.Int8Dtype, pd.Int16Dtype, pd.Int32Dtype, pd.Int64Dtype, pd.UInt8Dtype, pd.UInt16Dtype, pd.UInt32Dtype,
    pd.UInt64Dtype, pd.Float32Dtype, pd.Float64Dtype, pd.BooleanDtype, pd.DatetimeTZDtype, pd.PeriodDtype,
    pd.IntervalDtype,
)  # fmt: skip
"""Types of pandas that everything here can read as they are."""


@one_at_a_time
def normalised(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns are native NumPy numbers and dates, text, categories, or plain objects.

    Names have to be distinct. The frame itself comes back where that is so already; it is never changed.
    """
    names = frame.columns
    odd = [names[place] for place, dtype in enumerate(frame.dtypes.tolist()) if not _is_plain(dtype)]
    made: dict[Any, pd.Series] = {}
    for name in odd:
        column = frame[name]
        plain = plain_column(column)
        if plain is not column:
            made[name] = plain
    if not made:
        return frame
    columns = {name: made[name] if name in made else frame[name] for name in names}
    return pd.DataFrame(columns, index=frame.index, columns=names, copy=False)


def plain_column(column: pd.Series) -> pd.Series:
    """Return a column with plain buffers and plain cells; the same one where it has both."""
    column = plain_buffers(column)
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        cells = column.to_numpy(dtype=object)
        plain = plain_cells(cells)
        return column if plain is cells else _like(column, plain)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _with_plain_categories(column)
    return column


def plain_buffers(column: pd.Series) -> pd.Series:
    """Return a column of native NumPy, of pandas' own types, or of objects; its cells keep their types."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        return column if _is_plain(dtype) or dtype.kind == "O" else _like(column, native_array(column.to_numpy()))
    if isinstance(dtype, pd.SparseDtype):
        return plain_buffers(_like(column, column.sparse.to_dense().to_numpy()))
    if isinstance(dtype, pd.ArrowDtype):
        import pyarrow

        return plain_buffers(_like(column, of_arrow(pyarrow.chunked_array(column.array.__arrow_array__()))))
    if isinstance(dtype, (pd.StringDtype, pd.CategoricalDtype, *OWN_TYPES)):
        return column
    return _like(column, column.to_numpy(dtype=object))


def native_array(values: Array) -> Array:
    """Return an array in this machine's byte order and of no more than 64 bits a number; text and others as objects."""
    kind = values.dtype.kind
    if kind == "f":
        size = min(max(values.dtype.itemsize, 4), 8)
        return values.astype(f"=f{size}")
    if kind == "c":
        real = values.real.astype(np.float64)
        return real if not np.asarray(values.imag).any() else values.astype(np.complex128)
    if kind in "iubmM":
        return values.astype(values.dtype.newbyteorder("="))
    return values.astype(object)


def without_mask(values: Any) -> pd.Series:
    """Return a one-dimensional masked array as a column whose masked values are missing."""
    mask, plain = np.ma.getmaskarray(values), native_array(np.ma.getdata(values))
    if not mask.any():
        return pd.Series(plain)
    if plain.dtype.kind in "iu":
        return pd.Series(pd.arrays.IntegerArray(plain.copy(), mask.copy()))
    if plain.dtype.kind == "b":
        return pd.Series(pd.arrays.BooleanArray(plain.copy(), mask.copy()))
    return pd.Series(plain).mask(mask, None if plain.dtype == object else np.nan)


def of_arrow(values: Any) -> Any:
    """Return a pyarrow chunked array as what a column is made of; whole numbers with gaps stay whole."""
    import pyarrow.types as types

    kind = values.type
    if (types.is_integer(kind) or types.is_boolean(kind)) and values.null_count:
        filled = values.fill_null(False if types.is_boolean(kind) else 0).to_numpy()
        make = pd.arrays.BooleanArray if types.is_boolean(kind) else pd.arrays.IntegerArray
        return make(np.array(filled), np.array(values.is_null().to_numpy()))
    if not types.is_nested(kind):
        try:
            return values.to_pandas(date_as_object=False).array
        except Exception:
            pass
    cells = np.empty(len(values), dtype=object)
    for place, each in enumerate(values):
        cells[place] = each.as_py()
    return cells


def _is_plain(dtype: Any) -> bool:
    """Tell whether a column needs no look at all."""
    if isinstance(dtype, np.dtype):
        sized = dtype.kind in "iubmM" or (dtype.kind == "f" and 4 <= dtype.itemsize <= 8)
        return bool(sized and dtype.isnative)
    if isinstance(dtype, pd.StringDtype):
        return bool(dtype.storage != "python")  # Arrow holds no broken text
    return isinstance(dtype, OWN_TYPES)


def _with_plain_categories(column: pd.Series) -> pd.Series:
    found = pd.Series(column.cat.categories)
    plain = found if _is_plain(found.dtype) else plain_column(found)
    if plain is found:
        return column
    if plain.is_unique and not plain.isna().any():
        cells = pd.Categorical.from_codes(column.cat.codes, categories=pd.Index(plain), ordered=column.cat.ordered)
        return _like(column, cells)
    return plain_column(_like(column, column.to_numpy(dtype=object)))


def _like(column: pd.Series, values: Any) -> pd.Series:
    dtype = object if isinstance(values, np.ndarray) and values.dtype == object else None
    return pd.Series(values, index=column.index, name=column.name, dtype=dtype, copy=False)
