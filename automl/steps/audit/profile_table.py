"""Profile the table: keep of each column what later tables are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from automl.table.columns.encode_table import NUMBERS
from automl.table.placed_cells import rows_of
from automl.table.readings.gather_numbers import number_blocks
from automl.vocabulary.profile import ColumnProfile, TableProfile
from automl.vocabulary.schema import Column, ColumnKind, Schema

Points = tuple[float, ...]
N_POINTS = 101
PROFILED_ROWS = 100_000
"""Rows that quantiles are taken of; ranges and shares are of all rows."""


def profile_table(stored: pd.DataFrame, raw: pd.DataFrame, schema: Schema, seed: int) -> TableProfile:
    """Return the profile of a table from its stored columns; `raw` tells the types that the user gave."""
    rows = np.arange(len(stored))
    if len(rows) > PROFILED_ROWS:
        rows = np.random.default_rng([seed, 211]).choice(rows, PROFILED_ROWS, replace=False)
    given = [column for column in schema.columns if not column.part]
    spelled = {dtype: str(dtype) for dtype in set(raw.dtypes)}
    types = {name: spelled[dtype] for name, dtype in zip(raw.columns, raw.dtypes, strict=True)}
    numbers = {column.name: column for column in given if column.kind in NUMBERS and not column.missing_fraction}
    whole = _whole_columns(stored, numbers) if 0 < len(stored) <= PROFILED_ROWS else {}
    profiles = []
    for column in given:
        n_known = round((1.0 - column.missing_fraction) * len(stored))
        bare = ColumnProfile(column.name, column.kind, types[column.name], column.missing_fraction, n_known)
        points, shares = whole.get(column.name, ((), ()))
        profiles.append(_of_points(bare, points, shares) if points else _profile_column(bare, column, stored, rows))
    return TableProfile(tuple(profiles))


def _whole_columns(stored: pd.DataFrame, columns: Mapping[str, Column]) -> dict[str, tuple[Points, Points]]:
    """Return of each column of numbers without a missing one its quantiles, and the share of values up to each."""
    found: dict[str, tuple[Points, Points]] = {}
    n_rows = len(stored)
    for names, block in number_blocks(stored, columns):
        offsets, scales = (np.array([[getattr(columns[name], each)] for name in names]) for each in ("offset", "scale"))
        every = np.sort(block.astype(np.float64) * scales + offsets, axis=1)
        other = every[:, 1:] != every[:, :-1]
        ends = np.full(every.shape, n_rows)
        ends[:, :-1][other] = np.broadcast_to(np.arange(1, n_rows), other.shape)[other]
        ends = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]  # how many values each is not less than
        points, shares = every[:, _places(n_rows)], ends[:, _places(n_rows)] / n_rows
        new = np.ones(points.shape, dtype=bool)
        new[:, 1:] = points[:, 1:] != points[:, :-1]
        for place in np.flatnonzero(np.isfinite(every).all(axis=1)).tolist():
            kept = new[place]
            found[names[place]] = tuple(points[place][kept].tolist()), tuple(shares[place][kept].tolist())
    return found


def _of_points(bare: ColumnProfile, points: Points, shares: Points) -> ColumnProfile:
    return ColumnProfile(
        bare.name, bare.kind, bare.dtype, bare.missing, bare.n_known, 0.0, points[0], points[-1], points, shares
    )


def _profile_column(bare: ColumnProfile, column: Column, stored: pd.DataFrame, rows: Any) -> ColumnProfile:
    if column.kind in (ColumnKind.IGNORED, ColumnKind.IMAGE):
        return bare
    values = stored[column.name].to_numpy()
    return _of_codes(bare, values) if column.kind is ColumnKind.CATEGORICAL else _of_numbers(bare, column, values, rows)


def _of_codes(bare: ColumnProfile, codes: Any) -> ColumnProfile:
    counts = np.bincount(codes[codes >= 0])
    total = max(1, int(counts.sum()))
    common = np.argsort(-counts, kind="stable")[:N_POINTS]
    common = common[counts[common] > 0]
    return ColumnProfile(
        bare.name, bare.kind, bare.dtype, bare.missing, total,
        points=tuple(common.tolist()), shares=tuple((counts[common] / total).tolist()),
        singles=float((counts == 1).sum() / total),
    )  # fmt: skip


def _of_numbers(bare: ColumnProfile, column: Column, values: Any, rows: Any) -> ColumnProfile:
    every = measured(values, column)
    known = every[np.isfinite(every)]
    sample = np.sort(known if len(rows) == len(every) else every[rows][np.isfinite(every[rows])])
    if not len(sample):
        return replace(bare, unreadable=float(bare.n_known > 0))
    points = sample[_places(len(sample))]
    other = points[1:] != points[:-1]
    points = points if other.all() else points[np.append(True, other)]
    shares = np.searchsorted(sample, points, side="right") / len(sample)
    return ColumnProfile(
        bare.name, bare.kind, bare.dtype, bare.missing, len(known), max(0.0, 1.0 - len(known) / max(1, bare.n_known)),
        float(known.min()), float(known.max()),
        tuple(points.tolist()), tuple(shares.tolist()),
    )  # fmt: skip


@lru_cache(maxsize=100)
def _places(n_values: int) -> Any:
    """Return the places of the quantiles among so many ordered values; not to be changed."""
    return np.linspace(0, n_values - 1, N_POINTS).round().astype(np.int64)


def measured(values: Any, column: Column) -> Any:
    """Return stored values as float64 numbers to compare: as the user gave them, and of text the length."""
    if column.kind is ColumnKind.SEQUENCE:
        return np.array([rows_of(cell) for cell in values], dtype=np.float64)
    if column.kind is ColumnKind.TEXT:
        lengths = np.array([len(text) for text in values], dtype=np.float64)
        return np.where(lengths > 0, lengths, np.nan)
    found = np.asarray(values, dtype=np.float64)
    return found * column.scale + column.offset if column.kind in NUMBERS else found
