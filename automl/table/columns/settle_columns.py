"""Settle the columns: decide of strings whether they serve as a whole, by their parts, as text, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from automl.table.readings.read_parts import FoundParts, described, find_name, find_parts
from automl.vocabulary.schema import Column, ColumnKind, Noted

ID_DISTINCT = 0.99
"""Share of distinct strings from which a column is an identifier, unless its parts or words repeat."""
FINE_DISTINCT = 0.9
"""Share of distinct strings from which a column is taken apart in all ways."""
FEWEST_DISTINCT = 30
DISTINCT = "nearly every value is distinct"
IDENTIFIER = "looks like an identifier"
NUMBERS_ROWS = f"{IDENTIFIER}: it numbers the rows"
READ_BY_PARTS = "read by its parts"
OF_NUMBERS = ("length", "digit count", "name length")
"""Parts that say no more than a number in the string does."""
LEFT_OUT = "left out, as asked"
WRITTEN = "written as"
RECURRING = "distinct strings in which words or runs of characters recur"
"""What a column is that is read as text though it has few spaces."""


def settle_columns(
    frame: pd.DataFrame,
    columns: Iterable[Column],
    told: Collection[str],
    type_column: Callable[[pd.Series, ColumnKind], Column],
) -> list[Column]:
    """Describe the parts of columns of strings, behind all columns; what is read by its parts alone is set aside.

    Columns of a kind that was told (`told`) keep it.
    """
    taken, kept, made = set(frame.columns), [], []
    for column in columns:
        if not _is_of_strings(column):
            kept.append(column)
            continue
        values, is_told = frame[column.name], column.name in told
        share = _distinct_share(values, column)
        found = find_parts(values, column, taken, share > FINE_DISTINCT and not is_told)
        numbering = any(_numbers_rows(part, read) for part, read in found.parts)
        parts = []
        for part, read in found.parts:
            typed = described(part, type_column(read, part.kind))
            told_nothing = numbering and (_numbers_rows(part, read) or part.part in OF_NUMBERS)
            parts += [typed] if typed.kind is part.kind and not told_nothing else []
        settled = column if is_told else _settled(column, found, parts, share)
        kept.append(settled)
        name = find_name(settled, taken) if settled.kind is ColumnKind.CATEGORICAL else None
        made += parts if name is None else [*parts, name]
    return [*kept, *made]


def _settled(column: Column, found: FoundParts, parts: Sequence[Column], share: float) -> Column:
    """Return a column of strings as what it is once its parts are known."""
    if found.are_texts:
        return replace(column, kind=ColumnKind.TEXT, categories=(), note=RECURRING, noted=Noted.RECURRING)
    if share <= ID_DISTINCT or column.kind is ColumnKind.TEXT:
        is_whole = not (found.form and parts)
        return column if is_whole else replace(column, note=f"{WRITTEN} {found.form}", noted=Noted.WRITTEN)
    if parts:
        written = f", {WRITTEN} {found.form}" if found.form else ""
        names = ", ".join(part.part for part in parts)
        note, noted = f"{DISTINCT}{written}; {READ_BY_PARTS}: {names}", Noted.DISTINCT
    else:
        note, noted = f"{IDENTIFIER}: {DISTINCT}, and no part of it repeats", Noted.IDENTIFIER
    return replace(column, kind=ColumnKind.IGNORED, categories=(), note=note, noted=noted)


def _is_of_strings(column: Column) -> bool:
    is_distinct = column.kind is ColumnKind.IGNORED and column.noted == Noted.DISTINCT
    return is_distinct or column.kind in (ColumnKind.CATEGORICAL, ColumnKind.TEXT)


def _distinct_share(values: pd.Series, column: Column) -> float:
    """Return the share of distinct values among those known, 0 where they are too few to tell."""
    n_known = round((1.0 - column.missing_fraction) * len(values))
    return column.n_distinct / n_known if column.n_distinct > FEWEST_DISTINCT and _is_of_strings(column) else 0.0


def _numbers_rows(part: Column, values: pd.Series) -> bool:
    """Tell whether a part is the number of the row, which is no more than an identifier."""
    return part.kind is ColumnKind.NUMERIC and bool((np.diff(values.to_numpy()) == 1).all())
