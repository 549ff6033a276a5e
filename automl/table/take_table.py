"""Take the table: any frame, array or file, and a target, to one checked pandas frame."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.table.files.decode_image import is_image
from automl.table.files.read_table import read_table as read_table
from automl.table.files.read_table import read_told, tell
from automl.table.normalise_columns import normalised, plain_buffers
from automl.table.open_table import as_column
from automl.table.open_table import as_frame as as_frame
from automl.table.open_table import is_unnamed as is_unnamed
from automl.table.open_table import named_frame as named_frame
from automl.table.placed_cells import is_placed
from automl.table.readings.gather_numbers import without_infinity
from automl.table.take_target import column_name as column_name
from automl.table.take_target import column_of, columns_of, compare_index, leave_out_targets, refuse_index
from automl.table.widen_table import Widen, widened
from automl.vocabulary.findings import Finding
from automl.vocabulary.task import in_words

LEAST_ROWS = 2
"""Of a table to learn from: what is learned from one row has to be tried on another."""
NO_WEIGHT = 1e-30
"""A weight of this part of the largest is none: models keep weights as float32, which has nothing smaller."""
MOST_LOST = 20
"""More values of the target that have no row of weight are numbers, and are not listed."""
CONTAINERS = (list, tuple, dict, set, np.ndarray)
SIZES = " If these are the sizes of groups that follow each other, pass np.repeat(np.arange(len(sizes)), sizes)."


@dataclass(frozen=True, slots=True)
class Extras:
    """What may go with a table: each a column name of it, or an array as long as it."""

    groups: Any = None
    sample_weight: Any = None
    time_column: Any = None
    unlabeled: Any = None
    """A table of rows that will be predicted, to compare with the rows to train on."""


@dataclass(frozen=True, slots=True)
class TakenTable:
    """A checked table. `features` has string column names and a fresh index; rows without a target are gone."""

    features: pd.DataFrame
    target: pd.Series | pd.DataFrame
    """A frame where there are several target columns, with a column for each."""
    target_name: str
    weights: np.ndarray[Any, Any] | None = None
    groups: np.ndarray[Any, Any] | None = None
    grouped_by: str = ""
    """The column that the groups came from, "" where they came as an array."""
    time: pd.Series | None = None
    notes: tuple[str, ...] = field(default=())
    kept: np.ndarray[Any, Any] | None = None
    """Which of the given rows are here, as booleans, where some were dropped."""
    unlabeled: pd.DataFrame | None = None
    findings: tuple[Finding, ...] = ()
    """What there is to tell of how the table and the target were taken."""


def take_table(data: Any, target: Any, extras: Extras, widen: Widen | None = None) -> TakenTable:
    """Split a table into features and target, check both, and drop the rows without a target.

    `widen` is what the task adds to the features, where it does: of all rows, those without a target among them.
    """
    if target is None:
        raise InputError(
            "No target was given: fit requires y to be passed, but the target y is None. "
            'Call fit(df, "target") with a column name, or fit(X, y).'
        )
    data, read = read_given(data, target)
    frame = named_frame(data)
    if len(frame) < LEAST_ROWS:
        raise InputError(
            f"Found a table of {len(frame)} rows and {frame.shape[1]} columns (n_samples={len(frame)}); expected "
            f"several rows. Check how it was loaded."
        )
    for what in ("groups", "sample_weight", "time_column"):
        refuse_index(getattr(extras, what), frame, f"column for {what}")
    findings = [
        each
        for what, other in (("sample_weight", extras.sample_weight), ("groups", extras.groups))
        for each in compare_index(data, other, what)
    ]
    names = columns_of(target, frame, "target column")
    if names is not None:
        values, frame, name = named_target(frame, names), normalised(frame.drop(columns=list(names))), in_words(names)
    else:
        values, frame = target_values(target, len(frame)), normalised(frame)
        findings += compare_index(data, target, "y")
        frame, values, name, told = leave_out_targets(frame, values, unnamed=is_unnamed(data))
        findings += told
    table = _assemble(frame.reset_index(drop=True), values.reset_index(drop=True), name, extras, widen)
    return replace(table, findings=(*read, *findings))


def read_given(data: Any, target: Any) -> tuple[Any, tuple[Finding, ...]]:
    """Return a file as its table, with what there is to tell of how it was read; anything else as it is."""
    if not isinstance(data, str | Path):
        return data, ()
    given = target if isinstance(target, list | tuple) else [target]
    frame, findings = read_told(data, tuple(column_name(one) for one in given if np.isscalar(one)))
    tell(data, findings)
    return frame, findings


def take_labelled(
    data: Any, frame: pd.DataFrame, target: Any, names: tuple[str, ...] | None, features: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.Series | pd.DataFrame]:
    """Return the features and the target of rows whose predictions are judged, as `fit` takes them.

    `frame` is made of `data`; `names` are the target's columns in it, None where `target` holds the values.
    """
    if names is None:
        compare_index(data, target, "y")
        return normalised(frame), target_values(target, len(frame))
    for name in names:
        if target is None and name in features:
            raise InputError(
                f"The table was fitted with a target called {name!r} beside a feature of that name; expected the "
                f"target's values as y, as in fit."
            )
    return normalised(frame.drop(columns=[name for name in names if name not in features])), named_target(frame, names)


def named_target(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series | pd.DataFrame:
    """Return the target's one column, or a frame of its several columns."""
    if len(names) == 1:
        return plain_buffers(frame[names[0]])
    return pd.DataFrame({name: plain_buffers(frame[name]) for name in names})


