"""Order the rows: from a time column of any type to numbers that sort in order of time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.steps.read_dates import date_seconds
from automl.steps.type_columns import as_numbers, type_column
from automl.vocabulary.arrays import Array
from automl.vocabulary.readings import Reading
from automl.vocabulary.schema import ColumnKind


def sortable_time(values: pd.Series, reading: Reading | None = None) -> Array:
    """Return the values of a time column as numbers that sort in order of time; a missing one is an error.

    `reading` is how its strings are read where models see them.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    column = type_column(values.rename("time"), _kind(values), reading)
    numbers = date_seconds(values, column.date_format) if column.kind is ColumnKind.DATETIME else as_numbers(values)
    missing = int(np.isnan(numbers).sum())
    if missing:
        raise InputError(
            f"The time column has {missing} values that are neither dates nor numbers; expected one for each row. Fill "
            f"them, or drop those rows."
        )
    return np.asarray(numbers)


def _kind(values: pd.Series) -> ColumnKind | None:
    """Return the kind where the type alone tells it; text is judged by its values."""
    return ColumnKind.NUMERIC if pd.api.types.is_numeric_dtype(values.dtype) else None
