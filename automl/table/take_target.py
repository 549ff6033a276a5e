"""Take the target: which column a user names, whether values beside a table belong to its rows, and one left in it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, unknown_name
from automl.table.readings.normalise_cells import whole_text
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.task import in_words

LEAST_ROWS = 20
"""With fewer rows, a column may equal the target by chance."""
REPEATED = 2
"""Rows for each distinct value from which the same pattern of values is the same column in other words."""
LISTS = (list, tuple, np.ndarray, pd.Index)


def column_name(name: Any) -> str:
    """Return a column's name as text; the levels of a column with several are joined by "_"."""
    text = "_".join(str(level) for level in name if str(level)) if isinstance(name, tuple) else str(name)
    return whole_text(text)


def column_of(value: Any, frame: pd.DataFrame, what: str) -> str | None:
    """Return the name of the column that is meant, None where `value` holds values of its own.

    A name may be anything that names a column of pandas', alone or in a list of one. `what` says in an error what
    the column is for.
    """
    one = _only(value, frame)
    if pd.api.types.is_scalar(one) or (isinstance(one, tuple) and column_name(one) in frame.columns):
        name = column_name(one)
        if name not in frame.columns:
            refuse_index(name, frame, what)
            raise InputError(unknown_name(what, name, frame.columns))
        return name
    return None


def columns_of(value: Any, frame: pd.DataFrame, what: str) -> tuple[str, ...] | None:
    """Return the names of the columns that are meant, one or several; None where `value` holds values of its own.

    Names stand in a list, which is none of values where it is not as long as the table and one of them is known.
    """
    names = _names_in(value, frame)
    if not names:
        name = column_of(value, frame, what)
        return None if name is None else (name,)
    for name in names:
        if name not in frame.columns:
            raise InputError(unknown_name(what, name, frame.columns))
    refuse_twice(names)
    return names


def refuse_twice(names: Sequence[str]) -> None:
    """Refuse target columns of which two have one name."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"Found the target column {twice[0]!r} {names.count(twice[0])} times among {list(names)[:10]}; expected "
            f"each once. Leave it out where it is named again, or give columns names of their own."
        )


def _names_in(value: Any, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the names in a list of several, or of one; none where it is a list of values."""
    is_one = isinstance(value, tuple) and column_name(value) in frame.columns
    if not isinstance(value, LISTS) or np.ndim(value) != 1 or is_one:
        return ()
    if not len(value) and isinstance(value, list | tuple):
        raise InputError(
            "Found an empty list of targets; expected the name of a column, or of several, such as fit(df, ['a', 'b'])."
        )
    if len(value) < 2 or len(value) == len(frame):
        return ()
    names = tuple(column_name(each) for each in value)
    return names if any(each in frame.columns for each in names) else ()


def refuse_index(value: Any, frame: pd.DataFrame, what: str) -> None:
    """Refuse the name of a table's index in place of one of its columns."""
    if not isinstance(value, str) or value in frame.columns:
        return
    if value in [column_name(each) for each in frame.index.names if each is not None]:
        raise InputError(
            f"Found {value!r} as the name of the table's index; expected a {what} among its columns. Make it one with "
            f"df.reset_index()."
        )


