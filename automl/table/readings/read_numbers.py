"""Read numbers: numbers in disguise ("$1,234.50", "1.234,5 kg", "(45 %)", "1.2k") by the format decided at fit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.normalise_cells import distinct_cells
from automl.table.readings.plain_text import plain
from automl.table.readings.read_durations import DURATIONS, UNITS, duration_seconds, number_of, read_durations

MIXED = "1234.5/1234,5"
"""The style of a column that has decimal points and decimal commas, and nothing that parts thousands."""
STYLES = {
    "1234.5": re.compile(r"\d+(\.\d+)?|\.\d+"),
    "1,234.5": re.compile(r"(\d+|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?"),
    "1234,5": re.compile(r"\d+(,\d+)?"),
    "1.234,5": re.compile(r"(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?"),
    "1 234.5": re.compile(r"(\d+|[1-9]\d{0,2}( \d{3})+)(\.\d+)?"),
    "1 234,5": re.compile(r"(\d+|[1-9]\d{0,2}( \d{3})+)(,\d+)?"),
    "1'234.5": re.compile(r"(\d+|[1-9]\d{0,2}('\d{3})+)(\.\d+)?"),
    "12,34,567.5": re.compile(r"(\d+|[1-9]\d?(,\d{2})*,\d{3})(\.\d+)?"),
    MIXED: re.compile(r"\d+([.,]\d+)?|\.\d+"),
}
"""Ways to write digits, each named by an example."""
SIGNS = {style: ("" if style[1].isdigit() else style[1], style[-2]) for style in STYLES} | {
    MIXED: ("", ","),
    "12,34,567.5": (",", "."),
}
"""What parts thousands, and the decimal sign of each style."""
MANY = "k/m/b"
"""The unit of numbers in thousands, millions and so on, each with its own letter."""
MULTIPLIERS = {
    "": 1.0, "k": 1e3, "tsd": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "mm": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9,
    "mrd": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12,
}  # fmt: skip
DISGUISE = re.compile(
    r"(?P<outer>[+-]?)(?P<prefix>(?:[^\W\d_]{1,3}/?\.)?[^\d+\-.,'()]*?) ?(?P<sign>[+-]?)"
    r"(?P<digits>[\d.][\d.,' ]*?)(?P<power>[eE][+-]?\d{1,3})? ?(?P<suffix>[^\d+\-.,'() ][^\d+()]*)?"
)
IN_BRACKETS = re.compile(r"([^\d+\-()]*)\(([^()+\-]*)\)([^\d+\-()]*)")
MINUS_BEHIND = re.compile(r"([^+\-]*\d)-( ?[^\w+\-()]?| [^\d+\-()]+)")
LONGEST = 60
"""A longer string is a text, whatever stands in it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A number as written: its sign, the unit before it, its digits with what separates them, the unit after it."""

    sign: str
    prefix: str
    digits: str
    suffix: str


def read_numbers(values: pd.Series, number_format: str) -> np.ndarray[Any, Any]:
    """Return values as float64 by a format that was found; NaN where missing, or written in another way.

    A unit may be left out, but not be another one. Numbers that are no text are taken as they are; durations are read
    as seconds, or in the unit of time that the format names.
    """
    if number_format in DURATIONS:
        return read_durations(values, number_format)
    prefix, style, suffix = split_format(number_format)
    codes, found = distinct_cells(values.astype(object))
    numbers = np.full(len(found) + 1, np.nan)
    numbers[:-1] = [_read(value, prefix, style, suffix) for value in found]
    return np.asarray(numbers[codes])


def take_apart(text: str) -> Parts | None:
    """Return the parts of a string that is one number with units around it, or None for any other.

    Brackets around a number, or a minus behind it, say that it is below zero, as in books of accounts.
    """
    if len(text) > LONGEST:
        return None
    text, below = plain(text), False
    for pattern in (IN_BRACKETS, MINUS_BEHIND):
        if (around := pattern.fullmatch(text)) is not None:
            text, below = "".join(around.groups()), True
            break
    found = DISGUISE.fullmatch(text.strip())
    if found is None or bool(found["outer"]) + bool(found["sign"]) + below > 1:
        return None
    sign = "-" if below else found["outer"] or found["sign"]
    digits = found["digits"].strip() + (found["power"] or "")
    return Parts(sign, found["prefix"].strip().casefold(), digits, _one_unit(found["suffix"] or ""))


def number_in(digits: str, style: str) -> float:
    """Return digits as a number, NaN where they are not written in a style."""
    base, power = digits, ""
    for letter in "eE":
        if letter in digits:
            base, _, power = digits.partition(letter)
    if STYLES[style].fullmatch(base) is None:
        return np.nan
    group, decimal = SIGNS[style]
    return float((base.replace(group, "") if group else base).replace(decimal, ".") + (f"e{power}" if power else ""))


def split_format(number_format: str) -> tuple[str, str, str]:
    """Return the unit before the digits, their style, and the unit behind them."""
    style = max((style for style in STYLES if style in number_format), key=len)
    prefix, _, suffix = number_format.partition(style)
    return prefix, style, suffix.strip()


def _read(value: Any, prefix: str, style: str, suffix: str) -> float:
    if not isinstance(value, str):
        return _unwritten(value, suffix)
    known = _plain_pattern(prefix, style, suffix).fullmatch(value) if len(value) <= LONGEST else None
    if known is not None:
        return number_in(known[1], style)
    parts = take_apart(value)
    units = MULTIPLIERS if suffix == MANY else {"": 1.0, suffix: 1.0}
    if parts is None or parts.prefix not in ("", prefix) or parts.suffix not in units:
        return np.nan
    number = number_in(parts.digits, style) * units[parts.suffix]
    return -number if parts.sign == "-" else number


def _unwritten(value: Any, suffix: str) -> float:
    """Return a number, or a duration in the unit of time that others are written in."""
    if isinstance(value, timedelta | np.timedelta64) and suffix in UNITS:
        return duration_seconds(value) / UNITS[suffix]
    return number_of(value)


@lru_cache(maxsize=200)
def _plain_pattern(prefix: str, style: str, suffix: str) -> re.Pattern[str]:
    """Return what most values of a format look like, which is read ten times as fast as what is taken apart."""
    before = f"(?:{re.escape(prefix)})?" if prefix else ""
    after = f"(?: ?{re.escape(suffix)})?" if suffix and suffix != MANY and _one_unit(suffix) == suffix else ""
    return re.compile(f"{before}({STYLES[style].pattern}){after}", re.ASCII)


def _one_unit(suffix: str) -> str:
    """Return a unit in one spelling: lowered, and "years" as "year"."""
    unit = suffix.strip().casefold()
    return unit.removesuffix("s") if len(unit) > 3 else unit
