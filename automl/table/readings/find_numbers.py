"""Find numbers: how the numbers in disguise of a column are written, told by all ways in which they can be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.read_numbers import MANY, MIXED, MULTIPLIERS, SIGNS, STYLES, Parts, number_in, take_apart

NUMBERS_IN_DISGUISE = 0.98
"""Share of a text column's values that must be written in one way for the column to be numeric."""
CURRENCIES = re.compile(
    "USD|EUR|GBP|JPY|CNY|INR|CHF|CAD|AUD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|UAH|RUB|TRY|ILS|AED|SAR|EGP|ZAR|KES|NGN|"
    "BRL|MXN|ARS|CLP|COP|PEN|KRW|TWD|HKD|SGD|MYR|IDR|THB|VND|PHP|PKR|BDT|LKR|RS|RP|RM|KR|FR|SFR|S/|NT\\$|HK\\$|US\\$"
)
WITH_COMMAS = frozenset({"$", "us$", "usd", "\u00a3", "gbp", "\u00a5", "jpy", "cny", "\u20b9", "inr", "rs", "rs."})
"""Money whose thousands are parted by commas, and that has no thousandths."""
LONGEST_UNIT = 15
ENOUGH = 20
"""Values that can be read in one way alone, from which their sizes tell how the others are to be read."""
PADDED = re.compile(r"0\d")
GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
"""Digits that are thousands in one style and have three decimals in another."""
IN_ONE_WAY = 4
"""Digits before the decimal sign from which thousands would be parted, where they ever are."""


@dataclass(frozen=True, slots=True)
class NumberTexts:
    """How a column's numbers are written, as an example such as "$1,234.5", "" for no numbers; and what is in doubt.

    `decimal` is the decimal sign, where the values show it.
    """

    number_format: str = ""
    doubt: str = ""
    decimal: str = ""


NO_NUMBERS = NumberTexts()


def find_numbers(filled: Sequence[str], decimal: str = "") -> NumberTexts:
    """Return how nearly all of the strings write numbers; `decimal` is the sign that the user, or other columns, have.

    The units before and after the digits must be the same in all, or missing; before them stand currencies alone, as
    what follows other letters is a code rather than a quantity. Digits padded with zeros are left as they are. Where
    they can be read in two ways that differ ("1.234 kg"), all values decide, else it is told.
    """
    parts = [part for text in filled if (part := take_apart(text)) is not None]
    if len(parts) < NUMBERS_IN_DISGUISE * len(filled) or any(PADDED.match(part.digits) for part in parts):
        return NO_NUMBERS
    prefix, suffix, told = _units(parts)
    if told is None and {(part.prefix, part.suffix) for part in parts} == {("", ""), ("", "%")}:
        bare = next(part.digits for part in parts if not part.suffix)
        return NumberTexts(doubt=f"some values have a percent sign, and others, such as {bare!r}, have none")
    if told is None or not (_is_unit(suffix) and _is_currency(prefix)):
        return NO_NUMBERS
    units = MULTIPLIERS if suffix == MANY else {"": 1.0, suffix: 1.0}
    alike = [part.digits for part in parts if part.prefix in ("", prefix) and part.suffix in units]
    if len(alike) < NUMBERS_IN_DISGUISE * len(filled):
        several = len({(part.prefix, part.suffix) for part in parts}) <= 4 and all(
            _is_money(p.prefix, p.suffix) for p in parts
        )
        return NumberTexts(doubt="amounts in several currencies are no numbers that compare") if several else NO_NUMBERS
    style, doubt = _style(alike, len(filled), decimal, {prefix, suffix} - {""})
    if not style:
        return NumberTexts(doubt=doubt)
    written = f"{prefix}{style}{' ' if suffix else ''}{suffix}"
    return NumberTexts(written, "; ".join(each for each in (doubt, told) if each), _shown(alike, style))


def find_number_format(filled: pd.Series) -> str:
    """Return how nearly all of the strings write numbers where that is beyond doubt, else ""."""
    found = find_numbers(filled.tolist())
    return "" if found.doubt else found.number_format


