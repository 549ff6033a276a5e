"""Type the columns: decide from its values what each column holds, and set aside what cannot help."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.registry import Registry
from automl.table.columns.count_words import words_in
from automl.table.columns.digest_column import digest_of, digests_of
from automl.table.columns.settle_columns import (
    DISTINCT,
    FEWEST_DISTINCT,
    ID_DISTINCT,
    LEFT_OUT,
    NUMBERS_ROWS,
    settle_columns,
)
from automl.table.files.read_images import describe_images, hold_images, names_images
from automl.table.placed_cells import is_placed
from automl.table.readings.find_number_dates import PLAIN, plain_readings
from automl.table.readings.find_readings import Strings, find_readings
from automl.table.readings.gather_numbers import plain_columns
from automl.table.readings.keep_digits import offset_of, scale_of
from automl.table.readings.normalise_cells import distinct_cells, written
from automl.table.readings.read_dates import date_seconds
from automl.table.readings.read_durations import HOURS_FIRST, duration_seconds, number_of
from automl.table.readings.read_numbers import read_numbers
from automl.table.readings.recognise_forms import are_dialled
from automl.table.readings.set_words_apart import without_words
from automl.vocabulary.readings import Asked, Reading
from automl.vocabulary.schema import Column, ColumnKind, Noted, Schema

SAMPLE_ROWS = 2000
NUMBERS_AS_TEXT = 0.98
"""Share of a text column's values that must read as numbers for it to be numeric."""
IMAGES_AS_TEXT = 0.95
"""Share of a text column's values that must name image files for it to hold images."""
TEXT_WORDS = 3.0
"""Mean number of words from which a column of mostly distinct strings is text."""
KIND_OF_OBJECTS = {
    "boolean": ColumnKind.BOOLEAN,
    "datetime": ColumnKind.DATETIME,
    "datetime64": ColumnKind.DATETIME,
    "date": ColumnKind.DATETIME,
    "period": ColumnKind.DATETIME,
    "integer": ColumnKind.NUMERIC,
    "floating": ColumnKind.NUMERIC,
    "decimal": ColumnKind.NUMERIC,
    "mixed-integer-float": ColumnKind.NUMERIC,
}
"""What pandas calls the values of an object column, and the kind that they are."""
MISSING_WORDS = frozenset({"", "?", "-", ".", "na", "n/a", "nan", "null", "none"})
"""Stand-ins for a missing number in a text column."""
TRUTH_PAIRS = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"})
ROW_NUMBER_NAME = re.compile(r"unnamed: 0|((row|record|case)[ _]?)?(id|index|number|no\.?)", re.IGNORECASE)
WRITTEN_INDEX = "looks like an identifier: the index of a frame, written with it"
INDEX_NAME = re.compile(r"unnamed: \d+(\.\d+)?|__index_level_\d+__|level_\d+|index", re.IGNORECASE)
"""What pandas calls the index of a frame that was written with its columns, or made one of them."""
LEAST_INDEX, DRAWN_INDEX, MOST_SPREAD = 20, 0.5, 10
"""Rows from which an index is told; its share of distinct numbers, less where rows were drawn; its spread by row."""
DURATIONS = (timedelta, np.timedelta64)
WHOLE_NUMBER = re.compile(r"[+-]?\d+\.0+")
NUMBER_LIKE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
PADDED_NUMBER = re.compile(r"0\d+", re.ASCII)


