"""Read like: a file that a fitted model is given is read as its schema says, whatever its other rows look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from automl.table.files.lay_out import NUMBER
from automl.table.files.read_labels import read_labels
from automl.table.files.read_table import guessed, read_file, tell
from automl.table.files.read_text import Asked
from automl.table.files.settle_words import mask_words
from automl.table.readings.read_dates import NUMBER_FORMATS
from automl.table.unread_values import count_unread, other_styles, restyled, tell_unread
from automl.vocabulary.schema import OBJECTS, Column, ColumnKind, Schema
from automl.vocabulary.task import Task

TRUTHS = ("True", "False")


def opened(data: Any, schema: Schema, task: Task) -> Any:
    """Return a file as its table, and anything else as it is."""
    return read_like(data, schema, task) if isinstance(data, str | Path) else data


def read_like(path: str | Path, schema: Schema, task: Task) -> pd.DataFrame:
    """Return a file's table: columns that held text when the model was fitted hold text, the others numbers.

    A word such as NA is a missing value but where it is a known category; labels are read as those that were fitted.
    """
    frame, layout = read_file(path, Asked(text=(*text_columns(schema), *task.target_names)))
    frame = without_words(frame, schema)
    found = {
        each.target: _labels(frame[each.target], each, layout.decimal)
        for each in task.targets or (task,)
        if each.target in frame.columns and each.target not in text_columns(schema)
    }
    frame = frame.assign(**found) if found else frame
    unread = count_unread(frame, schema)
    styles = other_styles(frame, schema, unread)
    tell(path, (*layout.findings, *guessed(layout), *tell_unread(schema, unread, styles)))
    return restyled(frame, styles)


def text_columns(schema: Schema) -> dict[str, Column]:
    """Return by name the columns whose cells are to be the text that a file has."""
    sources = {column.source for column in schema.columns if column.part}
    return {
        column.name: column
        for column in schema.columns
        if not column.part and (_is_text(column) or column.name in sources)
    }


def without_words(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Return a frame in whose columns of text the words that stand for missing values are missing."""
    found = {
        name: mask_words(frame[name], column.categories)
        for name, column in text_columns(schema).items()
        if name in frame.columns and column.kind is not ColumnKind.SEQUENCE  # there NA is a word like any other
    }
    return frame.assign(**found) if found else frame


def _is_text(column: Column) -> bool:
    """Tell whether a column was text, dates or numbers in disguise when it was typed, and not numbers alone."""
    if column.kind is ColumnKind.CATEGORICAL:
        return any(not NUMBER.fullmatch(each) and each not in TRUTHS for each in column.categories)
    is_written = bool(column.number_format or column.date_format) and column.date_format not in NUMBER_FORMATS
    return is_written or column.kind in OBJECTS


def _labels(texts: pd.Series, task: Task, decimal: str) -> pd.Series:
    known = [str(label) for label in task.classes]
    if any(isinstance(label, str) for label in task.classes):
        return mask_words(texts, known)
    return read_labels(texts, decimal=decimal, known=known)[0]
