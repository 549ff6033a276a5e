"""Check a table against the one that was fitted: what is missing, what is new, and which columns have drifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.machine.one_at_a_time import one_at_a_time
from automl.steps.audit.profile_table import measured
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import MISSING_WORDS, as_text
from automl.vocabulary.arrays import with_usual_errors
from automl.vocabulary.profile import ColumnProfile, TableProfile
from automl.vocabulary.schema import Column, ColumnKind, Schema

SIGNIFICANT = 0.01
"""Corrected p-value below which a difference is taken for one."""
LEAST_DISTANCE = 0.1
"""A distribution has drifted only where it also differs by this much: with many rows any difference is significant."""
TOLERATED = 0.05
"""Share of unreadable, unseen or out-of-range values, and growth of the missing ones, that is passed over."""
MANY_ROWS = 1_000
REPORT_COLUMNS = (
    "column", "kind", "dtype_fitted", "dtype", "missing_fitted", "missing", "unreadable", "unseen", "out_of_range",
    "test", "distance", "p_value", "verdict",
)  # fmt: skip
FINE = ("ok", "ok: not used", "new: not used")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the report; shares are of all rows for missing ones, of the known values for the others."""

    column: str
    kind: str = ""
    dtype_fitted: str = ""
    dtype: str = ""
    missing_fitted: float = np.nan
    missing: float = np.nan
    unreadable: float = np.nan
    unseen: float = np.nan
    out_of_range: float = np.nan
    test: str = ""
    distance: float = np.nan
    p_value: float = np.nan
    verdict: str = ""
    p_missing: float = field(default=1.0)
    p_outside: float = field(default=1.0)
    expected_unseen: float = field(default=0.0)
    expected_unreadable: float = field(default=0.0)


@one_at_a_time
@with_usual_errors
def check_table(frame: pd.DataFrame, schema: Schema, profile: TableProfile, others: Sequence[str]) -> pd.DataFrame:
    """Return one row a column: the fitted ones in their order, then new ones, `others` such as targets left out.

    `distance` is that of the test: Kolmogorov and Smirnov's largest difference of the distribution functions ("ks"),
    or half the summed difference of the category shares ("chi2"). `p_value` is corrected by Holm's method for the
    number of columns. At fit about a hundred quantiles are kept, so "ks" compares at those.
    """
    rows = []
    given = [column for column in schema.columns if not column.part]
    names = set(frame.columns)
    there = [column for column in given if column.name in names]
    stored = encode_table(frame, Schema(tuple(there)))
    profiles = {each.name: each for each in profile.columns}
    for column in given:
        known = profiles[column.name]
        if column.name in names:
            rows.append(_compare(frame[column.name], stored, column, known))
        else:
            verdict = "missing column" if column.name in schema.needed else "ok: not used"
            rows.append(
                _Row(column.name, column.kind.value, known.dtype, missing_fitted=known.missing, verdict=verdict)
            )
    fitted = {*schema.given, *others}
    rows += [
        _Row(name, dtype=str(frame[name].dtype), missing=_share(frame[name].isna()), verdict="new: not used")
        for name in frame.columns
        if name not in fitted
    ]
    judged = [row if row.verdict else replace(row, verdict=_verdict(row)) for row in _corrected(rows)]
    return pd.DataFrame({name: [getattr(row, name) for row in judged] for name in REPORT_COLUMNS})


def refuse_problems(report: pd.DataFrame) -> None:
    """Raise one error that lists every column whose verdict is a problem."""
    wrong = report[~report["verdict"].isin(FINE)]
    if len(wrong):
        listed = "\n".join(f"  {row.column!r}: {row.verdict}" for row in wrong.itertuples())
        raise InputError(
            f"{len(wrong)} of {len(report)} columns differ from those that the model was fitted on:\n{listed}\n"
            f"Repair the table, fit anew, or pass over it with strict=False."
        )


def _compare(values: pd.Series, stored: pd.DataFrame, column: Column, known: ColumnProfile) -> _Row:
    row = _Row(
        column.name,
        column.kind.value,
        known.dtype,
        str(values.dtype),
        known.missing,
        _share(values.isna()),
        p_missing=_p_more_missing(values, known),
    )
    if column.kind in (ColumnKind.IGNORED, ColumnKind.IMAGE):
        return replace(row, verdict="ok: not used" if column.kind is ColumnKind.IGNORED else "")
    codes = stored[column.name].to_numpy()
    if column.kind is ColumnKind.CATEGORICAL:
        return _compare_codes(row, codes, values.notna().to_numpy(dtype=bool), known)
    return _compare_numbers(row, measured(codes, column), values, column, known)


def _compare_codes(row: _Row, codes: Any, is_known: Any, known: ColumnProfile) -> _Row:
    seen = codes[codes >= 0]
    n_known = int(is_known.sum())
    unseen = n_known - len(seen)
    row = replace(row, unseen=unseen / n_known if n_known else np.nan, expected_unseen=known.singles)
    if not n_known or not known.points:
        return row
    shares = np.asarray(known.shares)
    now = np.bincount(seen, minlength=int(max(known.points)) + 1)[np.asarray(known.points, dtype=np.int64)]
    # What is not among the frequent categories, and what is unseen, is one more category.
    then = np.append(shares, max(0.0, 1.0 - shares.sum())) * known.n_known
    now = np.append(now, n_known - now.sum())
    distance = 0.5 * float(np.abs(then / then.sum() - now / n_known).sum())
    return replace(row, test="chi2", distance=distance, p_value=_chi_square(then, now))


