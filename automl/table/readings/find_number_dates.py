"""Find dates among numbers: whole numbers such as 20240131, seconds since 1970, and a spreadsheet's numbers of days."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.gather_numbers import finite_range, number_blocks
from automl.table.readings.read_dates import DIGITS, EPOCHS, EXCEL, digit_moments
from automl.vocabulary.readings import Reading
from automl.vocabulary.schema import ColumnKind

FEWEST = 10
"""Distinct values from which it is no chance that all of them can be read as days."""
FIRST_DAY, LAST_DAY = 18_000_101, 22_001_231
FIRST_SECOND, LAST_SECOND = 3e8, 4.2e9
"""1979 and 2103 in seconds since 1970: smaller numbers are believed to be something else."""
FIRST_SERIAL, LAST_SERIAL = 20_000, 60_000
"""1954 and 2064 as a spreadsheet's number of a day."""
PLAIN = Reading(ColumnKind.NUMERIC)
"""How numbers are read that are no dates."""
TIME_NAME = re.compile(
    r"(.*[ _.-])?(time|date|datetime|timestamp|epoch|unix|unixtime|ts|utc|created|updated|modified|at)([ _.-].*)?"
    r"|.*[a-z](Time|Date|Timestamp|Epoch|At)|.*(timestamp|datetime|epoch)",
    re.IGNORECASE | re.DOTALL,
)
DATE_NAME = re.compile(r"(.*[ _.-])?(date|datum|fecha|data|day)([ _.-].*)?|.*[a-z]Date", re.DOTALL | re.IGNORECASE)


def find_number_dates(name: str, numbers: np.ndarray[Any, Any]) -> Reading | None:
    """Return how a column of numbers is read as dates, None where nothing speaks for it.

    `numbers` are float64. Days are known by their digits; what counts from 1970 by its size and the column's name. A
    spreadsheet's days look like other numbers, so that they are told of alone.
    """
    known = numbers[np.isfinite(numbers)]
    if len(known) < FEWEST or known.min() < FIRST_SERIAL:
        return None
    named = TIME_NAME.fullmatch(name) is not None or DATE_NAME.fullmatch(name) is not None
    if not named and (known.min() < FIRST_DAY or known.max() > LAST_DAY):
        return None  # as nearly all columns, before they are sorted
    known = np.unique(known)
    if len(known) < FEWEST:
        return None
    return _days(known) or (_since_1970(known) or _serials(name, known) if named else None)


def plain_readings(frame: pd.DataFrame, asked: Collection[str]) -> dict[str, Reading]:
    """Return the readings of the columns of numbers that can be no dates, without those that are `asked` to be some."""
    found: dict[str, Reading] = {}
    for names, block in number_blocks(frame):
        low, _ = finite_range(block)
        for name, is_small in zip(names, (low < FIRST_SERIAL).tolist(), strict=True):
            if is_small and name not in asked:
                found[name] = PLAIN
    return found


def _days(known: np.ndarray[Any, Any]) -> Reading | None:
    inside = known[0] >= FIRST_DAY and known[-1] <= LAST_DAY
    if not inside or np.isnat(digit_moments(known)).any():
        return None
    return _told(DIGITS, f"whole numbers such as {known[0]:.0f} are read as days")


def _since_1970(known: np.ndarray[Any, Any]) -> Reading | None:
    for unit, micros in EPOCHS.items():
        seconds = known * (micros / 1e6)
        if seconds[0] >= FIRST_SECOND and seconds[-1] <= LAST_SECOND:
            return _told(unit, f"numbers such as {known[0]:.0f} are read as {UNITS[unit]} since 1970")
    return None


def _serials(name: str, known: np.ndarray[Any, Any]) -> Reading | None:
    if DATE_NAME.fullmatch(name) is None or known[-1] > LAST_SERIAL:
        return None
    told = f"numbers such as {known[0]:.0f} may count days as spreadsheets do: then use dates={{{name!r}: {EXCEL!r}}}"
    return Reading(ColumnKind.NUMERIC, note=told)


UNITS: Mapping[str, str] = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}


def _told(date_format: str, note: str) -> Reading:
    return Reading(ColumnKind.DATETIME, date_format, note=note)
