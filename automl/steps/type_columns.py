"""Type the columns: decide from its values what each column holds, and set aside what cannot help."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from automl.registry import Registry
from automl.vocabulary.schema import Column, ColumnKind, Schema

SAMPLE_ROWS = 2000
NUMBERS_AS_TEXT = 0.98
"""Share of a text column's values that must read as numbers for it to be numeric."""
DATES_AS_TEXT = 0.95
TEXT_WORDS = 3.0
"""Mean number of words from which a column of mostly distinct strings is text."""
ID_DISTINCT = 0.99
"""Share of distinct one-word strings from which a column is an identifier."""
DATE_FORMATS = (
    "ISO8601", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y",
    "%d-%b-%y", "%b-%Y", "%m/%d/%y",
)  # fmt: skip
DATE_LIKE = re.compile(r"\d.*[-/.: ].*\d|[A-Za-z]{3}.*\d{4}")
NUMBER_LIKE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
PADDED_NUMBER = re.compile(r"0\d+")
IMAGE_FILE = re.compile(r".+\.(jpe?g|png|bmp|gif|webp|tiff?)", re.IGNORECASE)


def type_columns(frame: pd.DataFrame, registry: Registry) -> Schema:
    """Return the schema of a table; constant, all-missing, id-like and repeated columns become IGNORED with a note."""
    columns: list[Column] = []
    for name in frame.columns:
        values = frame[name]
        decided = registry.decide("automl_type_column", column=values)
        columns.append(type_column(values, decided if isinstance(decided, ColumnKind) else None))
    return Schema(_without_copies(frame, columns))


def type_column(values: pd.Series, kind: ColumnKind | None = None) -> Column:
    """Describe one column; `kind` overrides what its values suggest."""
    name = str(values.name)
    known = values.dropna()
    missing = 1.0 - len(known) / max(1, len(values))
    if len(known) == 0:
        return Column(name, ColumnKind.IGNORED, 0, missing, note="all values are missing")
    kind, date_format = (kind, "") if kind else _kind(known)
    n_distinct = _count_distinct(known)
    if n_distinct == 1 and (missing == 0.0 or kind is not ColumnKind.CATEGORICAL):
        return Column(name, ColumnKind.IGNORED, 1, missing, note="constant")
    column = Column(name, kind, n_distinct, missing)
    if kind is ColumnKind.NUMERIC:
        return replace(column, offset=_offset(known))
    if kind is ColumnKind.CATEGORICAL:
        return _describe_categories(column, known)
    if kind is ColumnKind.DATETIME:
        return _describe_dates(replace(column, date_format=date_format), known)
    return column


def as_text(values: pd.Series) -> pd.Series:
    """Return values as text in one spelling: whole floats without ".0", so that 1, 1.0 and "1" are one category."""
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return pd.Series([_spell(value) for value in values.tolist()], index=values.index, dtype=object)
    array = values.to_numpy(dtype=object)
    if pd.api.types.infer_dtype(array, skipna=True) == "string":
        return pd.Series(array, index=values.index, dtype=object)
    return pd.Series([_spell(value) for value in array], index=values.index, dtype=object)


