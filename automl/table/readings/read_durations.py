"""Read durations and times of day written as text: "1:23:45", "2 days 03:00:00", "PT5M", "1h 30m", "2:30 PM"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.plain_text import plain

HOURS_FIRST, MINUTES_FIRST = "h:m", "m:s"
DURATIONS = (HOURS_FIRST, MINUTES_FIRST)
"""Formats, which differ in what "12:30" is."""
NEARLY_ALL = 0.98
"""Share of a text column's values that must be durations for it to hold some."""
LONGEST = 40
UNITS = {
    unit: seconds
    for units, seconds in (
        ("w wk week weeks woche wochen", 604_800.0),
        ("d day days tag tage jour jours", 86_400.0),
        ("h hr hrs hour hours std stunde stunden heure heures hora horas", 3_600.0),
        ("m min mins minute minutes minuten minuto minutos", 60.0),
        ("s sec secs second seconds sekunde sekunden seconde secondes segundo segundos", 1.0),
        ("ms msec millisecond milliseconds", 1e-3),
    )
    for unit in units.split()
}
"""Seconds in each unit of time."""
CLOCK = re.compile(r"(?:(-?\d+) ?d(?:ays?)?,? ?)?([-+])?(\d{1,4})[:h](\d{2})(?::(\d{2}))?(\.\d+)?(?: ?uhr)?")
OF_DAY = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))? ?([ap])\.? ?m\.?")
ISO = re.compile(
    r"(-)?p(?=.)(?:([+-]?\d+)w)?(?:([+-]?\d+)d)?"
    r"(?:t(?=.)(?:([+-]?\d+)h)?(?:([+-]?\d+)m)?(?:([+-]?\d+(?:[.,]\d+)?)s)?)?"
)
WORDS = re.compile(r"(-)?((?:\d+(?:[.,]\d+)? ?[a-z]+\.?,? ?(?:and )?)+)")
WORD = re.compile(r"(\d+(?:[.,]\d+)?) ?([a-z]+)")


def find_durations(texts: Sequence[str]) -> tuple[str, str]:
    """Return the format of strings that are durations or times of day, and what is in doubt; "" for others.

    Numbers with one unit, such as "90 min", are no matter of this: they are numbers in disguise.
    """
    known = list(dict.fromkeys(texts[:1_000]))
    if not known or sum(_seconds_of(text, HOURS_FIRST) is not None for text in known[:50]) < NEARLY_ALL * len(
        known[:50]
    ):
        return "", ""
    if sum(_seconds_of(text, HOURS_FIRST) is not None for text in known) < NEARLY_ALL * len(known):
        return "", ""
    clocks = [found for text in known if (found := CLOCK.fullmatch(plain(text).lower())) is not None]
    short = [found for found in clocks if found[5] is None and found[6] is None and found[1] is None]
    if not short:
        return HOURS_FIRST, ""
    with_seconds = any(found[5] not in (None, "00") for found in clocks)
    beyond_a_day = any(int(found[3]) > 23 for found in short)
    example = f"{short[0][0]!r} is minutes and seconds, or hours and minutes"
    if with_seconds:
        return MINUTES_FIRST, "" if beyond_a_day else example
    return HOURS_FIRST, example if beyond_a_day else ""


def read_durations(values: pd.Series, number_format: str) -> np.ndarray[Any, Any]:
    """Return seconds as float64, NaN where missing or not readable; numbers count as seconds."""
    if pd.api.types.is_timedelta64_dtype(values.dtype):
        return np.asarray(values.dt.total_seconds().to_numpy(dtype=np.float64))
    seconds = [_seconds_of(value, number_format) for value in values.astype(object)]
    return np.array([np.nan if each is None else each for each in seconds], dtype=np.float64)


def number_of(value: Any) -> float:
    """Return a number as float; NaN for anything else, and where it is too large for one."""
    if not isinstance(value, int | float | np.number | Decimal) or isinstance(
        value, np.timedelta64 | np.complexfloating
    ):
        return np.nan
    try:
        return float(value)
    except (OverflowError, ValueError):  # a whole number of hundreds of digits; a signalling NaN
        return np.nan


def duration_seconds(value: Any) -> float:
    """Return a duration that is no text in seconds, NaN for anything else, and where it is missing."""
    if isinstance(value, np.timedelta64):
        return float(value / np.timedelta64(1, "s"))
    return value.total_seconds() if isinstance(value, timedelta) and not pd.isna(value) else np.nan


def _seconds_of(value: Any, number_format: str) -> float | None:
    """Return the seconds of one value, or None."""
    if isinstance(value, str):
        return _of_text(plain(value).lower(), number_format) if len(value) <= LONGEST else None
    if isinstance(value, time):
        return value.hour * 3600.0 + value.minute * 60.0 + value.second + value.microsecond / 1e6
    return duration_seconds(value) if isinstance(value, timedelta | np.timedelta64) else number_of(value)


def _of_text(text: str, number_format: str) -> float | None:
    if (found := CLOCK.fullmatch(text)) is not None:
        return _of_clock(found, number_format)
    if (found := OF_DAY.fullmatch(text)) is not None:
        hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
        fits = 1 <= hour <= 12 and minute < 60 and second < 60
        return 3600.0 * (hour % 12 + 12 * (found[4] == "p")) + 60.0 * minute + second if fits else None
    if (found := ISO.fullmatch(text)) is not None:
        units = (604_800.0, 86_400.0, 3_600.0, 60.0, 1.0)
        numbers = [float((each or "0").replace(",", ".")) for each in found.groups()[1:]]
        return (-1.0 if found[1] else 1.0) * sum(a * b for a, b in zip(numbers, units, strict=True))
    if (found := WORDS.fullmatch(text)) is not None:
        parts = WORD.findall(found[2])
        if all(unit in UNITS for _, unit in parts):
            total = sum(float(number.replace(",", ".")) * UNITS[unit] for number, unit in parts)
            return -total if found[1] else total
    return None


def _of_clock(found: re.Match[str], number_format: str) -> float | None:
    first, second, third = int(found[3]), int(found[4]), int(found[5] or 0)
    if second > 59 or third > 59:
        return None
    with_hours = found[5] is not None or found[1] is not None or (number_format == HOURS_FIRST and not found[6])
    total = 3600.0 * first + 60.0 * second + third if with_hours else 60.0 * first + second
    total += float(found[6] or 0)
    days = float(found[1] or 0) * 86_400.0  # "-1 days +22:00:00" counts the clock forward
    return (-total if found[2] == "-" else total) + days
