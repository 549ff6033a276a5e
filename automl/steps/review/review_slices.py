"""Review slices: for which values of which columns predictions are worse than for the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from automl.steps.audit.profile_table import measured
from automl.vocabulary.arrays import Array
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.review import Slice
from automl.vocabulary.schema import Column, ColumnKind, Schema

LEAST_ROWS = 20
"""Fewer rows than this make no slice: their mean tells too little, and it must not tell of single rows."""
RANGES = 4
MOST_CATEGORIES = 20
MOST_COLUMNS = 300
KEPT = 20
MISSING = "missing"
Z = 1.959964


def review_slices(
    losses: Array, second: Array, stored: pd.DataFrame, schema: Schema, clock: Deadline
) -> tuple[tuple[Slice, ...], int]:
    """Return the slices that are predicted worse than the rest, worst first, and how many were compared.

    losses, second: `(n_rows,)`, what is averaged. A slice is kept where the difference to all other rows is past what
    chance gives to the largest of so many (Welch's test with Bonferroni's correction); they are ordered by the lower
    end of the difference, so that a small slice has to differ by more.
    """
    columns = [each for each in schema.columns if each.kind not in (ColumnKind.IGNORED, ColumnKind.IMAGE)]
    found = []
    for column in columns[:MOST_COLUMNS]:
        if clock.left() <= 0:
            break
        for label, chosen in _parts(stored[column.name].to_numpy(), column):
            n_rows = int(chosen.sum())
            if LEAST_ROWS <= n_rows <= len(losses) - LEAST_ROWS:
                found.append((*_compared(losses, chosen), column.name, label, chosen))
    limit = _corrected_limit(len(found))
    worse = sorted(
        ((each, each[0] - Z * each[1]) for each in found if each[0] > limit * each[1]), key=lambda pair: -pair[1]
    )
    slices = []
    for (_, _, name, label, chosen), _ in worse[:KEPT]:
        inside = losses[chosen]
        half = Z * float(inside.std(ddof=1)) / math.sqrt(len(inside))
        mean = float(inside.mean())
        slices.append(Slice(name, label, len(inside), mean, mean - half, mean + half, float(second[chosen].mean())))
    return tuple(slices), len(found)


def _compared(losses: Array, chosen: Array) -> tuple[float, float]:
    """Return by how much the mean loss of the chosen rows exceeds that of the others, and its standard error."""
    inside, outside = losses[chosen], losses[~chosen]
    error = math.sqrt(float(inside.var(ddof=1)) / len(inside) + float(outside.var(ddof=1)) / len(outside))
    return float(inside.mean() - outside.mean()), error


def _corrected_limit(n_compared: int) -> float:
    """Return how many standard errors a difference must have, so that 5 % of tables show one by chance alone."""
    from scipy.special import ndtri

    return float(-ndtri(0.05 / max(1, n_compared)))


def _parts(values: Array, column: Column) -> Iterator[tuple[str, Array]]:
    """Yield label and rows of each slice of a column."""
    if column.kind is ColumnKind.CATEGORICAL:
        codes = np.asarray(values)
        counts = np.bincount(codes[codes >= 0], minlength=len(column.categories))
        for code in np.argsort(-counts, kind="stable")[:MOST_CATEGORIES].tolist():
            yield column.categories[code], codes == code
        yield MISSING, codes < 0
        return
    numbers = measured(values, column)
    known = numbers[np.isfinite(numbers)]
    distinct = np.unique(known)
    if len(distinct) <= RANGES + 1:
        for value in distinct.tolist():
            yield spell_range(value, value, column), numbers == value
    else:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, RANGES + 1)))
        for position, (low, high) in enumerate(pairwise(edges.tolist())):
            above = numbers >= low if position == 0 else numbers > low
            yield spell_range(low, high, column), above & (numbers <= high)
    yield MISSING, ~np.isfinite(numbers)


def spell_range(low: float, high: float, column: Column) -> str:
    """Return a range of a column's values in words."""
    if column.kind is ColumnKind.BOOLEAN:
        return "true" if low else "false"
    if column.kind is ColumnKind.DATETIME:
        days = [pd.Timestamp(each, unit="s").strftime("%Y-%m-%d") for each in (low, high)]
        return days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}"
    unit = " characters" if column.kind is ColumnKind.TEXT else ""
    return f"{_spell(low)}{unit}" if low == high else f"{_spell(low)} to {_spell(high)}{unit}"


def _spell(value: float) -> str:
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e15 else f"{value:.4g}"
