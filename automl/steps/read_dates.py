"""Read dates: find the format of dates written as text, and turn dates of any type into seconds."""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

DATES_AS_TEXT = 0.95
"""Share of a text column's values that one format must read for the column to hold dates."""
DATE_FORMATS = (
    "ISO8601", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y",
    "%d-%b-%y", "%b-%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y",
)  # fmt: skip
LONGEST = 60
"""Longer strings are texts, whatever dates stand in them."""
DATE_LIKE = re.compile(r"\d.*[-/.: ].*\d|[A-Za-z]{3}.*\d{4}")
CLOCK_WORDS = frozenset({"now", "today"})
PLAIN_ISO = re.compile(r"(?:1[789]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
EPOCH = datetime(1970, 1, 1)
SEASON = re.compile(r"(\d{4})-(\d{2})")


def find_date_format(filled: pd.Series) -> str:
    """Return the format that reads nearly all of the strings as dates, or "" where none does."""
    sample = filled.head(300)
    if sample.map(len).median() > LONGEST:
        return ""
    if sample.map(lambda text: DATE_LIKE.search(text) is not None).mean() < DATES_AS_TEXT or _are_seasons(sample):
        return ""
    for date_format in DATE_FORMATS:
        read = _read(sample, date_format)
        if read.notna().mean() >= DATES_AS_TEXT and _read(filled, date_format).notna().mean() >= DATES_AS_TEXT:
            return date_format
    return ""


def read_dates(values: pd.Series, date_format: str) -> pd.Series:
    """Return values as UTC timestamps; what cannot be read becomes missing.

    The fitted format comes first, then ISO 8601; without a fitted one (the column held dates, not text) all known
    formats are tried. Each value is read by itself, so that one row gives what it would give among many.
    """
    values = values.astype(object).map(_plain)
    formats = (date_format, "ISO8601") if date_format else DATE_FORMATS
    read = _read(values, formats[0])
    for other in formats[1:]:
        unread = (read.isna() & values.notna()).to_numpy()
        if not unread.any():
            break
        read = read.where(~unread, _read(values.where(unread, None), other))
    return read


def date_seconds(values: pd.Series, date_format: str) -> np.ndarray[Any, Any]:
    """Return dates as float64 seconds since 1970 (UTC), NaN where missing or unreadable."""
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    is_arrow_date = isinstance(values.dtype, pd.ArrowDtype) and str(values.dtype).startswith("date")
    if not pd.api.types.is_datetime64_any_dtype(values.dtype) or is_arrow_date:
        values = read_dates(values, date_format)
    elif getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_convert("UTC")
    naive = values.dt.tz_localize(None) if getattr(values.dt, "tz", None) is not None else values
    stamps = naive.to_numpy(dtype="datetime64[us]")
    seconds = stamps.astype(np.int64) / 1e6
    return np.where(np.isnat(stamps), np.nan, seconds)


def plain_seconds(values: list[Any], date_format: str) -> list[float] | None:
    """Return what `date_seconds` does for texts such as "2011-01-31 05:00:00"; None where any is written otherwise.

    pandas takes as long for one date as for a thousand.
    """
    if date_format != "ISO8601" or not all(isinstance(value, str) and PLAIN_ISO.fullmatch(value) for value in values):
        return None
    try:
        return [(datetime.fromisoformat(value) - EPOCH).total_seconds() for value in values]
    except ValueError:  # there is no such day or hour
        return None


def _plain(value: Any) -> Any:
    """Return text without the spaces around it, points in time as they are, and None for anything else.

    pandas would take a number for a date among dates alone, and "now" for another date each time.
    """
    if isinstance(value, str):
        text = value.strip()
        return None if text.casefold() in CLOCK_WORDS else text
    if isinstance(value, pd.Period):
        return value.to_timestamp()
    return value if isinstance(value, date | np.datetime64) else None


def _read(values: pd.Series, date_format: str) -> pd.Series:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mixed time zones and odd years are told apart by the result alone
        read = pd.to_datetime(values, format=date_format, errors="coerce", utc=True)
    return pd.Series(read, index=values.index).astype("datetime64[us, UTC]")


def _are_seasons(sample: pd.Series) -> bool:
    """Tell seasons such as "2010-11" from months: the second year always follows the first."""
    pairs = [SEASON.fullmatch(text) for text in sample]
    return all(pair is not None and int(pair[2]) == (int(pair[1]) + 1) % 100 for pair in pairs)