def type_columns(
    frame: pd.DataFrame,
    registry: Registry,
    readings: Mapping[str, Reading] | None = None,
    asked: Mapping[str, ColumnKind] | None = None,
) -> Schema:
    """Return the schema of a table; constant, all-missing, id-like and repeated columns become IGNORED with a note.

    `readings` are those of `read_strings`, where they have been found before; `asked` are the kinds that the user gave.
    """
    readings = read_strings(frame) if readings is None else readings
    columns: list[Column] = []
    told = dict(asked or {})
    is_asked = registry.is_asked("automl_type_column")
    plain = {} if is_asked else plain_columns(frame, _plain_names(frame, told, readings))
    for name in frame.columns:
        if name in plain:
            columns.append(plain[name])
            continue
        values = frame[name]
        if is_asked and name not in told:
            decided = registry.decide("automl_type_column", column=values.copy())
            told |= {name: decided} if isinstance(decided, ColumnKind) else {}
        is_out = told.get(name) is ColumnKind.IGNORED
        columns.append(_left_out(values) if is_out else type_column(values, told.get(name), readings.get(name)))
    schema = Schema(tuple(settle_columns(frame, _without_copies(frame, columns), told, type_column)))
    if schema.kinds == {ColumnKind.IGNORED}:
        notes = "; ".join(f"{column.name!r}: {column.note}" for column in schema.columns[:10])
        raise InputError(f"None of the {len(columns)} columns can be used ({notes}); expected one that varies.")
    return schema


def _plain_names(frame: pd.DataFrame, told: Mapping[str, ColumnKind], readings: Mapping[str, Reading]) -> set[str]:
    """Return the columns that can be described as numbers, whatever their names and the user say."""
    named = (name for name in frame.columns if name not in told and readings.get(name) == PLAIN)
    return {name for name in named if not INDEX_NAME.fullmatch(name) and not ROW_NUMBER_NAME.fullmatch(name)}


def read_strings(frame: pd.DataFrame, asked: Asked | None = None) -> dict[str, Reading]:
    """Return how each column is read, strings by what the other columns tell too; `asked` is what the user said."""
    strings: dict[str, Strings] = {}
    numbers: dict[str, Any] = {}
    asked = asked or Asked()
    typed = plain_readings(frame, asked.dates)
    for name in frame.columns:
        if name in typed:
            continue
        values = frame[name]
        known = _known(values) if _is_plain(values) else values.reset_index(drop=True).dropna()
        kind = _typed_kind(known) if len(known) else ColumnKind.IGNORED
        if kind is None:
            strings[name] = _strings(known)
        else:
            is_duration = kind is ColumnKind.NUMERIC and _seconds(known) is not None
            typed[name] = Reading(kind, number_format=HOURS_FIRST if is_duration else "")
        if kind is ColumnKind.NUMERIC or (kind is None and strings[name].kind is ColumnKind.NUMERIC):
            numbers[name] = as_numbers(known)
    return typed | find_readings(frame, strings, numbers, asked)


def _strings(known: pd.Series) -> Strings:
    sample = _filled(known if len(known) <= SAMPLE_ROWS else known.sample(SAMPLE_ROWS, random_state=0))
    kind = _kind_of_words(sample, known) if len(sample) else ColumnKind.CATEGORICAL
    if kind in (ColumnKind.CATEGORICAL, ColumnKind.TEXT):
        apart = without_words(sample, lambda rest: _kind_of_words(rest, rest), lambda: _filled(known))
        if apart is not None:
            return apart
    return Strings(kind, sample, lambda: _filled(known))


def _filled(values: pd.Series) -> pd.Series:
    """Return the values as text without spaces around it; stand-ins for missing ones are left out."""
    text = as_text(values).str.strip()
    return text[~text.str.lower().isin(MISSING_WORDS)]


