"""Read like: a file that a fitted model is given is read as its schema says, whatever its other rows look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from automl.steps.lay_out import NUMBER
from automl.steps.read_dates import NUMBER_FORMATS
from automl.steps.read_labels import read_labels
from automl.steps.read_table import guessed, read_file, tell
from automl.steps.read_text import Asked
from automl.steps.settle_words import mask_words
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.task import Task

TRUTHS = ("True", "False")


def opened(data: Any, schema: Schema, task: Task) -> Any:
    """Return a file as its table, and anything else as it is."""
    return read_like(data, schema, task) if isinstance(data, str | Path) else data


def read_like(path: str | Path, schema: Schema, task: Task) -> pd.DataFrame:
    """Return a file's table: columns that held text when the model was fitted hold text, the others numbers.

    A word such as NA is a missing value but where it is a known category; labels are read as those that were fitted.
    """
    sources = {column.source for column in schema.columns if column.part}
    columns = {
        column.name: column
        for column in schema.columns
        if not column.part and (_is_text(column) or column.name in sources)
    }
    frame, layout = read_file(path, Asked(text=(*columns, task.target)))
    found = {
        name: mask_words(frame[name], column.categories) for name, column in columns.items() if name in frame.columns
    }
    if task.target in frame.columns and task.target not in found:
        found[task.target] = _labels(frame[task.target], task, layout.decimal)
    tell(path, (*layout.findings, *guessed(layout)))
    return frame.assign(**found) if found else frame


def _is_text(column: Column) -> bool:
    """Tell whether a column was text, dates or numbers in disguise when it was typed, and not numbers alone."""
    if column.kind is ColumnKind.CATEGORICAL:
        return any(not NUMBER.fullmatch(each) and each not in TRUTHS for each in column.categories)
    is_written = bool(column.number_format or column.date_format) and column.date_format not in NUMBER_FORMATS
    return is_written or column.kind in (ColumnKind.TEXT, ColumnKind.IMAGE)


def _labels(texts: pd.Series, task: Task, decimal: str) -> pd.Series:
    known = [str(label) for label in task.classes]
    if any(isinstance(label, str) for label in task.classes):
        return mask_words(texts, known)
    return read_labels(texts, decimal=decimal, known=known)[0]