def _units(parts: Sequence[Parts]) -> tuple[str, str, str | None]:
    """Return the units before and behind, and what is in doubt about them; None where they are none."""
    suffixes = {part.suffix for part in parts}
    if len(suffixes) > 1 and suffixes <= set(MULTIPLIERS):
        return _commonest([part.prefix for part in parts]), MANY, "" if len(suffixes - {""}) > 1 else None
    prefix, suffix = (
        _commonest([unit for part in parts if (unit := getattr(part, side))] or [""]) for side in ("prefix", "suffix")
    )
    bare = [part for part in parts if (part.prefix, part.suffix) == ("", "")]
    if not prefix + suffix or not bare:
        return prefix, suffix, ""
    if len(bare) > len(parts) / 2:
        return "", "", None
    return (
        prefix,
        suffix,
        f"{len(bare)} of {len(parts)} values, such as {bare[0].digits!r}, lack the unit {prefix + suffix!r}",
    )


def _style(digits: list[str], n_values: int, decimal: str, units: set[str]) -> tuple[str, str]:
    """Return the style that reads the most digits, and what is in doubt, such as where several do and differ."""
    readings = {style: np.array([number_in(text, style) for text in digits]) for style in STYLES}
    n_read = {style: int(np.count_nonzero(~np.isnan(found))) for style, found in readings.items()}
    most = max(n_read.values())
    if most < NUMBERS_IN_DISGUISE * n_values:
        return "", ""
    fitting = {style: found for style, found in readings.items() if n_read[style] == most}
    best = next(iter(fitting))
    rivals = [style for style in fitting if not _agree(fitting[best], fitting[style])]
    if not rivals:
        shapes = {re.sub(r"\d", "9", text) for text in digits}
        return ("", "") if " " in best and len(shapes) == 1 else (best, "")
    ways = {style: found for style, found in fitting.items() if style == best or style == rivals[0]}
    said = [style for style in ways if SIGNS[style][1] == decimal and style != MIXED]
    if decimal and said:
        return said[0], ""
    return _weighed(digits, ways, units)


def _weighed(digits: list[str], ways: Mapping[str, Any], units: set[str]) -> tuple[str, str]:
    """Return the likelier of two styles by the sizes of the values, and a doubt unless they are enough to tell.

    Thousands follow on hundreds, and every value from a thousand on has its thousands parted: where the values that
    can be read in one way alone end below a hundred, or go on with four digits, the others have decimals.
    """
    grouped, decimals = sorted(ways, key=lambda style: -float(np.nanmax(np.abs(ways[style]))))
    sure = np.abs(ways[grouped][ways[grouped] == ways[decimals]])
    unparted = any(re.match(rf"\d{{{IN_ONE_WAY},}}", text) for text in digits)
    comma = SIGNS[grouped][0] == ","
    place = int(np.argmax(ways[grouped] != ways[decimals]))
    doubt = (
        f"numbers can be read in two ways: {digits[place]!r} is {ways[grouped][place]:,.12g} or "
        f"{ways[decimals][place]:.12g}"
    )
    whole = bool(len(sure)) and bool((sure == np.round(sure)).all())
    if unparted:
        return decimals, ("" if len(sure) >= ENOUGH else doubt)
    if (sure >= 100).any() or (comma and (units & WITH_COMMAS or whole)):
        return grouped, "" if comma or len(sure) >= ENOUGH else doubt
    if len(sure):
        return decimals, "" if len(sure) >= ENOUGH else doubt
    return (grouped if comma or any(_is_currency(unit) for unit in units) else decimals), doubt


def _shown(digits: Sequence[str], style: str) -> str:
    """Return the decimal sign of a style where any value needs it, or parts its thousands."""
    group, sign = SIGNS[style]
    shows = any((group and group in text) or (sign == "," and sign in text) for text in digits)
    return sign if shows and style != MIXED else ""


def _agree(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> bool:
    both = ~np.isnan(left) & ~np.isnan(right)
    return bool((left[both] == right[both]).all())


def _commonest(texts: list[str]) -> str:
    return str(pd.Series(texts, dtype=object).value_counts().index[0])


def _is_currency(prefix: str) -> bool:
    signs = {sign for sign in prefix if unicodedata.category(sign) == "Sc"}
    return prefix == "" or bool(signs) or CURRENCIES.fullmatch(prefix.upper().rstrip(".")) is not None


def _is_unit(suffix: str) -> bool:
    """Tell units from what is long, or raises to a power ("5²")."""
    return len(suffix) <= LONGEST_UNIT and unicodedata.category(suffix[:1] or "x") != "No"


def _is_money(prefix: str, suffix: str) -> bool:
    return any(unit and _is_currency(unit) for unit in (prefix, suffix))