def type_column(values: pd.Series, kind: ColumnKind | None = None, reading: Reading | None = None) -> Column:
    """Describe one column; `kind` overrides what its values suggest, `reading` is how its strings are to be read."""
    name = str(values.name)
    known = _known(values)
    missing = 1.0 - len(known) / max(1, len(values))
    is_index = kind is None and INDEX_NAME.fullmatch(name) is not None and missing == 0.0 and _is_index(known)
    if len(known) == 0 or is_index:
        note, noted = (WRITTEN_INDEX, Noted.NUMBERING) if is_index else ("all values are missing", Noted.NOTHING)
        return Column(name, ColumnKind.IGNORED, _count_distinct(known), missing, note=note, noted=noted)
    is_told = kind is not None
    reading = reading or (None if kind else _reading(known))
    if reading is None or kind not in (None, reading.kind):
        reading = Reading(kind or ColumnKind.CATEGORICAL)
    kind = reading.kind
    n_distinct = _count_distinct(known)
    if n_distinct == 1:
        if missing == 0.0 or kind not in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN, ColumnKind.NUMERIC):
            return Column(name, ColumnKind.IGNORED, 1, missing, note="constant")
        kind = ColumnKind.CATEGORICAL  # all that such a column tells is whether the value is there
    column = Column(
        name, kind, n_distinct, missing,
        date_format=reading.date_format, number_format=reading.number_format, note=reading.note, doubt=reading.doubt,
    )  # fmt: skip
    if kind is ColumnKind.IMAGE:
        side, note = describe_images(known)
        return replace(column, side=side) if side else replace(column, kind=ColumnKind.IGNORED, note=note)
    if kind is ColumnKind.NUMERIC:
        return _describe_numbers(column, known, is_told)
    if kind is ColumnKind.CATEGORICAL:
        return _describe_categories(column, known, is_told)
    return _describe_dates(column, known) if kind is ColumnKind.DATETIME else column


def _left_out(values: pd.Series) -> Column:
    missing = float(values.isna().mean())
    return Column(str(values.name), ColumnKind.IGNORED, 0, missing, note=LEFT_OUT, noted=Noted.ASKED)


def _is_plain(values: pd.Series) -> bool:
    return isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf"


def _known(values: pd.Series) -> pd.Series:
    """Return the values that are not missing, uncopied where they are plain numbers and none is."""
    if _is_plain(values):
        numbers = values.to_numpy()
        return values if numbers.dtype.kind != "f" or not np.isnan(numbers).any() else values.dropna()
    return values.dropna()


def as_text(values: pd.Series) -> pd.Series:
    """Return values as text in one spelling: whole numbers without ".0", so that 1, 1.0, "1" and "1.0" are one.

    What is missing becomes None.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, found = values.cat.codes.to_numpy(), values.cat.categories
    else:
        codes, found = distinct_cells(values)
    found = np.asarray(found, dtype=object) if isinstance(found, pd.api.extensions.ExtensionArray | pd.Index) else found
    spelled = np.empty(len(found) + 1, dtype=object)
    spelled[:-1] = [spell(value) for value in found]
    return pd.Series(spelled[codes], index=values.index, name=values.name, dtype=object)


def as_numbers(values: pd.Series) -> np.ndarray[Any, Any]:
    """Return values as float64, durations in seconds; what is missing or no number is NaN. Each is read by itself."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf":
        return np.asarray(values.to_numpy(dtype=np.float64))
    seconds = _seconds(values)
    if seconds is not None:
        values = seconds
    elif pd.api.types.is_complex_dtype(values.dtype):
        values = values.map(lambda value: value.real if value.imag == 0 else np.nan).astype(np.float64)
    elif not pd.api.types.is_numeric_dtype(values.dtype):
        given = _with_seconds(values)
        try:
            values = pd.to_numeric(given.astype(object), errors="coerce")
        except Exception:  # such as a whole number of hundreds of digits, or what an object of one's own raises
            return _numbers_apart(given)
        if values.dtype.kind == "c":  # a complex number makes all others complex
            return _numbers_apart(given)
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))


def _with_seconds(values: pd.Series) -> pd.Series:
    """Return objects with the durations among them in seconds."""
    if values.dtype != object or not any(isinstance(value, DURATIONS) for value in values):
        return values
    seconds = [duration_seconds(each) if isinstance(each, DURATIONS) else each for each in values]
    return pd.Series(seconds, index=values.index, name=values.name, dtype=object)  # a complex one makes none complex