def _assemble(
    frame: pd.DataFrame, values: pd.Series | pd.DataFrame, name: str, extras: Extras, widen: Widen | None
) -> TakenTable:
    keep = known_rows(values)
    if not keep.any():
        raise InputError(_none_known(values, name))
    if extras.groups is not None and extras.time_column is not None:
        raise InputError("Found both groups and time_column; expected one of them, as folds cannot keep to both.")
    weights, frame = _extra(extras.sample_weight, "sample_weight", frame, drop=True)
    grouped_by = None if extras.groups is None else column_of(extras.groups, frame, "column for groups")
    groups, frame = _extra(extras.groups, "groups", frame, drop=True)
    time, frame = _extra(extras.time_column, "time_column", frame, drop=False)
    if frame.shape[1] == 0:
        raise InputError(
            f"The table has no feature columns beside the target {name!r} and what was named in groups or "
            f"sample_weight: 0 feature(s) (shape={frame.shape}) while a minimum of 1 is required. Add columns to "
            f"predict from."
        )
    if widen is not None and groups is not None:
        frame = widened(frame, _checked_groups(groups), widen)
    notes = []
    known = keep.copy()
    weights = None if weights is None else _checked_weights(weights, keep)
    if weights is not None and not weights[keep].all():
        keep = keep & (weights > 0)
        notes.append(_weightless(values[known], values[keep]))
    if not known.all():
        lacking = f"the target {name!r}" if isinstance(values, pd.Series) else f"one or more of the targets {name}"
        notes.append(f"{int((~known).sum())} of {len(known)} rows have no value of {lacking}; dropped.")
        warnings.warn(notes[-1], UserWarning, stacklevel=2)
    if not keep.all():
        frame = frame[keep].reset_index(drop=True)
    weights = None if weights is None else weights[keep] / weights[keep].mean()
    groups = None if groups is None else _checked_groups(groups[keep])
    check_columns(frame)
    return TakenTable(
        features=frame,
        target=values[keep].reset_index(drop=True),
        target_name=name,
        weights=weights,
        groups=groups,
        grouped_by=grouped_by or "",
        time=None if time is None else time[keep].reset_index(drop=True),
        notes=tuple(notes),
        kept=None if keep.all() else keep,
        unlabeled=None if extras.unlabeled is None else _unlabeled(extras.unlabeled, frame),
    )


