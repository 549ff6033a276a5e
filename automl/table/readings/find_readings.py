"""Find readings: how each column of strings is to be read, told by all its values and by the table's other columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, unknown_name
from automl.table.readings.find_dates import LOOKED_AT, Beside, DateTexts, decide, find_dates, with_first_year
from automl.table.readings.find_number_dates import find_number_dates
from automl.table.readings.find_numbers import GROUPED, NO_NUMBERS, NumberTexts, find_numbers
from automl.table.readings.read_dates import ORDERS, date_seconds, names_order
from automl.table.readings.read_durations import DURATIONS, find_durations
from automl.table.readings.read_numbers import SIGNS, split_format
from automl.table.readings.recognise_forms import are_dialled
from automl.table.readings.weigh_dates import Readings
from automl.vocabulary.readings import Asked, Reading
from automl.vocabulary.schema import ColumnKind

NOT_DATES = "no"
"""What a user says of a column that holds no dates."""
MOST_OTHERS = 8
"""Columns of dates that one in doubt is held against."""


@dataclass(frozen=True, slots=True)
class Strings:
    """A column of strings: the kind that its words suggest, a sample of those that are not missing, and all of them."""

    kind: ColumnKind
    sample: pd.Series
    every: Callable[[], pd.Series]
    """Gives all strings in the order of the rows, with the rows as index."""
    words: str = ""
    """What there is to tell of words among numbers or dates, which have been left out of these strings."""


def find_readings(
    frame: pd.DataFrame, strings: Mapping[str, Strings], numbers: Mapping[str, Any], asked: Asked
) -> dict[str, Reading]:
    """Return how each column of strings is read; those in doubt are decided by what the others are for sure.

    Of columns of `numbers`, float64, those are here that are dates.
    """
    _check_names(frame, asked)
    found = _number_dates(frame, numbers, asked.dates)
    in_doubt: dict[str, DateTexts] = {}
    for name, column in strings.items():
        wanted = asked.dates.get(name, asked.dates.get("") if asked.dates.get("") == NOT_DATES else "")
        dates = None
        if wanted and wanted != NOT_DATES:
            found[name] = _as_asked(name, column, wanted)
        elif column.kind in (ColumnKind.CATEGORICAL, ColumnKind.TEXT) and not wanted and find_dates(column.sample):
            dates = find_dates(column.every())
        if dates is not None:
            in_doubt[name] = dates
    rest = {name: column for name, column in strings.items() if name not in found and name not in in_doubt}
    numbers_found, sign = _numbers(rest, asked.decimal)
    found |= numbers_found
    typed = _typed_dates(frame)
    said = {name: asked.dates.get(name, asked.dates.get("", "")) for name in typed}  # for when they come as text
    found |= {name: Reading(ColumnKind.DATETIME, each) for name, each in said.items() if each not in ("", NOT_DATES)}
    found |= _decided(frame, found, in_doubt, asked.dates.get("", ""), sign)
    told = {name: column.words for name, column in strings.items() if column.words}
    return found | {name: _with_words(found[name], words) for name, words in told.items()}


def _with_words(reading: Reading, words: str) -> Reading:
    if reading.kind not in (ColumnKind.NUMERIC, ColumnKind.DATETIME):  # as the user said: the words stay
        return reading
    return replace(reading, doubt="; ".join(each for each in (reading.doubt, words) if each))


def hold_values(texts: pd.Series, kind: ColumnKind) -> bool:
    """Tell whether strings are dates, numbers or durations beyond a doubt, with `kind` what their words suggest."""
    if kind is ColumnKind.NUMERIC or kind not in (ColumnKind.CATEGORICAL, ColumnKind.TEXT):
        return kind is ColumnKind.NUMERIC
    if are_dialled(texts):
        return False
    return (
        find_dates(texts) is not None
        or bool(find_numbers(texts.tolist()).number_format)
        or bool(find_durations(texts.tolist())[0])
    )


def _check_names(frame: pd.DataFrame, asked: Asked) -> None:
    """Refuse words about columns that are not there."""
    for option, names in (("dates", asked.dates), ("decimal", asked.decimal)):
        for name in names:
            if name and name not in frame.columns:
                raise InputError(unknown_name(f"column in {option}", name, frame.columns))


def _number_dates(frame: pd.DataFrame, numbers: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, Reading]:
    """Return the readings of columns of numbers that are dates, by what was asked or by what they look like."""
    found = {}
    for name, values in numbers.items():
        wanted = asked.get(name, asked.get("") if asked.get("") == NOT_DATES else "")
        if wanted and wanted != NOT_DATES:
            _check_asked(name, frame[name].dropna(), wanted)
            found[name] = Reading(ColumnKind.DATETIME, wanted)
        elif not wanted and (reading := find_number_dates(name, values)) is not None:
            found[name] = reading
    return found


def _check_asked(name: str, known: pd.Series, wanted: str) -> None:
    """Refuse a format that reads less than half of a column."""
    sample = known.iloc[:LOOKED_AT]
    n_read = int(np.isfinite(date_seconds(sample, wanted)).sum())
    if n_read < len(sample) / 2:
        raise InputError(
            f"Column {name!r} holds values such as {sample.iloc[0]!r}, and dates={{{name!r}: {wanted!r}}} reads "
            f"{n_read} of the first {len(sample)}. Expected an order such as 'dmy' or a strptime format that reads "
            f"them, or 'no' for no dates."
        )


def _as_asked(name: str, column: Strings, wanted: str) -> Reading:
    """Return the reading that was asked for; an error where it does not read the strings."""
    _check_asked(name, column.sample, wanted)
    if names_order(wanted):
        dates = find_dates(column.every())
        wanted = wanted if dates is None else with_first_year(wanted, dates.first_year)
    return Reading(ColumnKind.DATETIME, wanted)


def sign_of(readings: Mapping[str, Reading]) -> str:
    """Return the decimal sign of a table's numbers as text: "," where some have it for sure and none a point."""
    formats = {each.number_format for each in readings.values() if each.number_format and not each.doubt}
    signs = {SIGNS[split_format(each)[1]] for each in formats - set(DURATIONS)}
    points = {group for group, sign in signs if sign == "." and group}
    return "," if any(sign == "," for _, sign in signs) and not points else ""


