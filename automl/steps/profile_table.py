"""Profile the table: keep of each column what later tables are compared with."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from automl.steps.encode_table import NUMBERS
from automl.vocabulary.profile import ColumnProfile, TableProfile
from automl.vocabulary.schema import Column, ColumnKind, Schema

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
    return TableProfile(tuple(_profile_column(column, stored, types[column.name], rows) for column in given))


def _profile_column(column: Column, stored: pd.DataFrame, dtype: str, rows: Any) -> ColumnProfile:
    n_known = round((1.0 - column.missing_fraction) * len(stored))
    bare = ColumnProfile(column.name, column.kind, dtype, column.missing_fraction, n_known)
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
    if column.kind is ColumnKind.TEXT:
        lengths = np.array([len(text) for text in values], dtype=np.float64)
        return np.where(lengths > 0, lengths, np.nan)
    found = np.asarray(values, dtype=np.float64)
    return found + column.offset if column.kind in NUMBERS else found
