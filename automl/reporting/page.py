"""Page: the parts that a report is laid out from: sections, with words, pairs, figures and tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

NOTHING = "–"  # noqa: RUF001  an en dash, where there is no value


@dataclass(frozen=True, slots=True)
class Head:
    """A column's name, and its kind: "number", "name", "long", or ""."""

    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The texts of a row; `mark` is a class of the style sheet."""

    cells: tuple[Any, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; a folded one is opened by a click, a titled one has its label above it, and `about` below that."""

    label: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    folded: bool = False
    titled: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure with what it shows, and how to read it."""

    title: str
    about: str
    svg: Any


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page; what is empty is left out, and `notice` says why something is not there.

    `beside` is a table to put beside the figures; `short` is the title's short form, for the list of sections.
    """

    id: str
    title: str
    texts: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    figures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    notice: str = ""
    beside: Table | None = None
    short: str = ""


def make_table(
    label: str, heads: Sequence[str], rows: Iterable[Sequence[Any] | Row], *, folded: bool = False, titled: bool = False
) -> Table:
    """Return a table; a head is "name" or "name:kind"."""
    named = tuple(Head(*head.split(":")) for head in heads)
    return Table(label, named, tuple(row if isinstance(row, Row) else Row(tuple(row)) for row in rows), folded, titled)


def number(value: Any, digits: int = 5) -> str:
    """Return a number with so many significant digits, thousands apart; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if not 1e3 <= abs(value) < 1e12:
        return f"{value:.{digits}g}"
    return f"{float(f'{value:.{digits}g}'):,.{max(0, digits - len(str(int(abs(value)))))}f}"


def between(low: Any, high: Any, digits: int = 5) -> str:
    """Return an interval; a dash where there is none."""
    if low is None or not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    return f"{number(low, digits)} to {number(high, digits)}"