def _compare_numbers(row: _Row, numbers: Any, values: pd.Series, column: Column, known: ColumnProfile) -> _Row:
    is_given = values.notna().to_numpy(dtype=bool)
    if column.kind is not ColumnKind.SEQUENCE and (
        values.dtype == object or pd.api.types.is_string_dtype(values.dtype)
    ):
        is_given = is_given & ~as_text(values).fillna("").str.strip().str.lower().isin(MISSING_WORDS).to_numpy(
            dtype=bool
        )
    given, found = numbers[is_given], np.sort(numbers[np.isfinite(numbers)])
    unreadable = float(np.mean(~np.isfinite(given))) if len(given) and column.kind is not ColumnKind.TEXT else np.nan
    row = replace(row, unreadable=unreadable, expected_unreadable=known.unreadable)
    if not len(found) or not known.points:
        return row
    outside = float(np.mean((found < known.low) | (found > known.high)))
    now = np.searchsorted(found, np.asarray(known.points), side="right") / len(found)
    below = float(np.mean(found < known.points[0]))
    distance = max(below, float(np.abs(now - np.asarray(known.shares)).max()))
    p_value = _kolmogorov(distance, known.n_known, len(found))
    row = replace(row, p_outside=_p_outside(outside * len(found), len(found), known))
    return replace(row, out_of_range=outside, test="ks", distance=distance, p_value=p_value)


def _chi_square(then: Any, now: Any) -> float:
    """Return the p-value that both counts are of one distribution; categories expected to be rare are put together."""
    from scipy.stats import chi2_contingency

    expected = (then + now) * now.sum() / (then.sum() + now.sum())
    rare = expected < 5
    table = np.array([np.append(each[~rare], each[rare].sum()) for each in (then, now)], dtype=np.float64)
    table = table[:, table.sum(axis=0) > 0]
    return float(chi2_contingency(table, correction=False).pvalue) if table.shape[1] > 1 else 1.0


def _kolmogorov(distance: float, n_then: int, n_now: int) -> float:
    """Return the p-value of a distance: exact for few rows, Kolmogorov's limit for many."""
    from scipy.special import kolmogorov
    from scipy.stats import kstwo

    rows = max(1, round(n_then * n_now / (n_then + n_now)))
    return float(kstwo.sf(min(1.0, distance), rows) if rows <= MANY_ROWS else kolmogorov(distance * np.sqrt(rows)))


def _p_outside(n_outside: float, n_rows: int, known: ColumnProfile) -> float:
    """Return how likely so many values lie outside by chance: a new one lies beyond n others once in (n + 1) / 2."""
    from scipy.stats import binom

    return float(binom.sf(round(n_outside) - 1, n_rows, 2.0 / (known.n_known + 1.0)))


def _p_more_missing(values: pd.Series, known: ColumnProfile) -> float:
    from scipy.stats import binom

    n_missing = int(values.isna().sum())
    before = known.missing * known.n_known / max(1e-12, 1.0 - known.missing) if known.missing < 1 else 1.0
    share = (before + 1.0) / (before + known.n_known + 2.0)
    return float(binom.sf(n_missing - 1, len(values), share)) if n_missing else 1.0


def _corrected(rows: list[_Row]) -> list[_Row]:
    """Correct the p-values by Holm's method (1979), those of the tests and of the missing values apart."""
    tested = _holm(np.array([row.p_value for row in rows], dtype=np.float64))
    missing = _holm(np.array([row.p_missing for row in rows], dtype=np.float64))
    return [
        replace(row, p_value=float(p_value), p_missing=float(p_missing))
        for row, p_value, p_missing in zip(rows, tested, missing, strict=True)
    ]


def _holm(p_values: Any) -> Any:
    corrected = p_values.copy()
    order = np.argsort(p_values, kind="stable")[: int(np.isfinite(p_values).sum())]
    raised = p_values[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(raised)) if len(order) else raised
    return corrected


def _verdict(row: _Row) -> str:
    found = []
    if row.unreadable > TOLERATED + row.expected_unreadable:
        found.append(f"{row.unreadable:.0%} cannot be read as {row.kind}")
    if row.unseen > TOLERATED + row.expected_unseen:
        found.append(f"{row.unseen:.0%} in unseen categories")
    if row.out_of_range > TOLERATED and row.p_outside < TOLERATED:
        found.append(f"{row.out_of_range:.0%} out of the fitted range")
    if row.missing > row.missing_fitted + TOLERATED and row.p_missing < SIGNIFICANT:
        found.append(f"{row.missing:.0%} missing, {row.missing_fitted:.0%} at fit")
    if row.p_value < SIGNIFICANT and row.distance > LEAST_DISTANCE:
        found.append(f"drifted: {row.test} distance {row.distance:.2f}, p {row.p_value:.1g}")
    return "; ".join(found) or "ok"


def _share(marked: pd.Series) -> float:
    return float(marked.mean()) if len(marked) else np.nan