def _only(value: Any, frame: pd.DataFrame) -> Any:
    """Return the one name in a list, and what is in an array without dimensions; anything else as it is."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    if not isinstance(value, LISTS) or len(value) != 1 or len(frame) == 1 or np.ndim(value) > 1:
        return value
    return value[0] if isinstance(value[0], str) or column_name(value[0]) in frame.columns else value


def compare_index(data: Any, values: Any, what: str) -> list[Finding]:
    """Tell where the rows of a table and of values beside it go by other labels; pandas objects have some.

    An InputError where both have the same labels in another order: by label and by position are then two readings.
    """
    if not isinstance(data, pd.DataFrame | pd.Series) or not isinstance(values, pd.DataFrame | pd.Series):
        return []
    table, other = data.index, values.index
    if len(table) != len(other) or table.equals(other):
        return []
    shown = f"{table[:3].tolist()}... and {other[:3].tolist()}..."
    if table.isin(other).all() and other.isin(table).all():
        raise InputError(
            f"The table and {what} have the same index in another order: {shown}. Expected the rows of both in one "
            f"order. Give {what} as .loc[X.index] to pair rows by label, or as .to_numpy() to pair them by position."
        )
    found = f"the table and {what} have different indexes: {shown}"
    if not (_is_default(table) or _is_default(other)):
        warnings.warn(f"{found}; their rows are paired by position.", UserWarning, stacklevel=4)
    advice = f"If rows are to be paired by label, give {what} as .loc[X.index]; else give .to_numpy()."
    return [Finding(Severity.NOTE, "rows", "", found, "the rows are paired by position", advice)]


def _is_default(index: pd.Index) -> bool:
    return isinstance(index, pd.RangeIndex) and (index.start, index.step) == (0, 1)


def leave_out_targets(
    frame: pd.DataFrame, values: pd.Series | pd.DataFrame, *, unnamed: bool
) -> tuple[pd.DataFrame, pd.Series | pd.DataFrame, str, list[Finding]]:
    """Return the features without the targets that are still among them, the targets by their names, and what to tell.

    Columns of a target table without names are called target_1, target_2 and so on.
    """
    if isinstance(values, pd.Series):
        frame, name, told = leave_out_target(frame, values, unnamed=unnamed)
        return frame, values, name, told
    names, told = [], []
    for number in range(values.shape[1]):
        column = values.iloc[:, number]
        plain = column.rename(None) if isinstance(column.name, int | np.integer) else column
        frame, name, found = leave_out_target(frame, plain, unnamed=unnamed)
        names.append(f"target_{number + 1}" if name == "target" and plain.name is None else name)
        told += found
    refuse_twice(names)
    return frame, values.set_axis(names, axis=1), in_words(names), told


def leave_out_target(
    frame: pd.DataFrame, values: pd.Series, *, unnamed: bool
) -> tuple[pd.DataFrame, str, list[Finding]]:
    """Return the features without the target that is still among them, what the target is called, and what to tell.

    `unnamed` says that the table's columns have no names of their own; those of an array are never left out.
    """
    name = None if values.name is None else column_name(values.name)
    if name is not None and name not in frame.columns:
        return frame, name, []
    if isinstance(values.name, int) and not _equal(frame[name], values):  # as pandas counts columns without names
        name = None
    told = []
    for column in [name] if name is not None else list(_equal_columns(frame, values)):
        if unnamed:
            found = f"the column {column!r} equals the target in every row"
            told.append(_tell(column, found, "kept as a feature", "Leave the target out of X."))
        elif name is None or _tell_the_same(frame[column], values):
            frame = frame.drop(columns=column)
            found = f"the target is still among the features, as the column {column!r}"
            told.append(_tell(column, found, "left out of the features", f"Call fit(df, {column!r}) instead."))
            name = name or column
        else:
            found = f"the table has a column {column!r} beside a target of that name with other values"
            told.append(_tell(column, found, "kept as a feature", "If it tells the target, leave it out of the table."))
    return frame, name or "target", told


def _tell(column: str, found: str, done: str, advice: str) -> Finding:
    warnings.warn(f"{found[0].upper()}{found[1:]}; it was {done}. {advice}", UserWarning, stacklevel=5)
    return Finding(Severity.WARNING, "leak", column, found, done, advice)


def _equal_columns(frame: pd.DataFrame, values: pd.Series) -> Iterator[str]:
    """Yield the columns that equal a target without a name."""
    if len(frame) < LEAST_ROWS:
        return
    picks = [0, len(frame) // 2, len(frame) - 1]
    wanted = values.iloc[picks].tolist()
    for name, cells in frame.iloc[picks].astype(object).items():
        if _alike(cells.tolist(), wanted) and _equal(frame[name], values):
            yield str(name)


def _alike(cells: list[Any], wanted: list[Any]) -> bool:
    try:
        return all(cell is other or bool(cell == other) for cell, other in zip(cells, wanted, strict=True))
    except (TypeError, ValueError):  # cells that cannot be compared, such as arrays and pd.NA
        return False


def _equal(column: pd.Series, values: pd.Series) -> bool:
    if all(isinstance(each.dtype, np.dtype) and each.dtype.kind in "biuf" for each in (column, values)):
        return np.array_equal(column.to_numpy(), values.to_numpy(), equal_nan=True)
    objects = (each.reset_index(drop=True).astype(object) for each in (column, values))
    return bool(next(objects).equals(next(objects)))


def _tell_the_same(column: pd.Series, values: pd.Series) -> bool:
    """Tell whether a column is the target, or the target with each of its repeated values called something else."""
    if _equal(column, values):
        return True
    try:
        codes, other = pd.factorize(column)[0], pd.factorize(values)[0]
    except TypeError:  # values that cannot be hashed
        return False
    return bool(np.array_equal(codes, other) and REPEATED * (codes.max(initial=-1) + 1) <= len(codes))
