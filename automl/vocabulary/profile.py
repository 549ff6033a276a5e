"""Profile: what each column looked like at fit, in about a hundred numbers, to compare later tables with."""

from __future__ import annotations

from dataclasses import dataclass

from automl.vocabulary.schema import ColumnKind


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column as it was at fit; no row of the table can be read from it."""

    name: str
    kind: ColumnKind
    dtype: str
    missing: float
    """Share of missing values."""
    n_known: int
    """How many values were known."""
    unreadable: float = 0.0
    """Share of the known values that could not be stored as the column's kind and count as missing."""
    low: float = float("nan")
    high: float = float("nan")
    points: tuple[float, ...] = ()
    """Up to 101 quantiles of numbers, dates (seconds), truth values or lengths of text; the most frequent codes of
    categories."""
    shares: tuple[float, ...] = ()
    """For each point the share of known values that do not exceed it; for each code its share."""
    singles: float = 0.0
    """Share of known values whose category occurs once: what to expect of unseen ones (Good and Turing's estimate)."""


@dataclass(frozen=True, slots=True)
class TableProfile:
    """The profiles of all columns, in table order."""

    columns: tuple[ColumnProfile, ...]
