"""Find dates: whether a column of text holds dates, and which of its numbers is the day, told by all of its values."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.plain_text import plain
from automl.table.readings.read_dates import FIRST_YEAR, ISO, ORDERS, SURE, read_dates, text_moments
from automl.table.readings.take_dates_apart import FIXED_SHORT, SHORT, YEAR_FIRST, YEAR_LAST, take_dates_apart
from automl.table.readings.weigh_dates import Readings, favoured

DATES_AS_TEXT = 0.95
"""Share of a text column's values that must be dates in one format for the column to hold dates."""
LOOKED_AT = 300
"""Values that have to look like dates before all are read."""
LONGEST = 60
"""Longer strings are texts, whatever dates stand in them."""
DATE_LIKE = re.compile(r"\d.*[-/.: ].*\d|[^\W\d_]{3}.*\d{4}|\d[^\W\d_]")
SEASON = re.compile(r"(\d{4})-(\d{2})")
OLD_YEARS = range(1940, 1970)
"""Years that two digits stand for where they would else stand for years that are far ahead."""
IN_WORDS = {"dmy": "day first", "mdy": "month first", "ymd": "year first", "ydm": "year, then day"}


@dataclass(frozen=True, slots=True)
class DateTexts:
    """A column of dates as text. Where `date_format` is "" its order has to be decided among that of `readings`."""

    texts: pd.Series
    date_format: str = ""
    first_year: int = FIRST_YEAR
    readings: Readings | None = None
    """By order: `(n_rows,)` seconds since 1970, NaN where it reads none."""
    lost: str = ""
    """A value that the format cannot read and another order can; "" for none."""
    old: bool = False
    """Its years have two digits, and nothing tells the century."""

    @property
    def named(self) -> str:
        """The format with its first year, where that is not the usual one."""
        return with_first_year(self.date_format, self.first_year)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the other columns of a table tell, in the rows of the one in question.

    `orders` are those that other columns have for sure, `dates` their dates, `in_doubt` the readings of those in doubt.
    """

    orders: Collection[str] = ()
    dates: Sequence[Any] = ()
    in_doubt: Sequence[Readings] = ()


NOTHING_BESIDE = Beside()


def find_dates(texts: pd.Series) -> DateTexts | None:
    """Return what is known of a column's dates from its strings alone, in the order of the rows; None for others."""
    sample = texts.iloc[np.linspace(0, len(texts) - 1, min(len(texts), LOOKED_AT)).astype(np.int64)]
    if not _look_like_dates(sample):
        return None
    forms = set((taken := take_dates_apart(sample.tolist()))[:, 0].tolist())
    if not _nearly_all(int((taken[:, 0] >= 0).sum()), sample):
        return None
    if not forms & {YEAR_LAST, SHORT, FIXED_SHORT}:
        unread = texts[read_dates(texts, ISO).isna().to_numpy()]
        if not _days_in_the_middle(unread):
            is_date = _nearly_all(len(texts) - len(unread), texts)
            return DateTexts(texts, ISO if YEAR_FIRST in forms else SURE) if is_date else None
    return _by_order(texts)


def decide(dates: DateTexts, beside: Beside = NOTHING_BESIDE) -> tuple[str, str]:
    """Return the format, and what is in doubt about it, "" where nothing is.

    Where nothing tells the order, the day comes first if there are dots or hyphens between the numbers, the month if
    there are slashes.
    """
    if dates.readings is None:
        return dates.named, _doubt(dates, dates.date_format, ())
    orders = tuple(dates.readings)
    rows_tell = not _are_sorted(dates.texts)
    speaking = favoured(dates.readings, beside.dates, beside.in_doubt, rows_tell=rows_tell)
    speaking = speaking or (set(beside.orders) & set(orders))
    if len(speaking) == 1:
        order = speaking.pop()
        return with_first_year(order, dates.first_year), _doubt(dates, order, ())
    slashes = dates.texts.str.contains("/", regex=False).mean() > 0.5
    order = next(each for each in (("mdy", "dmy", "ymd") if slashes else ("dmy", "mdy", "ymd")) if each in orders)
    return with_first_year(order, dates.first_year), _doubt(dates, order, orders)


def with_first_year(order: str, first_year: int) -> str:
    """Return a format that says the order, and the first year of two digits where that is not the usual one."""
    return order if first_year == FIRST_YEAR or order not in ORDERS else f"{order} {first_year}"


def _look_like_dates(sample: pd.Series) -> bool:
    if sample.map(len).median() > LONGEST:
        return False
    like = sample.map(lambda text: DATE_LIKE.search(plain(text)) is not None).mean() >= DATES_AS_TEXT
    return bool(like) and not _are_seasons(sample)


