"""Read dates: turn dates of any type into seconds, those written as text by the format that was decided at fit."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.read_durations import number_of
from automl.table.readings.take_dates_apart import FIXED, FIXED_SHORT, SHORT, YEAR_FIRST, YEAR_LAST, take_dates_apart

ISO = "ISO8601"
FORMS = {"dmy": (YEAR_LAST, SHORT), "mdy": (YEAR_LAST, SHORT), "ymd": (SHORT,), "ydm": (YEAR_FIRST,)}
"""Formats that say the order of day, month and year, and in which forms of dates they say it."""
ORDERS = tuple(FORMS)
SURE = "sure"
"""The format of dates that can be read in one way alone, such as with the month's name."""
EPOCHS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 1e-3}
"""Formats of numbers that count from 1970, with their microseconds."""
EXCEL, DIGITS = "excel", "%Y%m%d"
EXCEL_ORIGIN = 25_569
"""1970-01-01 as a spreadsheet's number of a day."""
NUMBER_FORMATS = (*EPOCHS, EXCEL, DIGITS)
"""Formats that read dates from numbers."""
FIRST_YEAR = 1969
"""Two digits stand for the years from here on, as for `strptime`, unless the format names another: "dmy 1931"."""
CLOCK_WORDS = frozenset({"now", "today"})
PLAIN_ISO = re.compile(r"(?:1[789]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]*)?")
FINER = re.compile(r"(\.\d{6})\d+")
NOT_A_TIME = np.datetime64("NaT", "us")
EPOCH = datetime(1970, 1, 1)
STORED = "datetime64[us, UTC]"


def read_dates(values: pd.Series, date_format: str) -> pd.Series:
    """Return values as UTC timestamps; what cannot be read becomes missing.

    The fitted format comes first, then ISO 8601; without another fitted one, what can be read in one way alone. Each
    value is read by itself, so that one row gives what it would give among many.
    """
    stamps = pd.Series(_all_moments(values.astype(object), date_format), index=values.index)
    return stamps.dt.tz_localize("UTC").astype(STORED)


def _all_moments(values: pd.Series, date_format: str) -> np.ndarray[Any, Any]:
    texts = values.map(_text)
    is_text = texts.notna().to_numpy()
    sure = (SURE,) if date_format in ("", ISO) else ()
    moments = np.full(len(values), NOT_A_TIME)
    for each in (*((date_format,) if date_format else ()), ISO, *sure):
        unread = np.isnat(moments) & is_text
        if not unread.any():
            break
        moments[unread] = _read(texts[unread], each)
    if not is_text.all():
        moments[~is_text] = [_moment(value) for value in values[~is_text]]
    return moments


def names_order(date_format: str) -> bool:
    """Tell whether a format says the order of day, month and year, perhaps with the first year: "dmy", "dmy 1931"."""
    return date_format.partition(" ")[0] in ORDERS


def date_seconds(values: pd.Series, date_format: str) -> np.ndarray[Any, Any]:
    """Return dates as float64 seconds since 1970 (UTC), NaN where missing or unreadable."""
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    is_number = pd.api.types.is_numeric_dtype(values.dtype)
    if (date_format in NUMBER_FORMATS or is_number) and not pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _seconds_of_numbers(values, date_format)
    is_arrow_date = isinstance(values.dtype, pd.ArrowDtype) and str(values.dtype).startswith("date")
    if not pd.api.types.is_datetime64_any_dtype(values.dtype) or is_arrow_date:
        values = read_dates(values, date_format)
    elif getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_convert("UTC")
    naive = values.dt.tz_localize(None) if getattr(values.dt, "tz", None) is not None else values
    return _seconds(naive.to_numpy(dtype="datetime64[us]"))


def plain_seconds(values: list[Any], date_format: str) -> list[float] | None:
    """Return what `date_seconds` does for plain texts such as "2011-01-31 05:00:00"; None where any is not so plain.

    pandas takes as long for one date as for a thousand.
    """
    if names_order(date_format):
        return _seconds_by_order(values, date_format)
    if date_format != ISO or not all(isinstance(value, str) and PLAIN_ISO.fullmatch(value) for value in values):
        return None
    try:
        return [(datetime.fromisoformat(value) - EPOCH).total_seconds() for value in values]
    except ValueError:  # there is no such day or hour
        return None


def text_moments(table: np.ndarray[Any, Any], date_format: str) -> np.ndarray[Any, Any]:
    """Return dates taken apart as `datetime64[us]` by the order that a format names; NaT where that reads none."""
    order, _, first_year = date_format.partition(" ")
    form, numbers, micros = table[:, 0], table[:, 1:4], table[:, 4]
    day_first, month_first = _sure_orders(table)
    if order in ORDERS:
        by_order = np.isin(form, FORMS[order])
        day_first, month_first = by_order & (order == "dmy"), by_order & (order == "mdy")
    day_second = (form == YEAR_FIRST) & (order == "ydm")
    year = np.where(day_first | month_first, numbers[:, 2], numbers[:, 0])
    month = np.where(month_first, numbers[:, 0], np.where(day_second, numbers[:, 2], numbers[:, 1]))
    day = np.where(day_first, numbers[:, 0], np.where(month_first | day_second, numbers[:, 1], numbers[:, 2]))
    read = np.isin(form, (FIXED, YEAR_FIRST, FIXED_SHORT)) | day_first | month_first
    read |= (form == SHORT) & (order == "ymd")
    start = int(first_year or FIRST_YEAR)
    year = np.where(np.isin(form, (SHORT, FIXED_SHORT)), start + (year - start) % 100, year)
    return _moments(year, month, day, micros, read)


