"""Read numbers: find how numbers in disguise are written ("$1,234.50", "1.234,5 kg", "45 %"), and read them so."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

NUMBERS_IN_DISGUISE = 0.98
"""Share of a text column's values that must be written in one way for the column to be numeric."""
CURRENCIES = re.compile("USD|EUR|GBP|JPY|CNY|INR|CHF|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|RUB|TRY|KRW|RS")
LONGEST_UNIT = 15
STYLES = {
    "1234.5": re.compile(r"\d+(\.\d+)?|\.\d+"),
    "1,234.5": re.compile(r"(\d+|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?"),
    "1234,5": re.compile(r"\d+(,\d+)?"),
    "1.234,5": re.compile(r"(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?"),
    "1 234.5": re.compile(r"(\d+|[1-9]\d{0,2}( \d{3})+)(\.\d+)?"),
    "1 234,5": re.compile(r"(\d+|[1-9]\d{0,2}( \d{3})+)(,\d+)?"),
    "1'234.5": re.compile(r"(\d+|[1-9]\d{0,2}('\d{3})+)(\.\d+)?"),
}
"""Ways to write digits, each named by an example; the decimal sign is the last but one character of the name."""
DISGUISE = re.compile(
    r"(?P<outer>[+-]?)(?P<prefix>[^\d+\-.,'()]*?) ?(?P<sign>[+-]?)"
    r"(?P<digits>[\d.][\d.,' ]*?) ?(?P<suffix>[^\d+\-.,'() ][^\d+]*)?"
)
LONGEST = 60
"""A longer string is a text, whatever stands in it."""
PADDED = re.compile(r"0\d")
SPACES = re.compile(r"[\s\u00a0\u2009\u202f]+")
SPELLING = str.maketrans({"\u2212": "-", "\u2019": "'"})


@dataclass(frozen=True, slots=True)
class Parts:
    """A number as written: its sign, the unit before it, its digits with what separates them, the unit after it."""

    sign: str
    prefix: str
    digits: str
    suffix: str


def find_number_format(filled: pd.Series) -> str:
    """Return how nearly all of the strings write numbers, as an example such as "$1,234.5", or "" where none does.

    The units before and after the digits must be the same in all; before them stand currencies alone, as what follows
    other letters is a code rather than a quantity. Nothing is guessed: where the digits can be read in two ways that
    differ ("1.234 kg"), or are padded with zeros, the strings are left as they are.
    """
    parts = [part for text in filled if (part := take_apart(text)) is not None]
    if len(parts) < NUMBERS_IN_DISGUISE * len(filled) or any(PADDED.match(part.digits) for part in parts):
        return ""
    prefix, suffix = _commonest([part.prefix for part in parts]), _commonest([part.suffix for part in parts])
    alike = [part.digits for part in parts if (part.prefix, part.suffix) == (prefix, suffix)]
    if len(alike) < NUMBERS_IN_DISGUISE * len(filled) or not (_is_unit(suffix) and _is_currency(prefix)):
        return ""
    style = _find_style(alike, len(filled), _is_money(prefix, suffix))
    return f"{prefix}{style}{' ' if suffix else ''}{suffix}" if style else ""


def read_numbers(values: pd.Series, number_format: str) -> np.ndarray[Any, Any]:
    """Return values as float64 by a format that was found; NaN where missing, or written in another way.

    A unit may be left out, but not be another one. Numbers that are no text are taken as they are.
    """
    prefix, style, suffix = _split_format(number_format)
    try:
        codes, found = pd.factorize(values.astype(object))
    except TypeError:  # values that cannot be hashed
        codes, found = np.arange(len(values)), values.to_numpy(dtype=object)
    numbers = np.full(len(found) + 1, np.nan)
    numbers[:-1] = [_read(value, prefix, style, suffix) for value in found]
    return np.asarray(numbers[codes])


def number_of(value: Any) -> float:
    """Return a number as float; NaN for anything else, and where it is too large for one."""
    if not isinstance(value, int | float | np.number) or isinstance(value, np.timedelta64):
        return np.nan
    try:
        return float(value)
    except (OverflowError, TypeError):  # a whole number of hundreds of digits; a complex one
        return np.nan