def _nearly_all(n_read: float, texts: pd.Series) -> bool:
    return n_read >= DATES_AS_TEXT * len(texts)


def _days_in_the_middle(unread: pd.Series) -> bool:
    """Tell whether there are dates such as "2021-31-12" among strings."""
    taken = take_dates_apart(unread.tolist())
    return bool(((taken[:, 0] == YEAR_FIRST) & (taken[:, 2] > 12)).any())


def _by_order(texts: pd.Series) -> DateTexts | None:
    """Read all values in every order, and keep those orders that read the most."""
    codes, found = pd.factorize(texts)
    taken = take_dates_apart(found.tolist())
    first_year, old = _first_year(taken)
    moments = {order: text_moments(taken, with_first_year(order, first_year)) for order in ORDERS}
    counts = np.bincount(codes, minlength=len(found))
    n_read = {order: int(counts[~np.isnat(moments[order])].sum()) for order in ORDERS}
    most = max(n_read.values())
    if not _nearly_all(most, texts):
        return None
    best = [order for order in ORDERS if n_read[order] == most and not (order == "ydm" and n_read["ymd"] == most)]
    lost = np.isnat(moments[best[0]]) & ~np.logical_and.reduce([np.isnat(moments[order]) for order in ORDERS])
    told = str(found[lost.argmax()]) if lost.any() else ""
    differ = [order for order in best if not _equal(moments[order], moments[best[0]])]
    if not differ:
        return DateTexts(texts, best[0], first_year, lost=told, old=old)
    seconds = {order: _seconds(moments[order])[codes] for order in (best[0], *differ)}
    return DateTexts(texts, "", first_year, seconds, told, old)


def _equal(left: Any, right: Any) -> bool:
    return bool(((left == right) | (np.isnat(left) & np.isnat(right))).all())


def _seconds(stamps: Any) -> Any:
    return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6)


def _first_year(taken: Any) -> tuple[int, bool]:
    """Return the first of the hundred years that two digits stand for, and whether nothing tells the century.

    The years of a column lie together: they begin after the widest gap between them, such as 31 to 99 and 00 to 05.
    Those that would all be far ahead, such as 45 to 68, are taken to be past.
    """
    ends_so = np.where(taken[:, 0] == SHORT, taken[:, 3], taken[:, 1])
    found = np.unique(ends_so[np.isin(taken[:, 0], (SHORT, FIXED_SHORT))])
    if not len(found):
        return FIRST_YEAR, False
    gaps = np.diff(np.append(found, found[0] + 100))
    widest = int(gaps.argmax())
    begins, ends = int(found[(widest + 1) % len(found)]), int(found[widest])
    if begins > ends:  # they go over the end of a century
        return min(FIRST_YEAR, 1900 + begins), False
    ahead = any(year + 1900 in OLD_YEARS for year in found)
    return (1900 + begins, True) if ahead else (FIRST_YEAR, False)


def _are_sorted(texts: pd.Series) -> bool:
    """Tell whether the rows are sorted by the strings, or by their numbers from left to right, either way."""
    numbers = texts.str.findall(r"\d+").map(lambda found: tuple(int(each) for each in found))
    for values in (texts.tolist(), numbers.tolist()):
        steps = [right >= left for left, right in pairwise(values) if left != right]
        if steps and not 0.01 < float(np.mean(steps)) < 0.99:
            return True
    return False


def _are_seasons(sample: pd.Series) -> bool:
    """Tell seasons such as "2010-11" from months: the second year always follows the first."""
    pairs = [SEASON.fullmatch(text) for text in sample]
    return all(pair is not None and int(pair[2]) == (int(pair[1]) + 1) % 100 for pair in pairs)


def _doubt(dates: DateTexts, order: str, orders: Sequence[str]) -> str:
    """Tell what is in doubt, with a value that is another day in each order."""
    told = []
    if len(orders) > 1 and dates.readings is not None:
        told.append(_two_ways(dates.texts, dates.readings, order))
    if dates.lost:
        told.append(f"some values, such as {dates.lost!r}, can only be read in another order")
    if dates.old:
        told.append("years of two digits are taken for those before 2000")
    return "; ".join(told)


def _two_ways(texts: pd.Series, readings: Mapping[str, Any], order: str) -> str:
    other = next(each for each in readings if each != order)
    place = int(np.argmax(readings[order] != readings[other]))
    ways = [f"{_day(readings[each][place])} ({each}, {IN_WORDS[each]})" for each in (order, other)]
    return f"all values are dates in more than one order: {texts.iloc[place]!r} is {ways[0]} or {ways[1]}"


def _day(seconds: float) -> str:
    return str(np.datetime64(int(seconds), "s").astype("datetime64[D]"))