def _spell(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _kind(known: pd.Series) -> tuple[ColumnKind, str]:
    """Tell the kind from the values, and for dates written as text their format."""
    dtype = known.dtype
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.infer_dtype(known) == "boolean":
        return ColumnKind.BOOLEAN, ""
    if isinstance(dtype, pd.CategoricalDtype):
        return ColumnKind.CATEGORICAL, ""
    if pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
        return ColumnKind.NUMERIC, ""
    if pd.api.types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
        return ColumnKind.DATETIME, ""
    inferred = pd.api.types.infer_dtype(known)
    if inferred in ("datetime", "date", "datetime64"):
        return ColumnKind.DATETIME, ""
    if inferred in ("integer", "floating", "decimal", "mixed-integer-float"):
        return ColumnKind.NUMERIC, ""
    return _kind_of_strings(known)


def _kind_of_strings(known: pd.Series) -> tuple[ColumnKind, str]:
    sample = as_text(known if len(known) <= SAMPLE_ROWS else known.sample(SAMPLE_ROWS, random_state=0)).str.strip()
    filled = sample[sample != ""]
    if len(filled) == 0:
        return ColumnKind.CATEGORICAL, ""
    numbers = filled.map(lambda text: NUMBER_LIKE.fullmatch(text) is not None)
    if numbers.mean() >= NUMBERS_AS_TEXT and not filled.map(lambda text: bool(PADDED_NUMBER.fullmatch(text))).any():
        return ColumnKind.NUMERIC, ""
    date_format = find_date_format(filled)
    if date_format:
        return ColumnKind.DATETIME, date_format
    if filled.map(lambda text: IMAGE_FILE.fullmatch(text) is not None).mean() >= DATES_AS_TEXT:
        return ColumnKind.IMAGE, ""
    words = float(filled.str.count(r"\s+").mean()) + 1.0
    distinct = filled.nunique() / len(filled)
    if words >= TEXT_WORDS and distinct > 0.5 and filled.nunique() >= 10:
        return ColumnKind.TEXT, ""
    return ColumnKind.CATEGORICAL, ""


def find_date_format(filled: pd.Series) -> str:
    """Return the format that reads nearly all of the strings as dates, or "" where none does."""
    sample = filled.head(300)
    if sample.map(lambda text: DATE_LIKE.search(text) is not None).mean() < DATES_AS_TEXT:
        return ""
    for date_format in DATE_FORMATS:
        read = read_dates(sample, date_format)
        if read.notna().mean() >= DATES_AS_TEXT and read_dates(filled, date_format).notna().mean() >= DATES_AS_TEXT:
            return date_format
    return ""


def read_dates(values: pd.Series, date_format: str) -> pd.Series:
    """Return values as UTC timestamps; what the format does not read becomes missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mixed time zones and odd years are told apart by the result alone
        return pd.Series(pd.to_datetime(values, format=date_format or None, errors="coerce", utc=True))


def _count_distinct(known: pd.Series) -> int:
    try:
        return int(known.nunique())
    except TypeError:  # values that cannot be hashed, such as images
        return len(known)


def _offset(known: pd.Series) -> float:
    """Return what to subtract so that float32 keeps the differences; 0 where the numbers are small enough."""
    numbers = pd.to_numeric(known.astype(object), errors="coerce") if known.dtype == object else known
    if pd.api.types.is_timedelta64_dtype(numbers.dtype):
        return 0.0
    values = pd.to_numeric(numbers, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    low, high = np.nanmin(values), np.nanmax(values)
    far = max(abs(low), abs(high)) > 1e4 * max(high - low, 1e-12) or max(abs(low), abs(high)) > 2**24
    return float(np.nanmedian(values)) if far and np.isfinite(high - low) else 0.0


def _describe_categories(column: Column, known: pd.Series) -> Column:
    text = as_text(known)
    counts = text.value_counts()
    levels = tuple(sorted(str(level) for level in counts.index))
    one_word = not text.head(SAMPLE_ROWS).astype(str).str.contains(r"\s").any()
    if len(levels) > max(30, ID_DISTINCT * len(text)) and one_word:
        return replace(column, kind=ColumnKind.IGNORED, note="looks like an identifier: nearly every value is distinct")
    return replace(column, categories=levels, n_distinct=len(levels))


def _describe_dates(column: Column, known: pd.Series) -> Column:
    sample = known if len(known) <= SAMPLE_ROWS else known.sample(SAMPLE_ROWS, random_state=0)
    seconds = date_seconds(sample, column.date_format)
    return replace(column, has_time=bool(np.any(np.nan_to_num(seconds) % 86_400 != 0)))


def date_seconds(values: pd.Series, date_format: str) -> np.ndarray[Any, Any]:
    """Return dates as float64 seconds since 1970 (UTC), NaN where missing or unreadable."""
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = read_dates(values, date_format)
    elif getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_convert("UTC")
    naive = values.dt.tz_localize(None) if getattr(values.dt, "tz", None) is not None else values
    stamps = naive.to_numpy(dtype="datetime64[us]")
    seconds = stamps.astype(np.int64) / 1e6
    return np.where(np.isnat(stamps), np.nan, seconds)


def _without_copies(frame: pd.DataFrame, columns: list[Column]) -> tuple[Column, ...]:
    """Set aside every column that repeats an earlier one value for value."""
    seen: dict[bytes, str] = {}
    kept: list[Column] = []
    for column in columns:
        if column.kind in (ColumnKind.IGNORED, ColumnKind.IMAGE):
            kept.append(column)
            continue
        hashed = pd.util.hash_array(pd.factorize(frame[column.name])[0].astype(np.int64)).tobytes()
        key = hash(hashed).to_bytes(8, "little", signed=True)
        first = seen.setdefault(key, column.name)
        same = first != column.name and frame[first].equals(frame[column.name].rename(first))
        note = f"repeats column {first!r}"
        kept.append(replace(column, kind=ColumnKind.IGNORED, note=note) if same else column)
    return tuple(kept)
