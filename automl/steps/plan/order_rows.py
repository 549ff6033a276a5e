"""Order the rows: from a time column of any type to numbers that sort in order of time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.table.columns.type_columns import as_numbers, type_column
from automl.table.readings.read_dates import date_seconds
from automl.vocabulary.arrays import Array
from automl.vocabulary.readings import Reading
from automl.vocabulary.schema import ColumnKind


def sortable_time(values: pd.Series, reading: Reading | None = None) -> Array:
    """Return the values of a time column as numbers that sort in order of time; a missing one is an error.

    `reading` is how its strings are read where models see them.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values, reading = values.astype(values.cat.categories.dtype), None  # models see categories, not what they say
    _refuse_gaps(values)
    column = type_column(values.rename("time"), _kind(values), reading)
    numbers = date_seconds(values, column.date_format) if column.kind is ColumnKind.DATETIME else as_numbers(values)
    unread = np.flatnonzero(np.isnan(numbers))
    if len(unread):
        raise InputError(
            f"The time column has {len(unread)} values that are neither dates nor numbers, such as "
            f"{values.iloc[unread[0]]!r}; expected one for each row. Correct them, or drop those rows."
        )
    return np.asarray(numbers)


def _kind(values: pd.Series) -> ColumnKind | None:
    """Return the kind where the type alone tells it; text is judged by its values."""
    return ColumnKind.NUMERIC if pd.api.types.is_numeric_dtype(values.dtype) else None


def _refuse_gaps(values: pd.Series) -> None:
    """Refuse a time column with missing values, or with the same one in every row."""
    missing = int(values.isna().sum())
    if missing:
        raise InputError(
            f"The time column lacks {missing} of {len(values)} values; expected a date or a number for each row. Fill "
            f"them, or drop those rows."
        )
    first = values.iloc[0]
    if (values == first).all():
        raise InputError(
            f"Every row of the time column has the same value, {first!s}; expected two or more moments to cut folds "
            f"by. Leave out time_column, or name a column that tells the rows' times apart."
        )
