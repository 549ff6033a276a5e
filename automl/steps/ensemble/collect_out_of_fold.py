"""Collect out-of-fold predictions: from fold results to one matrix for each candidate, scored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl.steps.score.judge import Judge
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import CandidateResult


def covered_rows(plan: ResamplingPlan, n_folds: int, n_rows: int) -> Rows:
    """Return the rows that the first `n_folds` folds validate, in table order."""
    covered = np.zeros(n_rows, dtype=bool)
    for fold in plan.folds[:n_folds]:
        covered[fold.valid] = True
    return np.flatnonzero(covered)


def out_of_fold(results: Sequence[CandidateResult], judge: Judge, n_folds: int) -> tuple[Array, Rows]:
    """Return `(n_candidates, n_covered, n_outputs)` and the covered rows, from the first `n_folds` folds.

    A row that several folds validate, as in repeated cross-validation, gets the mean of its predictions.
    """
    n_rows = len(judge.target)
    rows = covered_rows(judge.plan, n_folds, n_rows)
    collected = np.zeros((len(results), len(rows), judge.task.n_outputs), judge.task.stored_as)
    place = np.full(n_rows, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    counts = np.zeros(len(rows), dtype=np.float32)
    for fold in judge.plan.folds[:n_folds]:
        np.add.at(counts, place[fold.valid], 1.0)
    for position, result in enumerate(results):
        for fold_result in result.folds:
            if fold_result.fold < n_folds:
                collected[position, place[judge.plan.folds[fold_result.fold].valid]] += fold_result.predictions
    collected /= np.maximum(counts, 1.0)[None, :, None]
    return collected, rows
