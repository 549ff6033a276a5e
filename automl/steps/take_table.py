"""Take the table: any frame, array or file, and a target, to one checked pandas frame."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, unknown_name

CSV_SUFFIXES = (".csv", ".csv.gz", ".csv.zip", ".csv.bz2", ".csv.xz", ".tsv", ".tsv.gz", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Extras:
    """What may go with a table: each a column name of it, or an array as long as it."""

    groups: Any = None
    sample_weight: Any = None
    time_column: str | None = None


@dataclass(frozen=True, slots=True)
class TakenTable:
    """A checked table. `features` has string column names and a fresh index; rows without a target are gone."""

    features: pd.DataFrame
    target: pd.Series
    target_name: str
    weights: np.ndarray[Any, Any] | None = None
    groups: np.ndarray[Any, Any] | None = None
    time: pd.Series | None = None
    notes: tuple[str, ...] = field(default=())
    kept: np.ndarray[Any, Any] | None = None
    """Which of the given rows are here, as booleans, where some were dropped."""


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV (comma or tab separated, compressed or not) or Parquet file."""
    path = Path(path)
    name = path.name.lower()
    if not path.exists():
        raise InputError(f"There is no file {str(path)!r}. Check the path; it is taken relative to {Path.cwd()}.")
    try:
        if name.endswith(PARQUET_SUFFIXES):
            return pd.read_parquet(path)
        if name.endswith(CSV_SUFFIXES):
            return pd.read_csv(path, sep="\t" if ".tsv" in name else ",", low_memory=False)
    except (ValueError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"The file {str(path)!r} could not be read as a table: {error}") from error
    known = ", ".join((*CSV_SUFFIXES[:3], *PARQUET_SUFFIXES))
    raise InputError(f"The file {str(path)!r} is of no known kind; expected a name that ends in one of {known}.")


def as_frame(data: Any) -> pd.DataFrame:
    """Return any table as a pandas frame with string column names; the caller's object is not changed."""
    if isinstance(data, str | Path):
        frame = read_table(data)
    elif isinstance(data, pd.DataFrame):
        frame = data.copy(deep=False)
    elif isinstance(data, pd.Series):
        frame = data.to_frame()
    elif hasattr(data, "__arrow_c_stream__") or hasattr(data, "__dataframe__"):
        frame = _from_arrow(data)
    elif hasattr(data, "tocsr"):
        raise InputError("Found a sparse matrix; expected a table. Convert it with pandas.DataFrame(X.toarray()).")
    else:
        frame = _from_array(data)
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise InputError(
            f"Found duplicate column names {twice}; expected each name once. Rename them, for example with "
            f"df.columns = [...]."
        )
    frame.columns = pd.Index(names, dtype=object)
    return frame


def take_table(data: Any, target: Any, extras: Extras) -> TakenTable:
    """Split a table into features and target, check both, and drop the rows without a target."""
    if target is None:
        raise InputError('No target was given. Call fit(df, "target") with a column name, or fit(X, y).')
    frame = as_frame(data)
    if isinstance(target, str) or (np.isscalar(target) and str(target) in frame.columns):
        name = str(target)
        if name not in frame.columns:
            raise InputError(unknown_name("target column", name, frame.columns))
        values, frame = frame[name], frame.drop(columns=name)
    else:
        name, values = _target_series(target, len(frame))
    if len(frame) == 0 or frame.shape[1] == 0:
        raise InputError(
            f"Found a table of {len(frame)} rows and {frame.shape[1]} feature columns; expected at least 1 feature "
            f"and several rows. Check how the table was loaded."
        )
    return _assemble(frame.reset_index(drop=True), values.reset_index(drop=True), name, extras)


def _assemble(frame: pd.DataFrame, values: pd.Series, name: str, extras: Extras) -> TakenTable:
    keep = values.notna().to_numpy()
    if not keep.any():
        raise InputError(f"All {len(values)} values of the target {name!r} are missing; expected some that are known.")
    weights, frame = _extra(extras.sample_weight, "sample_weight", frame, drop=True)
    groups, frame = _extra(extras.groups, "groups", frame, drop=True)
    time, frame = _extra(extras.time_column, "time_column", frame, drop=False)
    notes = []
    if not keep.all():
        notes.append(f"{int((~keep).sum())} of {len(keep)} rows have no value of the target {name!r}; dropped.")
        warnings.warn(notes[-1], UserWarning, stacklevel=2)
        frame = frame[keep].reset_index(drop=True)
    weights = None if weights is None else _checked_weights(weights[keep])
    groups = None if groups is None else pd.factorize(groups[keep])[0]
    check_columns(frame)
    return TakenTable(
        features=frame,
        target=values[keep].reset_index(drop=True),
        target_name=name,
        weights=weights,
        groups=groups,
        time=None if time is None else pd.Series(time[keep]),
        notes=tuple(notes),
        kept=None if keep.all() else keep,
    )


