"""Keep rows: what lets rows of the fitted table be known again, and a sample of them for the session that fitted."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from automl.steps.audit.hash_rows import hash_rows
from automl.steps.score.judge import Judge
from automl.table.files.read_images import hashable
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.review import KnownRows, SampledRows
from automl.vocabulary.schema import Column

SAMPLED_ROWS = 2_000
HASHED_ROWS = 2_000
MANY_COLUMNS = 2_000
"""From more columns on rows are hashed a block at a time; below, as they always were, so that tables are known."""


def know_rows(stored: pd.DataFrame, target: Array, plan: ResamplingPlan, columns: tuple[Column, ...]) -> KnownRows:
    """Return by what the table is known again, with the first fold that validates each row."""
    folds = np.full(len(target), -1, dtype=np.int16)
    for number, fold in reversed(list(enumerate(plan.folds))):
        folds[fold.valid] = number
    return KnownRows(len(target), fingerprint_rows(stored, target, columns), folds)


def fingerprint_rows(stored: pd.DataFrame, target: Array, columns: tuple[Column, ...]) -> str:
    """Return one number for a whole table: a hash over up to `HASHED_ROWS` of its rows, in their order."""
    rows = np.unique(np.linspace(0, max(0, len(target) - 1), HASHED_ROWS).round().astype(np.int64))[: len(target)]
    taken = hashable(stored.iloc[rows].reset_index(drop=True), columns)
    digest = hashlib.sha256(repr((len(target), list(stored.columns))).encode())
    many = taken.shape[1] > MANY_COLUMNS
    digest.update((hash_rows(taken) if many else pd.util.hash_pandas_object(taken, index=False).to_numpy()).tobytes())
    digest.update(np.asarray(target, dtype=np.float64)[rows].tobytes())
    return digest.hexdigest()


def sample_rows(features: pd.DataFrame, judge: Judge, folds: Array, covered: Rows, seed: int) -> SampledRows:
    """Return up to `SAMPLED_ROWS` of the rows that some fold validates, of whole groups where those are judged."""
    rows = judge.some(np.asarray(covered), SAMPLED_ROWS, [seed, 601])
    groups = judge.groups[rows] if judge.groups is not None and judge.metric.needs_groups else None
    return SampledRows(features.iloc[rows].reset_index(drop=True), judge.target[rows], folds[rows], groups)