def take_apart(text: str) -> Parts | None:
    """Return the parts of a string that is one number with units around it, or None for any other."""
    if len(text) > LONGEST:
        return None
    found = DISGUISE.fullmatch(SPACES.sub(" ", text.translate(SPELLING)).strip())
    if found is None or (found["outer"] and found["sign"]):
        return None
    sign = found["outer"] or found["sign"]
    return Parts(sign, found["prefix"].strip().casefold(), found["digits"], _one_unit(found["suffix"] or ""))


def _read(value: Any, prefix: str, style: str, suffix: str) -> float:
    if not isinstance(value, str):
        return number_of(value)
    plain = _plain_pattern(prefix, style, suffix).fullmatch(value) if len(value) <= LONGEST else None
    if plain is not None:
        return _number(plain[1], style)
    parts = take_apart(value)
    if parts is None or parts.prefix not in ("", prefix) or parts.suffix not in ("", suffix):
        return np.nan
    number = _number(parts.digits, style)
    return -number if parts.sign == "-" else number


@lru_cache(maxsize=200)
def _plain_pattern(prefix: str, style: str, suffix: str) -> re.Pattern[str]:
    """Return what most values of a format look like, which is read ten times as fast as what is taken apart."""
    before = f"(?:{re.escape(prefix)})?" if prefix else ""
    after = f"(?: ?{re.escape(suffix)})?" if suffix and _one_unit(suffix) == suffix else ""
    return re.compile(f"{before}({STYLES[style].pattern}){after}")


def _number(digits: str, style: str) -> float:
    if STYLES[style].fullmatch(digits) is None:
        return np.nan
    group, decimal = ("" if style[1].isdigit() else style[1]), style[-2]
    return float((digits.replace(group, "") if group else digits).replace(decimal, "."))


def _find_style(digits: list[str], n_values: int, money: bool) -> str:
    """Return the one style that reads the digits; of several that agree, that which reads the most, then the first."""
    readings = {style: np.array([_number(text, style) for text in digits]) for style in STYLES}
    fitting = {
        style: read
        for style, read in readings.items()
        if np.count_nonzero(~np.isnan(read)) >= NUMBERS_IN_DISGUISE * n_values
    }
    if not fitting:
        return ""
    best = max(fitting, key=lambda style: np.count_nonzero(~np.isnan(fitting[style])))
    if all(_agree(fitting[best], other) for other in fitting.values()):
        shapes = {re.sub(r"\d", "9", text) for text in digits}
        return "" if " " in best and len(shapes) == 1 else best
    thousands = set(fitting) == {"1,234.5", "1234,5"} or set(fitting) == {"1,234.5", "1234,5", "1 234,5", "1.234,5"}
    return "1,234.5" if thousands and _groups_thousands(digits, money) else ""


def _agree(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> bool:
    both = ~np.isnan(left) & ~np.isnan(right)
    return bool((left[both] == right[both]).all())


def _groups_thousands(digits: list[str], money: bool) -> bool:
    """Tell whether a comma before three digits parts thousands: money has no thousandths, and small numbers no comma.

    Decimals would be seen as others than three somewhere, or in every value.
    """
    whole = [text for text in digits if "," not in text]
    return money or (len(whole) > 0 and all(len(text) <= 3 for text in whole))


def _split_format(number_format: str) -> tuple[str, str, str]:
    style = max((style for style in STYLES if style in number_format), key=len)
    prefix, _, suffix = number_format.partition(style)
    return prefix, style, suffix.strip()


def _commonest(texts: list[str]) -> str:
    return str(pd.Series(texts, dtype=object).value_counts().index[0])


def _one_unit(suffix: str) -> str:
    """Return a unit in one spelling: lowered, and "years" as "year"."""
    unit = suffix.strip().casefold()
    return unit.removesuffix("s") if len(unit) > 3 else unit


def _is_currency(prefix: str) -> bool:
    signs = {sign for sign in prefix if unicodedata.category(sign) == "Sc"}
    return prefix == "" or bool(signs) or CURRENCIES.fullmatch(prefix.upper().rstrip(".")) is not None


def _is_unit(suffix: str) -> bool:
    return len(suffix) <= LONGEST_UNIT


def _is_money(prefix: str, suffix: str) -> bool:
    return any(unit and _is_currency(unit) for unit in (prefix, suffix))
