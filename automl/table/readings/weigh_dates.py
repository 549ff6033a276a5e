"""Weigh dates: which order of day and month a column has, from what its dates would be in either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Readings = Mapping[str, np.ndarray[Any, Any]]
"""By order ("dmy", "mdy", "ymd"): the dates that a column would hold, `(n_rows,)` seconds since 1970, NaN for none."""
DAY = 86_400.0
SURE_BY = 4.0
"""Standard errors by which one order has to make dates lie closer together than every other."""
FEWEST_PAIRS = 8
MOST_ROWS = 20_000
"""Rows that are weighed: those at the beginning, one after the other."""
WHOLE_MONTH, NARROW = 26, 15
"""Different days of the month from which dates reach over whole months, and up to which they do not."""
UNEVEN_BY = 25.0
"""Chi-square, of six degrees of freedom, by which the days of the week have to be more uneven than in every other."""


def favoured(
    readings: Readings, others: Sequence[np.ndarray[Any, Any]], in_doubt: Sequence[Readings], *, rows_tell: bool
) -> set[str]:
    """Return the orders that something speaks for: none, one, or several that contradict each other.

    Right dates are in the order of the rows where those are sorted, close to the `others` of their rows, at the same
    day of each month, or seldom at a weekend; what is read wrongly is scattered over the year. Columns that are
    `in_doubt` as well are read in the same order. `rows_tell` is false where the rows are sorted by the text itself,
    so that their order says nothing.
    """
    found = {_same_day(readings), _whole_months(readings), _uneven_weekdays(readings)}
    if rows_tell:
        found.add(_closest({order: (dates[1:], dates[:-1]) for order, dates in _cut(readings).items()}))
    for other in others:
        found.add(_closest({order: (dates, other[:MOST_ROWS]) for order, dates in _cut(readings).items()}))
    for alike in in_doubt:
        both = [order for order in readings if order in alike]
        cut, beside = _cut(readings), _cut(alike)
        found.add(_closest({order: (cut[order], beside[order]) for order in both}) if len(both) > 1 else "")
    return found - {""}


def _cut(readings: Readings) -> Readings:
    return {order: dates[:MOST_ROWS] for order, dates in readings.items()}


def _closest(pairs: Mapping[str, tuple[Any, Any]]) -> str:
    """Return the order in which pairs of dates lie closest, measured by how far those of other rows lie; "" for none.

    Where order and rows have nothing to do with each other, each order gives 1 on average, whatever its span.
    """
    known = np.logical_and.reduce([np.isfinite(left) & np.isfinite(right) for left, right in pairs.values()])
    known &= np.logical_or.reduce([left != right for left, right in pairs.values()])
    if known.sum() < FEWEST_PAIRS:
        return ""
    shuffled = np.random.default_rng(0).permutation(int(known.sum()))
    distances = {}
    for order, (left, right) in pairs.items():
        usual = np.abs(left[known] - right[known][shuffled]).mean()
        if usual <= 0:
            return ""
        distances[order] = np.abs(left[known] - right[known]) / usual
    best, *rest = sorted(distances, key=lambda order: float(distances[order].mean()))
    return best if all(_clearly_less(distances[best], distances[other]) for other in rest) else ""


def _clearly_less(left: Any, right: Any) -> bool:
    """Tell by a paired t-test whether the left numbers are less on average."""
    gain = right - left
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    return bool(gain.mean() > SURE_BY * max(error, 1e-12))


def _same_day(readings: Readings) -> str:
    """Return the order in which all dates are at one day of the month, month by month; "" for none or several."""
    found = []
    for order, dates in readings.items():
        days = np.unique(dates[np.isfinite(dates)]) // DAY
        stamps = days.astype(np.int64).astype("datetime64[D]")
        months = stamps.astype("datetime64[M]")
        years = len(np.unique(stamps.astype("datetime64[Y]")))
        same = len(np.unique((stamps - months).astype(np.int64))) == 1
        several = len(np.unique(months.astype(np.int64) % 12)) >= 3
        if same and several and (years > 1 or len(months) == 12):
            found.append(order)
    return found[0] if len(found) == 1 else ""


def _whole_months(readings: Readings) -> str:
    """Return the order in which the days of the month reach from the first to the last, while in others they cannot."""
    ranges = {}
    for order, dates in readings.items():
        stamps = (np.unique(dates[np.isfinite(dates)]) // DAY).astype(np.int64).astype("datetime64[D]")
        days = (stamps - stamps.astype("datetime64[M]")).astype(np.int64)
        ranges[order] = len(np.unique(days))
    best, *rest = sorted(ranges, key=lambda order: -ranges[order])
    whole = ranges[best] >= WHOLE_MONTH and all(ranges[other] <= NARROW for other in rest)
    return best if whole else ""


def _uneven_weekdays(readings: Readings) -> str:
    """Return the order in which the days fall on some days of the week far more often than on others; "" for none."""
    uneven = {}
    for order, dates in readings.items():
        days = np.unique(dates[np.isfinite(dates)] // DAY)
        counts = np.bincount(((days + 3) % 7).astype(np.int64), minlength=7)
        expected = max(1.0, len(days) / 7)
        uneven[order] = float(((counts - expected) ** 2).sum() / expected)
    best, *rest = sorted(uneven, key=lambda order: -uneven[order])
    return best if rest and all(uneven[best] > uneven[other] + UNEVEN_BY for other in rest) else ""
