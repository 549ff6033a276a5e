"""Read like: a file that a fitted model is given is read as its schema says, whatever its other rows look like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.table.columns.encode_table import encode_dates, encode_numbers
from automl.table.files.lay_out import NUMBER, TOPIC
from automl.table.files.read_labels import read_labels
from automl.table.files.read_table import guessed, read_file, tell
from automl.table.files.read_text import Asked
from automl.table.files.settle_words import mask_words
from automl.table.readings.find_numbers import find_number_format
from automl.table.readings.read_dates import NUMBER_FORMATS
from automl.table.readings.read_numbers import read_numbers
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.schema import OBJECTS, Column, ColumnKind, Schema
from automl.vocabulary.task import Task

TRUTHS = ("True", "False")
MOST_UNREAD = 0.05
"""Share of a column's values from which those that cannot be read are told."""
DIGIT = r"[1-9]|[^\W\D0-9]"
"""A digit that is not 0: words, and dates such as 0000-00-00, stand for missing values."""
ADVICE = "If that is wrong, write them as in the table that the model was fitted on."


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
    frame, layout = read_file(path, Asked(text=(*columns, *task.target_names)))
    found = {
        name: mask_words(frame[name], column.categories)
        for name, column in columns.items()
        if name in frame.columns and column.kind is not ColumnKind.SEQUENCE  # there NA is a word like any other
    }
    for each in task.targets or (task,):
        if each.target in frame.columns and each.target not in found:
            found[each.target] = _labels(frame[each.target], each, layout.decimal)
    frame = frame.assign(**found) if found else frame
    unread, more = _unread(frame, schema)
    tell(path, (*layout.findings, *guessed(layout), *more))
    return frame.assign(**unread) if unread else frame


def _unread(frame: pd.DataFrame, schema: Schema) -> tuple[dict[str, pd.Series], list[Finding]]:
    """Tell of columns of which more than a few values are written in another way than when the model was fitted.

    Where that is another way to write plain numbers, beyond doubt, they are returned as numbers.
    """
    found, told = {}, []
    for column in schema.of_kind(ColumnKind.NUMERIC, ColumnKind.DATETIME):
        if column.part or column.name not in frame.columns or not _holds_strings(frame[column.name]):
            continue
        values = frame[column.name]
        written = values[values.astype(str).str.contains(DIGIT, regex=True)].dropna()
        is_date = column.kind is ColumnKind.DATETIME
        lost = np.isnan(encode_dates(written, column) if is_date else encode_numbers(written, column))
        if lost.sum() <= MOST_UNREAD * len(written):
            continue
        told.append(_another_way(column, written, lost))
        is_plain = not is_date and not column.number_format
        number_format = find_number_format(written.drop_duplicates().astype(str)) if is_plain else ""
        if number_format:
            found[column.name] = pd.Series(read_numbers(values, number_format), index=values.index)
            told[-1] = replace(told[-1], done=f"read as numbers such as {number_format!r}", advice=ADVICE)
    return found, told


def _another_way(column: Column, written: pd.Series, lost: Any) -> Finding:
    """Return what there is to tell of values that cannot be read."""
    kind = "dates" if column.kind is ColumnKind.DATETIME else "numbers"
    found = (
        f"{int(lost.sum())} of {len(written)} values, such as {written.iloc[int(lost.argmax())]!r}, are written in "
        f"another way than the {kind} that the model was fitted on"
    )
    known = column.date_format or column.number_format
    advice = f"Write them in that way{f' ({known!r})' if known else ''}, or pass a frame with {kind}."
    return Finding(Severity.WARNING, TOPIC, column.name, found, "taken for missing", advice)


def _holds_strings(values: pd.Series) -> bool:
    return values.dtype == object or isinstance(values.dtype, pd.StringDtype)


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
