"""Find running columns: numbers that are the time in other words, such as a counter or the number of a day."""

from __future__ import annotations

import numpy as np

from automl.vocabulary.arrays import Array
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.schema import ColumnKind

ROWS_LOOKED_AT = 2_000
LEAST_AGREEMENT = 0.995
"""Rank correlation with the time of the rows from which a column is the time itself. What merely grows with time, such
as prices, may be what a target depends on, and is left as it is."""
LEAST_KNOWN = 0.9
"""Share of the rows that must have a value."""


def find_running(dataset: Dataset, plan: ResamplingPlan) -> tuple[str, ...] | None:
    """Return the names of the numeric columns that run with time; None where the folds are not in order of time.

    Later rows have larger values in them than all that were learned from, whatever the columns stand for.
    """
    if plan.stretches is None:
        return None
    rows = np.linspace(0, dataset.n_rows - 1, min(dataset.n_rows, ROWS_LOOKED_AT)).astype(np.int64)
    time = plan.stretches[rows]
    names = [column.name for column in dataset.schema.of_kind(ColumnKind.NUMERIC)]
    return tuple(name for name in names if _runs(dataset.features[name].to_numpy()[rows], time))


def _runs(values: Array, time: Array) -> bool:
    known = np.isfinite(values)
    if known.mean() < LEAST_KNOWN or (values[known] == values[known][0]).all():
        return False
    return _rank_correlation(values[known], time[known]) >= LEAST_AGREEMENT


def _rank_correlation(left: Array, right: Array) -> float:
    """Return Spearman's rank correlation, ties sharing their mean rank; 0 where one is constant."""
    from scipy.stats import rankdata

    ranks = [rankdata(each) - (len(left) + 1) / 2 for each in (left, right)]
    scale = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float((ranks[0] * ranks[1]).sum()) / scale if scale else 0.0