def _numbers_apart(values: pd.Series) -> np.ndarray[Any, Any]:
    """Return objects as float64, texts read together and all others one by one."""
    cells = values.to_numpy(dtype=object)
    numbers = np.array([number_of(cell) for cell in cells], dtype=np.float64)
    texts = np.array([isinstance(cell, str) for cell in cells], dtype=bool)
    numbers[texts] = pd.to_numeric(pd.Series(cells[texts], dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    return numbers


def _seconds(values: pd.Series) -> pd.Series | None:
    """Return durations in seconds, or None where the values are something else."""
    if pd.api.types.is_timedelta64_dtype(values.dtype):
        return values.dt.total_seconds()
    if values.dtype == object and pd.api.types.infer_dtype(values, skipna=True) == "timedelta":
        return pd.Series([duration_seconds(value) for value in values], index=values.index, dtype=np.float64)
    if str(values.dtype).startswith("duration"):
        return pd.to_timedelta(values.astype(object), errors="coerce").dt.total_seconds()
    return None


def spell(value: Any) -> Any:
    """Return one value as text, in the spelling of `as_text`; None where it is missing."""
    if type(value) is str:
        return value.partition(".")[0] if value.endswith("0") and WHOLE_NUMBER.fullmatch(value) else value
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return None
        if float(value).is_integer():
            return str(int(value))
    text = written(value)
    return text.split(".")[0] if WHOLE_NUMBER.fullmatch(text) else text


def _reading(known: pd.Series) -> Reading:
    """Tell from a column alone what kind it is, and how its strings are to be read."""
    name = str(known.name)
    return read_strings(known.to_frame(name))[name]


def _typed_kind(known: pd.Series) -> ColumnKind | None:
    """Tell the kind from the type of the values; None where they are strings, or mixed."""
    dtype = known.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return ColumnKind.CATEGORICAL
    if pd.api.types.is_bool_dtype(dtype):
        return ColumnKind.BOOLEAN
    if pd.api.types.is_numeric_dtype(dtype) or _seconds(known) is not None:
        return ColumnKind.NUMERIC
    if pd.api.types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
        return ColumnKind.DATETIME
    if pd.api.types.is_object_dtype(dtype) and (is_placed(known) or hold_images(known)):
        return ColumnKind.SEQUENCE if is_placed(known) else ColumnKind.IMAGE
    return KIND_OF_OBJECTS.get(pd.api.types.infer_dtype(known))


def _kind_of_words(filled: pd.Series, known: pd.Series) -> ColumnKind:
    """Tell truth values, numbers, image files, text and categories apart."""
    if _is_truth(filled, known):
        return ColumnKind.BOOLEAN
    if are_dialled(filled):
        return ColumnKind.CATEGORICAL
    numbers = filled.map(lambda text: NUMBER_LIKE.fullmatch(text) is not None)
    if numbers.mean() >= NUMBERS_AS_TEXT and not filled.map(lambda text: bool(PADDED_NUMBER.fullmatch(text))).any():
        return ColumnKind.NUMERIC
    if names_images(filled).mean() >= IMAGES_AS_TEXT:
        return ColumnKind.IMAGE
    words = float(np.mean([words_in(text) for text in filled]))
    distinct = filled.nunique() / len(filled)
    if words >= TEXT_WORDS and not _hold_numbers(filled) and distinct > 0.5 and filled.nunique() >= 10:
        return ColumnKind.TEXT
    return ColumnKind.CATEGORICAL


def _hold_numbers(filled: pd.Series) -> bool:
    """Tell whether more than half of what is written are digits: those are codes or lists of numbers, no texts."""
    texts = "".join(filled.head(SAMPLE_ROWS))
    return 2 * sum(sign.isdigit() for sign in texts) > sum(not sign.isspace() for sign in texts)


def _is_truth(filled: pd.Series, known: pd.Series) -> bool:
    """Tell whether the strings are all truth values, of one pair."""
    if set(filled.str.lower().unique()) not in TRUTH_PAIRS:
        return False
    spelled = as_text(known.drop_duplicates()).str.strip().str.lower()
    return set(spelled) - MISSING_WORDS in TRUTH_PAIRS


def _describe_numbers(column: Column, known: pd.Series, is_told: bool) -> Column:
    values = read_numbers(known, column.number_format) if column.number_format else as_numbers(known)
    is_named_so = not is_told and ROW_NUMBER_NAME.fullmatch(column.name) is not None
    if is_named_so and column.missing_fraction == 0.0 and len(values) > 20 and (np.diff(values) == 1).all():
        return replace(column, kind=ColumnKind.IGNORED, note=NUMBERS_ROWS, noted=Noted.NUMBERING)
    offset = offset_of(values)
    return replace(column, offset=offset, scale=scale_of(values, offset))


def _is_index(known: pd.Series) -> bool:
    """Tell whether values number rows, perhaps those of a larger table in another order, or name each of them."""
    n_distinct = _count_distinct(known)
    if not pd.api.types.is_integer_dtype(known.dtype):
        return len(known) > LEAST_INDEX and n_distinct == len(known) and not pd.api.types.is_numeric_dtype(known.dtype)
    spread = int(known.max()) - int(known.min()) + 1
    return len(known) > LEAST_INDEX and n_distinct > DRAWN_INDEX * len(known) and spread <= MOST_SPREAD * len(known)


def _count_distinct(known: pd.Series) -> int:
    if isinstance(known.dtype, np.dtype) and known.dtype.kind in "iuf" and len(known):
        values = np.sort(known.to_numpy())  # ten times as fast as hashing, which misses the cache
        return int(np.count_nonzero(values[1:] != values[:-1])) + 1
    try:
        return int(known.nunique())
    except TypeError:  # values that cannot be hashed, such as images
        return len(known)


def _describe_categories(column: Column, known: pd.Series, is_told: bool) -> Column:
    text = as_text(known)
    counts = text.value_counts()
    levels = tuple(sorted(str(level) for level in counts.index))
    if len(levels) > max(FEWEST_DISTINCT, ID_DISTINCT * len(text)) and not is_told:
        return replace(column, kind=ColumnKind.IGNORED, n_distinct=len(levels), note=DISTINCT, noted=Noted.DISTINCT)
    ordered = isinstance(known.dtype, pd.CategoricalDtype) and bool(known.dtype.ordered)
    if ordered:
        levels = tuple(dict.fromkeys(text for each in known.cat.categories if (text := str(spell(each))) in levels))
    return replace(column, categories=levels, n_distinct=len(levels), ordered=ordered)


def _describe_dates(column: Column, known: pd.Series) -> Column:
    sample = known if len(known) <= SAMPLE_ROWS else known.sample(SAMPLE_ROWS, random_state=0)
    seconds = date_seconds(sample, column.date_format)
    return replace(column, has_time=bool(np.any(np.nan_to_num(seconds) % 86_400 != 0)))


def _without_copies(frame: pd.DataFrame, columns: list[Column]) -> tuple[Column, ...]:
    """Set aside every column that repeats an earlier one value for value.

    Only columns of one digest are compared, which are copies but for a chance of nothing, so that the work grows with
    the number of columns and not with its square.
    """
    seen: dict[bytes, list[str]] = {}
    digests = digests_of(frame)
    kept: list[Column] = []
    for column in columns:
        if column.kind in (ColumnKind.IGNORED, ColumnKind.IMAGE, ColumnKind.SEQUENCE):
            kept.append(column)
            continue
        digest = digests.get(column.name) or digest_of(frame[column.name])
        alike = seen.setdefault(digest, [])
        first = next((name for name in alike if frame[name].equals(frame[column.name].rename(name))), None)
        if first is None:
            alike.append(column.name)
            kept.append(column)
        else:
            kept.append(replace(column, kind=ColumnKind.IGNORED, note=f"repeats column {first!r}", noted=Noted.NOTHING))
    return tuple(kept)