def known_rows(values: pd.Series | pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return which rows have a target, `(n_rows,)` booleans: a value in each column, where there are several."""
    known = values.notna()
    return np.asarray((known if isinstance(known, pd.Series) else known.all(axis=1)).to_numpy(dtype=bool))


def _none_known(values: pd.Series | pd.DataFrame, name: str) -> str:
    if isinstance(values, pd.Series):
        return f"All {len(values)} values of the target {name!r} are missing; expected some that are known."
    counts = ", ".join(f"{column} {int(values[column].isna().sum())}" for column in values.columns[:10])
    return (
        f"None of {len(values)} rows has a value of each of the targets {name}; expected some. Missing are: {counts}. "
        f"Leave out the columns that are hardly known, or fit a model for each."
    )


def _unlabeled(data: Any, features: pd.DataFrame) -> pd.DataFrame:
    """Return the feature columns of rows without a target."""
    frame = as_frame(data)
    missing = [name for name in features.columns if name not in frame.columns]
    if missing:
        raise InputError(f"The table given as unlabeled lacks the columns {missing}; expected every feature column.")
    return frame[list(features.columns)].reset_index(drop=True)


def check_columns(frame: pd.DataFrame) -> None:
    """Refuse infinite values, complex numbers, and columns that mix numbers with text or hold containers."""
    fine = without_infinity(frame)
    for name in frame.columns:
        if name in fine:
            continue
        column = frame[name]
        if pd.api.types.is_complex_dtype(column.dtype):
            raise InputError(f"Column {name!r} holds complex numbers; expected real ones. Split it in two columns.")
        if pd.api.types.is_float_dtype(column.dtype):
            _check_finite(name, column)
        elif column.dtype == object:
            _check_object(name, column)
        elif str(column.dtype).startswith(("list", "struct", "map", "fixed_size_list", "large_list")):
            raise InputError(_container_message(name, str(column.dtype)))


def _check_finite(name: str, column: pd.Series) -> None:
    infinite = int(np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan)).sum())
    if infinite:
        raise InputError(
            f"Column {name!r} holds {infinite} infinite values; expected finite or missing ones. Replace them, for "
            f"example with df.replace([np.inf, -np.inf], np.nan)."
        )


def _container_message(name: str, found: str) -> str:
    return (
        f"Column {name!r} holds values of the type {found}; expected numbers, text, dates or categories. Spread them "
        f"over several columns, or leave the column out."
    )


def _check_object(name: str, column: pd.Series) -> None:
    kinds = pd.api.types.infer_dtype(column, skipna=True)
    if kinds == "complex":
        raise InputError(f"Column {name!r} holds complex numbers; expected real ones. Split it in two columns.")
    if kinds in ("floating", "mixed-integer-float", "decimal"):
        _check_finite(name, pd.to_numeric(column, errors="coerce"))
    if kinds in ("mixed", "mixed-integer"):
        known = column.dropna()
        found = sorted({type(value).__name__ for value in known})
        if found == ["str"] or _is_media(column):
            return
        if is_placed(known):
            return
        if len(found) == 1 or any(isinstance(value, CONTAINERS) for value in known):
            raise InputError(_container_message(name, " and ".join(found)))
        raise InputError(
            f"Column {name!r} mixes values of the types {', '.join(found)}; expected one type. Convert it, for example "
            f"with df[{name!r}] = df[{name!r}].astype(str), or pd.to_numeric(df[{name!r}], errors='coerce')."
        )


def _is_media(column: pd.Series) -> bool:
    """Tell whether the column holds images or paths as objects, which an image model may take."""
    known = column.dropna()
    return len(known) > 0 and all(isinstance(value, str | Path) or is_image(value) for value in known)


def target_values(target: Any, n_rows: int) -> pd.Series | pd.DataFrame:
    """Return target values given beside a table of so many rows: one column, or a frame of several."""
    if hasattr(target, "to_pandas") and not isinstance(target, pd.Series | pd.DataFrame):
        target = target.to_pandas()
    if isinstance(target, pd.DataFrame) and target.shape[1] == 1:
        target = target.iloc[:, 0]
    if isinstance(target, list | tuple):  # value by value: one array type would turn a missing value into text
        target = np.asarray(target, dtype=object)
    array = target if isinstance(target, pd.Series | pd.DataFrame) else np.asanyarray(target)
    if isinstance(target, pd.DataFrame) or (array.ndim == 2 and array.shape[1] > 1):
        return _target_columns(target if isinstance(target, pd.DataFrame) else array, n_rows)
    return _target_column(target, array, n_rows)


def _target_column(target: Any, array: Any, n_rows: int) -> pd.Series:
    """Return one column of target values, which `array` holds."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = (np.asarray(array) if isinstance(array, np.matrix) else array).ravel()
    if array.ndim == 0:
        raise InputError(
            f"Found a target of the type {type(target).__name__}; expected a column name, or one column of {n_rows} "
            f"values as a list, an array or a Series, such as list(y)."
        )
    if array.ndim != 1:
        raise InputError(
            f"Found a target of shape {array.shape}; expected one column of {n_rows} values, or a table of several."
        )
    if len(array) != n_rows:
        raise InputError(f"Found {len(array)} target values for {n_rows} rows; expected one value a row.")
    return as_column(array)


def _target_columns(target: Any, n_rows: int) -> pd.DataFrame:
    """Return several columns of target values, a frame or an array of two dimensions, as a frame of plain columns."""
    if not target.shape[1]:
        raise InputError("Found a target table without columns; expected one column of values, or several.")
    if len(target) != n_rows:
        raise InputError(f"Found {len(target)} rows of target values for {n_rows} rows; expected one for each.")
    if not isinstance(target, pd.DataFrame):
        target = np.asarray(target) if isinstance(target, np.matrix) else target
        return pd.concat([as_column(values) for values in target.T], axis=1).set_axis(range(target.shape[1]), axis=1)
    columns = [as_column(target.iloc[:, number]) for number in range(target.shape[1])]
    return pd.concat(columns, axis=1).set_axis(list(target.columns), axis=1)


def _extra(value: Any, what: str, frame: pd.DataFrame, *, drop: bool) -> tuple[Any, pd.DataFrame]:
    if value is None:
        return None, frame
    name = column_of(value, frame, f"column for {what}")
    if name is not None:
        return frame[name], frame.drop(columns=name) if drop else frame
    array = value if isinstance(value, pd.Series) else np.asanyarray(value)
    if array.shape != (len(frame),):
        are_sizes = array.ndim == 1 and array.dtype.kind in "iu" and array.sum() == len(frame)
        told = f"Found {what} of shape {array.shape}; expected one value for each of {len(frame)} rows."
        raise InputError(told + (SIZES if are_sizes else ""))
    return as_column(array).reset_index(drop=True), frame


def _checked_groups(groups: pd.Series) -> np.ndarray[Any, Any]:
    missing = int(groups.isna().sum())
    if missing:
        raise InputError(f"Found {missing} rows without a group; expected one each. Fill them, or drop those rows.")
    try:
        return np.asarray(pd.factorize(groups)[0])
    except TypeError as error:
        raise InputError(f"Found groups that cannot be compared: {error}; expected text or whole numbers.") from error


def score_groups(groups: Any, frame: pd.DataFrame) -> np.ndarray[Any, Any] | None:
    """Return the number of the group of each row to be scored; groups names a column of the table, or is an array."""
    values, _ = _extra(groups, "groups", frame, drop=False)
    return None if values is None else _checked_groups(values)


def _checked_weights(weights: pd.Series, keep: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return weights as numbers of which the largest is 1; those of rows that are not kept may be anything."""
    values = _weights(weights, keep)
    values /= values.max()
    values[values < NO_WEIGHT] = 0.0
    if np.count_nonzero(values) < LEAST_ROWS:
        raise InputError(
            f"Found sample weights of which {np.count_nonzero(values)} is above zero; expected {LEAST_ROWS} at least, "
            f"as rows that weigh 0 are left out."
        )
    return values


def score_weights(weights: Any, n_rows: int) -> np.ndarray[Any, Any] | None:
    """Return what rows to be scored weigh, as float64; None where all weigh the same."""
    if weights is None:
        return None
    column = as_column(weights if isinstance(weights, pd.Series) else np.asanyarray(weights))
    if len(column) != n_rows:
        raise InputError(f"Found {len(column)} sample weights for {n_rows} rows; expected one for each row.")
    return _weights(column, np.ones(n_rows, dtype=bool))


def _weights(weights: pd.Series, keep: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return weights as float64, those of rows that are not kept as 0."""
    if pd.api.types.is_datetime64_any_dtype(weights.dtype) or pd.api.types.is_timedelta64_dtype(weights.dtype):
        raise InputError(f"Found sample weights that are not numbers but {weights.dtype}; expected numbers >= 0.")
    try:
        values = np.array(weights.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise InputError(f"Found sample weights that are not numbers: {error}") from error
    values[~keep] = 0.0
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError("Found sample weights that are missing, infinite or negative; expected numbers >= 0.")
    if not values.any():
        raise InputError("Found sample weights that are all zero; expected some above it.")
    return values


def _weightless(known: pd.Series | pd.DataFrame, weighted: pd.Series | pd.DataFrame) -> str:
    """Say that rows of no weight are left out, and which labels go with them."""
    if isinstance(known, pd.DataFrame) or isinstance(weighted, pd.DataFrame):
        return f"{len(known) - len(weighted)} of {len(known)} rows weigh 0; left out."
    gone = set() if pd.api.types.is_float_dtype(known.dtype) else set(map(repr, known)) - set(map(repr, weighted))
    lost = f", and with them the values {', '.join(sorted(gone))} of the target" if 0 < len(gone) <= MOST_LOST else ""
    return f"{len(known) - len(weighted)} of {len(known)} rows weigh 0; left out{lost}."
