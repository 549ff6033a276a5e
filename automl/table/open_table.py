"""Open a table: any frame, array, mapping or file becomes one pandas frame with names and plain columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.table.columns.stored_rows import index_of
from automl.table.files.read_table import read_table
from automl.table.normalise_columns import native_array, normalised, of_arrow, plain_buffers, without_mask
from automl.table.readings.normalise_cells import whole_text
from automl.table.take_target import column_name

MOST_CELLS = 2**27
"""Of a sparse matrix that is written out as a table."""
GATHERERS = ("toPandas", "to_pandas", "collect", "compute")
"""Methods by which tables that lie elsewhere, or are not worked out yet, are fetched, of Spark, polars and dask."""


def as_frame(data: Any) -> pd.DataFrame:
    """Return any table as a pandas frame of plain columns with names of text; the caller's object is not changed."""
    return normalised(named_frame(data))


def named_frame(data: Any) -> pd.DataFrame:
    """Return any table as a pandas frame with names of text, its columns as they came."""
    frame = _opened(data)
    names = [column_name(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise InputError(
            f"Found duplicate column names {twice}; expected each name once. Rename them, for example with "
            f"df.columns = [...]."
        )
    frame.columns = index_of(tuple(names))
    return frame


def with_names(frame: pd.DataFrame, names: Sequence[str], who: str) -> pd.DataFrame:
    """Return a table of positions with the names of the fitted columns; an error where there are more or fewer."""
    if frame.shape[1] != len(names):
        raise InputError(
            f"X has {frame.shape[1]} features, but {who} is expecting {len(names)} features as input. Give the columns "
            f"that fit was given, in the same order."
        )
    frame.columns = index_of(tuple(names))
    return frame


def is_unnamed(data: Any) -> bool:
    """Tell whether a table has positions in place of column names, as an array or a list of rows has."""
    if isinstance(data, list | tuple):
        return not (len(data) > 0 and isinstance(data[0], Mapping))
    if hasattr(data, "tocsr"):
        return True
    if isinstance(data, np.ndarray):
        return data.dtype.names is None
    named = isinstance(data, str | Path | Mapping | pd.DataFrame) or _speaks_arrow(data)
    return not named and not any(hasattr(data, each) for each in ("__dataframe__", *GATHERERS))


def as_column(values: Any) -> pd.Series:
    """Return one-dimensional values, a target for example, as a column of native buffers; cells keep their types."""
    if isinstance(values, pd.Series):
        return plain_buffers(values)
    if isinstance(values, np.ma.MaskedArray):
        return without_mask(values)
    cells = np.asarray(values)
    return _inferred(pd.Series(_native(cells), dtype=object if cells.dtype.kind not in "iufcbmM" else None))


def _opened(data: Any) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame | pd.Series):
        return data.copy(deep=False) if isinstance(data, pd.DataFrame) else data.to_frame()
    if hasattr(data, "tocsr"):  # before mappings, since a dictionary of keys is one as well
        return _from_array(_written_out(data))
    if isinstance(data, str | Path):
        return read_table(data)
    if isinstance(data, Mapping) or (isinstance(data, list) and data and isinstance(data[0], Mapping)):
        return _from_mapping(data)
    if _speaks_arrow(data) or hasattr(data, "__dataframe__"):
        return _from_arrow(data)
    gather = next((name for name in GATHERERS if callable(getattr(data, name, None))), "")
    return _gathered(data, gather) if gather else _from_array(data)


def _speaks_arrow(data: Any) -> bool:
    return hasattr(data, "__arrow_c_stream__") or (hasattr(data, "__arrow_c_array__") and hasattr(data, "schema"))


def _gathered(data: Any, method: str) -> pd.DataFrame:
    """Return a table that has to be fetched first, such as a polars LazyFrame."""
    try:
        found = getattr(data, method)()
    except Exception as error:
        raise _no_frame(data, error) from error
    if isinstance(found, pd.DataFrame) or _speaks_arrow(found):
        return _opened(found)
    if hasattr(found, "__array__"):
        return _from_array(found)
    raise InputError(
        f"Found a {_kind_of(data)}, of which {method}() makes a {_kind_of(found)}; expected a table. Convert it "
        f"yourself and pass the pandas frame."
    )


def _from_arrow(data: Any) -> pd.DataFrame:
    import pyarrow

    try:
        if _speaks_arrow(data):
            table = pyarrow.table(data)
        else:
            from pyarrow.interchange import from_dataframe

            table = from_dataframe(data)
        frame: pd.DataFrame = table.to_pandas()
    except Exception as error:
        raise _no_frame(data, error) from error
    if frame.shape[1] == table.num_columns:
        for place, values in enumerate(table.columns):
            if values.null_count and pyarrow.types.is_integer(values.type):  # pandas would make floats of them
                frame.isetitem(place, pd.Series(of_arrow(values), index=frame.index))
    return frame


def _no_frame(data: Any, error: Exception) -> InputError:
    return InputError(
        f"The {_kind_of(data)} could not be turned into a pandas frame: {type(error).__name__}: {error}. Convert it "
        f"yourself and pass the pandas frame."
    )


def _kind_of(data: Any) -> str:
    return f"{type(data).__module__}.{type(data).__name__}"


def _from_mapping(data: Any) -> pd.DataFrame:
    try:
        return pd.DataFrame(data)
    except UnicodeEncodeError:  # half a character, which pandas cannot keep as text
        return pd.DataFrame(_with_whole_texts(data), dtype=object).infer_objects()
    except (TypeError, ValueError) as error:
        raise InputError(f"Found columns that do not make a table: {error}. Give each the same length.") from error


def _with_whole_texts(data: Any) -> Any:
    if isinstance(data, str):
        return whole_text(data)
    if isinstance(data, Mapping):
        return {_with_whole_texts(name): _with_whole_texts(values) for name, values in data.items()}
    if isinstance(data, list | tuple | np.ndarray) and not (isinstance(data, np.ndarray) and data.dtype != object):
        return [_with_whole_texts(each) for each in data]
    return data


def _from_array(data: Any) -> pd.DataFrame:
    is_list = isinstance(data, list | tuple)  # read value by value: one array type would turn numbers into text
    if is_list and len({len(row) if hasattr(row, "__len__") and not isinstance(row, str) else -1 for row in data}) > 1:
        raise InputError("Found rows of unequal length; expected a table, with as many values in each row.")
    array = _as_array(data, is_list)
    if array.dtype.names is not None:
        return _from_fields(array)
    if array.ndim == 1:
        raise InputError(
            f"Found a one-dimensional array of shape {array.shape}; expected (n_rows, n_columns). Reshape "
            f"your data: X.reshape(-1, 1) makes a single column of it, X.reshape(1, -1) a single row."
        )
    if array.ndim != 2:
        raise InputError(f"Found {type(data).__name__} of shape {array.shape}; expected a table: (n_rows, n_columns).")
    array = _native(array)
    if array.dtype.kind == "c":
        raise InputError("Complex data not supported: found complex numbers; expected real ones.")
    names = [f"column_{i}" for i in range(array.shape[1])]
    if isinstance(array, np.ma.MaskedArray):
        return pd.DataFrame({name: without_mask(array[:, i]) for i, name in enumerate(names)})
    if array.dtype == object:
        return _inferred(pd.DataFrame(array, columns=names, dtype=object, copy=False))
    return pd.DataFrame(array, columns=names, copy=False)


def _as_array(data: Any, is_list: bool) -> Any:
    if is_list:
        return np.asarray(data, dtype=object)
    try:
        return np.asanyarray(data) if isinstance(data, np.ma.MaskedArray) else np.asarray(data)
    except Exception as error:  # an array of another library that will not be read
        raise _no_frame(data, error) from error


def _native(array: Any) -> Any:
    if isinstance(array, np.ma.MaskedArray):
        return array
    plain = array.dtype.isnative and (array.dtype.kind in "iubmMO" or array.dtype in (np.float32, np.float64))
    return array if plain else native_array(array)


def _from_fields(array: Any) -> pd.DataFrame:
    """Return a structured array, or one of records, as a frame of its fields."""
    made: dict[str, pd.Series] = {}
    for name in array.dtype.names:
        field = array[name]
        if field.ndim != 1 or field.dtype.names is not None:
            raise InputError(
                f"The field {name!r} holds values of the type {array.dtype[name]}; expected one value for each of "
                f"{len(array)} rows. Spread them over several fields, or leave the field out."
            )
        made[name] = as_column(field)
    return pd.DataFrame(made)


def _inferred(objects: Any) -> Any:
    """Return objects as what they are; half a character has no type but object."""
    try:
        return objects.infer_objects()
    except UnicodeEncodeError:
        is_frame = isinstance(objects, pd.DataFrame)
        return normalised(objects).infer_objects() if is_frame else objects


def _written_out(data: Any) -> Any:
    """Return a sparse matrix as an array."""
    n_rows, n_columns = data.shape if len(data.shape) == 2 else (0, 0)
    if n_rows * n_columns > MOST_CELLS:
        raise InputError(
            f"Found a sparse matrix of {n_rows} x {n_columns} cells; expected at most {MOST_CELLS:,}, as all of "
            f"them are written out as a table. Choose columns or rows, for example by SelectKBest or TruncatedSVD."
        )
    return data.toarray()