def _sure_orders(table: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """Return which dates can be read day first alone, or are the same day either way, and which month first alone."""
    form, first, second = table[:, 0], table[:, 1], table[:, 2]
    day_first = (form == YEAR_LAST) & ((first > 12) | (first == second))
    return day_first, (form == YEAR_LAST) & ~day_first & (second > 12)


def _moments(year: Any, month: Any, day: Any, micros: Any, read: Any) -> np.ndarray[Any, Any]:
    """Return moments, NaT where `read` is false or there is no such day."""
    read = read & (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(read, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(read, day - 1, 0)
    read &= days.astype("datetime64[M]") == months
    return np.where(read, days.astype("datetime64[us]") + micros, np.datetime64("NaT", "us"))


def _seconds(stamps: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6)


def _seconds_by_order(values: list[Any], date_format: str) -> list[float] | None:
    if not all(isinstance(value, str) for value in values):
        return None
    stamps = text_moments(take_dates_apart(values), date_format)
    return None if np.isnat(stamps).any() else _seconds(stamps).tolist()


def _seconds_of_numbers(values: pd.Series, date_format: str) -> np.ndarray[Any, Any]:
    """Return numbers, also those written as text, as seconds; dates among them are read as such."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        numbers = np.array([_number(value) for value in values.astype(object)], dtype=np.float64)
    seconds = _seconds(digit_moments(numbers))
    if date_format == EXCEL:
        seconds = (numbers - EXCEL_ORIGIN) * 86_400.0
    elif date_format in EPOCHS:
        seconds = numbers * (EPOCHS[date_format] / 1e6)
    elif date_format != DIGITS:
        if "%" not in date_format:  # no other format reads a bare number
            return np.full(len(values), np.nan)
        whole = [str(int(each)) if np.isfinite(each) and each == np.round(each) else None for each in numbers]
        return date_seconds(pd.Series(whole, dtype=object), date_format)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return np.asarray(seconds)
    others = np.isnan(numbers) & values.notna().to_numpy(dtype=bool)
    if others.any():
        seconds = np.where(others, date_seconds(values.astype(object).where(others, None), ISO), seconds)
    return np.asarray(seconds)


def _number(value: Any) -> float:
    """Return a number, also one that is written as text; NaN for anything else, and where it is too large."""
    if isinstance(value, str):
        value = value.strip()
        return float(value) if NUMBER.fullmatch(value) else np.nan
    return number_of(value)


def digit_moments(numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return whole numbers such as 20240131 as `datetime64[us]`, NaT where there is no such day."""
    whole = np.isfinite(numbers) & (numbers == np.round(numbers)) & (numbers > 0) & (numbers < 1e8)
    digits = np.where(whole, numbers, 0).astype(np.int64)
    return _moments(digits // 10_000, digits // 100 % 100, digits % 100, np.zeros_like(digits), whole)


def _text(value: Any) -> str | None:
    """Return text without the spaces around it, and with microseconds at the finest; None for anything else.

    pandas would take "now" for another date each time, and lose far dates beside a billionth of a second.
    """
    if not isinstance(value, str):
        return None
    text = FINER.sub(r"\1", value.strip()).encode(errors="replace").decode()
    return None if text.casefold() in CLOCK_WORDS else text


def _moment(value: Any) -> Any:
    """Return a point in time that is no text in UTC, NaT for anything else.

    Each is taken by itself: among others, pandas would lose the far ones, and take a number for a date.
    """
    if isinstance(value, pd.Period):
        value = value.to_timestamp()
    if isinstance(value, np.datetime64):
        return np.asarray(value).astype("datetime64[us]")[()]
    if not isinstance(value, date) or pd.isna(value):
        return NOT_A_TIME
    if isinstance(value, datetime) and value.tzinfo is not None:
        try:
            value = value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # beyond the year 9999, or before 1
            return NOT_A_TIME
    return np.datetime64(value.to_pydatetime(warn=False) if isinstance(value, pd.Timestamp) else value, "us")


def _read(texts: pd.Series, date_format: str) -> np.ndarray[Any, Any]:
    if date_format == SURE or names_order(date_format):
        codes, found = pd.factorize(texts)
        return np.asarray(text_moments(take_dates_apart(found.tolist()), date_format)[codes])
    read = pd.Series(pd.to_datetime(texts, format=date_format, errors="coerce", utc=True)).astype(STORED)
    return np.asarray(read.dt.tz_localize(None).to_numpy(dtype="datetime64[us]"))
