"""Read parts: take codes such as "C85", "A/5 21171" or "B/12/S" apart into letters and numbers, in further columns.

A code is unlike most others as a whole, and a new one says nothing; its parts repeat and have an order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from automl.vocabulary.schema import Column, ColumnKind

FEWEST_CODES = 20
"""A column of fewer distinct values is looked at whole."""
WITH_DIGITS = 0.5
"""Share of the distinct values that must hold a digit for them to be codes."""
REPEATED = 0.5
"""Levels of letters, as a share of the distinct values, up to which they are worth a column."""
DIGITS = re.compile(r"\d{1,15}")
BEFORE_DIGITS = re.compile(r"\D*")
AFTER_DIGITS = re.compile(r"\D*$")
SEPARATORS = " \t/.,-_:#()"


def _number(text: str, place: int) -> float:
    found = DIGITS.findall(text)
    return float(found[place]) if found else np.nan


PARTS: dict[str, tuple[ColumnKind, Callable[[str], Any]]] = {
    "letters": (ColumnKind.CATEGORICAL, lambda text: _letters(BEFORE_DIGITS, text)),
    "number": (ColumnKind.NUMERIC, lambda text: _number(text, 0)),
    "last number": (ColumnKind.NUMERIC, lambda text: _number(text, -1)),
    "ending": (ColumnKind.CATEGORICAL, lambda text: _letters(AFTER_DIGITS, text)),
    "numbers": (ColumnKind.NUMERIC, lambda text: float(len(DIGITS.findall(text)))),
}
"""What is taken from a code: the text before its first digit, its first and last number, the text after its last
digit, and how many numbers there are."""


def find_parts(values: pd.Series, column: Column, taken: set[str]) -> list[tuple[Column, pd.Series]]:
    """Return the parts that vary of a categorical column of codes, as columns to be described, with their values.

    Parts called like another column (`taken`) are left out.
    """
    codes = [text for text in column.categories if any(sign.isdigit() for sign in text)]
    if column.kind is not ColumnKind.CATEGORICAL or len(column.categories) < FEWEST_CODES:
        return []
    if len(codes) < WITH_DIGITS * len(column.categories) or all(text.isdigit() for text in column.categories):
        return []
    found: list[tuple[Column, pd.Series]] = []
    for part, (kind, _) in PARTS.items():
        named = Column(f"{column.name} {part}", kind, source=column.name, part=part)
        read = read_part(values, named)
        n_distinct = read.nunique()
        too_fine = kind is ColumnKind.CATEGORICAL and n_distinct > REPEATED * len(column.categories)
        repeats = any(read.equals(other.rename(read.name)) for _, other in found)
        if n_distinct > 1 and not too_fine and not repeats and named.name not in taken:
            found.append((named, read))
    return found


def read_part(values: pd.Series, column: Column) -> pd.Series:
    """Return a part of each value under the part's name; what is missing stays so."""
    codes, found = pd.factorize(values.astype(object))
    kind, take = PARTS[column.part]
    parts = np.empty(len(found) + 1, dtype=object)
    parts[:-1] = [take(str(value)) for value in found]
    parts[-1] = None
    dtype: Any = np.float64 if kind is ColumnKind.NUMERIC else object
    return pd.Series(parts[codes], index=values.index, name=column.name).astype(dtype)


def described(part: Column, as_typed: Column) -> Column:
    """Return a part as its values were typed, with where it comes from."""
    return replace(as_typed, source=part.source, part=part.part)


def _letters(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0].strip(SEPARATORS) if found else ""
