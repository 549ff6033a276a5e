"""Unread values: what of a file's strings cannot be read as the model's columns are, counted, told, and read anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.table.columns.encode_table import encode_dates, encode_numbers
from automl.table.files.lay_out import TOPIC
from automl.table.readings.find_numbers import find_number_format
from automl.table.readings.read_numbers import read_numbers
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.schema import Column, ColumnKind, Schema

MOST_UNREAD = 0.05
"""Share of a column's values from which those that cannot be read are told."""
DIGIT = r"[1-9]|[^\W\D0-9]"
"""A digit that is not 0: words, and dates such as 0000-00-00, stand for missing values."""
ADVICE = "If that is wrong, write them as in the table that the model was fitted on."


@dataclass(frozen=True, slots=True)
class Unread:
    """How many of a column's values have a digit, how many of them cannot be read, and one of these as it stands."""

    written: int
    lost: int
    example: str

    @property
    def is_told(self) -> bool:
        """Whether so many cannot be read that the column is written in another way."""
        return self.lost > MOST_UNREAD * self.written

    def and_then(self, later: Unread) -> Unread:
        """Return the counts of these values and later ones together."""
        return Unread(
            self.written + later.written, self.lost + later.lost, self.example if self.lost else later.example
        )


def count_unread(frame: pd.DataFrame, schema: Schema) -> dict[str, Unread]:
    """Return what cannot be read of the columns of strings that are to be numbers or dates, by their names."""
    found = {}
    for column in _of_strings(frame, schema):
        written = _written(frame[column.name])
        is_date = column.kind is ColumnKind.DATETIME
        lost = np.isnan(encode_dates(written, column) if is_date else encode_numbers(written, column))
        n_lost = int(lost.sum())
        found[column.name] = Unread(len(written), n_lost, repr(written.iloc[int(lost.argmax())]) if n_lost else "")
    return found


def other_styles(frame: pd.DataFrame, schema: Schema, unread: Mapping[str, Unread]) -> dict[str, str]:
    """Return another way to write plain numbers that a column has beyond doubt, by the names of such columns."""
    found: dict[str, str] = {}
    for column in of_plain_numbers(schema):
        if column.name in unread and unread[column.name].is_told:
            style = find_number_format(_written(frame[column.name]).drop_duplicates().astype(str))
            found |= {column.name: style} if style else {}
    return found


def of_plain_numbers(schema: Schema) -> Iterator[Column]:
    """Give the columns that were plain numbers when the model was fitted, which may be written in another style now."""
    yield from (each for each in schema.of_kind(ColumnKind.NUMERIC) if not each.part and not each.number_format)


def restyled(frame: pd.DataFrame, styles: Mapping[str, str]) -> pd.DataFrame:
    """Return a frame with the numbers of columns that are written in other styles."""
    names: Iterable[str] = [name for name in styles if name in frame.columns]
    found = {name: pd.Series(read_numbers(frame[name], styles[name]), index=frame.index) for name in names}
    return frame.assign(**found) if found else frame


def tell_unread(schema: Schema, unread: Mapping[str, Unread], styles: Mapping[str, str]) -> list[Finding]:
    """Return what there is to tell of columns of which more than a few values are written in another way."""
    columns = [column for column in schema.columns if column.name in unread and unread[column.name].is_told]
    return [_told(column, unread[column.name], styles.get(column.name, "")) for column in columns]


def _told(column: Column, unread: Unread, style: str) -> Finding:
    kind = "dates" if column.kind is ColumnKind.DATETIME else "numbers"
    found = (
        f"{unread.lost} of {unread.written} values, such as {unread.example}, are written in another way than the "
        f"{kind} that the model was fitted on"
    )
    if style:
        return Finding(Severity.WARNING, TOPIC, column.name, found, f"read as numbers such as {style!r}", ADVICE)
    known = column.date_format or column.number_format
    advice = f"Write them in that way{f' ({known!r})' if known else ''}, or pass a frame with {kind}."
    return Finding(Severity.WARNING, TOPIC, column.name, found, "taken for missing", advice)


def _of_strings(frame: pd.DataFrame, schema: Schema) -> Iterator[Column]:
    for column in schema.of_kind(ColumnKind.NUMERIC, ColumnKind.DATETIME):
        if not column.part and column.name in frame.columns and _holds_strings(frame[column.name]):
            yield column


def _written(values: pd.Series) -> Any:
    return values[values.astype(str).str.contains(DIGIT, regex=True)].dropna()


def _holds_strings(values: pd.Series) -> bool:
    return values.dtype == object or isinstance(values.dtype, pd.StringDtype)