def check_columns(frame: pd.DataFrame) -> None:
    """Refuse infinite values and columns that mix numbers with text or hold containers."""
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_float_dtype(column.dtype):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            infinite = int(np.isinf(values).sum())
            if infinite:
                raise InputError(
                    f"Column {name!r} holds {infinite} infinite values; expected finite or missing ones. Replace "
                    f"them, for example with df.replace([np.inf, -np.inf], np.nan)."
                )
        elif column.dtype == object:
            _check_object(name, column)


def _check_object(name: str, column: pd.Series) -> None:
    kinds = pd.api.types.infer_dtype(column, skipna=True)
    if kinds in ("mixed", "mixed-integer"):
        found = sorted({type(value).__name__ for value in column.dropna().head(10_000)})
        if found == ["str"] or _is_media(column):
            return
        raise InputError(
            f"Column {name!r} mixes values of the types {', '.join(found)}; expected one type. Convert it, for example "
            f"with df[{name!r}] = df[{name!r}].astype(str), or pd.to_numeric(df[{name!r}], errors='coerce')."
        )


def _is_media(column: pd.Series) -> bool:
    """Tell whether the column holds images or paths as objects, which an image model may take."""
    first = next((value for value in column if value is not None), None)
    return isinstance(first, Path) or type(first).__module__.startswith("PIL")


def _from_arrow(data: Any) -> pd.DataFrame:
    import pyarrow

    try:
        return pyarrow.table(data).to_pandas()
    except (TypeError, pyarrow.ArrowInvalid):
        return pd.api.interchange.from_dataframe(data)


def _from_array(data: Any) -> pd.DataFrame:
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise InputError(f"Found rows of unequal length; expected a table: {error}") from error
    if array.ndim == 1:
        raise InputError(
            f"Found a one-dimensional array of shape {array.shape}; expected (n_rows, n_columns). Use "
            f"X.reshape(-1, 1) for a single column."
        )
    if array.ndim != 2:
        raise InputError(f"Found {type(data).__name__} of shape {array.shape}; expected a table: (n_rows, n_columns).")
    if array.dtype.kind == "c":
        raise InputError("Found complex numbers; expected real ones.")
    return pd.DataFrame(array, columns=[f"column_{i}" for i in range(array.shape[1])], copy=False)


def _target_series(target: Any, n_rows: int) -> tuple[str, pd.Series]:
    if hasattr(target, "to_pandas") and not isinstance(target, pd.Series | pd.DataFrame):
        target = target.to_pandas()
    array = target if isinstance(target, pd.Series) else np.asarray(target)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array.ravel()
    if array.ndim != 1:
        raise InputError(f"Found a target of shape {array.shape}; expected one column of {n_rows} values.")
    if len(array) != n_rows:
        raise InputError(f"Found {len(array)} target values for {n_rows} rows; expected one value a row.")
    series = array if isinstance(array, pd.Series) else pd.Series(array)
    name = "target" if series.name is None else str(series.name)
    return name, series


def _extra(value: Any, what: str, frame: pd.DataFrame, *, drop: bool) -> tuple[Any, pd.DataFrame]:
    if value is None:
        return None, frame
    if isinstance(value, str):
        if value not in frame.columns:
            raise InputError(unknown_name(f"column for {what}", value, frame.columns))
        return frame[value].to_numpy(), frame.drop(columns=value) if drop else frame
    array = np.asarray(value)
    if array.shape != (len(frame),):
        raise InputError(f"Found {what} of shape {array.shape}; expected one value for each of {len(frame)} rows.")
    return array, frame


def _checked_weights(weights: Any) -> np.ndarray[Any, Any]:
    try:
        values = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"Found sample weights that are not numbers: {error}") from error
    if not np.isfinite(values).all() or (values < 0).any() or not values.any():
        raise InputError("Found sample weights that are missing, infinite, negative or all 0; expected numbers >= 0.")
    return np.asarray(values / values.mean())