def _numbers(strings: Mapping[str, Strings], asked: Mapping[str, str]) -> tuple[dict[str, Reading], str]:
    """Return the readings of columns that are no dates, and the decimal sign that all beyond doubt have; "" for none.

    It decides the columns in doubt.
    """
    written = {name: _written(column, asked.get(name, asked.get("", ""))) for name, column in strings.items()}
    signs = {each.decimal for each in written.values() if each.decimal and not each.doubt}
    sign = signs.pop() if len(signs) == 1 else ""
    found = {}
    for name, column in strings.items():
        each = written[name]
        if sign and (each.doubt or column.kind is ColumnKind.NUMERIC):
            each = _written(column, asked.get(name, sign))
        found[name] = _as_numbers(column, each)
    return found, sign


def _written(column: Strings, sign: str) -> NumberTexts:
    """Return how a column's numbers are written; where a sample leaves doubt, all values are looked at."""
    if column.kind is ColumnKind.NUMERIC:  # as Python reads them, unless what seems a decimal parts thousands
        pointed = [text for text in column.sample if "." in text]
        if not pointed or not all(GROUPED.fullmatch(text) for text in pointed):
            return NO_NUMBERS
        found = find_numbers(column.sample.tolist(), sign)
        return found if found.decimal == "," else NO_NUMBERS
    if column.kind not in (ColumnKind.CATEGORICAL, ColumnKind.TEXT):
        return NO_NUMBERS
    if are_dialled(column.sample):
        return NO_NUMBERS
    found = find_numbers(column.sample.tolist(), sign)
    return find_numbers(column.every().unique().tolist(), sign) if found.doubt else found


def _as_numbers(column: Strings, written: NumberTexts) -> Reading:
    if written.number_format:
        return Reading(ColumnKind.NUMERIC, number_format=written.number_format, doubt=written.doubt)
    if column.kind in (ColumnKind.CATEGORICAL, ColumnKind.TEXT):
        number_format, doubt = find_durations(column.sample.tolist())
        if number_format:
            return Reading(ColumnKind.NUMERIC, number_format=number_format, doubt=doubt)
    return Reading(column.kind, doubt=written.doubt)


def _decided(
    frame: pd.DataFrame, found: Mapping[str, Reading], in_doubt: Mapping[str, DateTexts], wanted: str, sign: str
) -> dict[str, Reading]:
    """Decide the order of dates, those that are sure first; `wanted` is the user's word for all of them.

    Where nothing else tells, decimal commas (`sign`) say that the day comes first.
    """
    sure = {name: dates for name, dates in in_doubt.items() if dates.readings is None}
    votes = {dates.date_format for dates in sure.values()} & set(ORDERS)
    votes |= {each.date_format.partition(" ")[0] for each in found.values() if names_order(each.date_format)}
    votes = votes or ({"dmy"} if sign == "," else set())
    others = _known_dates(frame, sure) if len(sure) < len(in_doubt) else []
    decided = {}
    for name, dates in in_doubt.items():
        if dates.readings is not None and wanted in dates.readings:
            date_format, doubt = with_first_year(wanted, dates.first_year), ""
        else:
            beside = Beside(votes, [each[dates.texts.index] for each in others], _alike(name, in_doubt))
            date_format, doubt = decide(dates, beside)
            if wanted in ORDERS and date_format.partition(" ")[0] in set(ORDERS) - {wanted}:
                doubt = f"not all values can be read as {wanted}, which was asked for, and more can as {date_format}"
        decided[name] = Reading(ColumnKind.DATETIME, date_format, doubt=doubt)
    return decided


def _alike(name: str, in_doubt: Mapping[str, DateTexts]) -> list[Readings]:
    """Return the readings of the other columns in doubt, in the rows of the one of that name."""
    rows = in_doubt[name].texts.index
    others = [each for other, each in in_doubt.items() if other != name and each.readings is not None]
    found: list[Readings] = []
    for other in others[:MOST_OTHERS]:
        places = other.texts.index.get_indexer(rows)
        readings = other.readings or {}
        found.append({order: np.where(places >= 0, dates[places], np.nan) for order, dates in readings.items()})
    return found


def _typed_dates(frame: pd.DataFrame) -> list[str]:
    is_date = pd.api.types.is_datetime64_any_dtype
    return [name for name, dtype in zip(frame.columns, frame.dtypes, strict=True) if is_date(dtype)]


def _known_dates(frame: pd.DataFrame, sure: Mapping[str, DateTexts]) -> list[Any]:
    """Return the dates of columns whose reading is sure, `(n_rows,)` seconds each."""
    found = [date_seconds(frame[name], "") for name in _typed_dates(frame)[:MOST_OTHERS]]
    for dates in [*sure.values()][:MOST_OTHERS]:
        whole = np.full(len(frame), np.nan)
        whole[dates.texts.index] = date_seconds(dates.texts, dates.named)
        found.append(whole)
    return found
