"""Collect out-of-fold predictions: from fold results to one matrix for each candidate, scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl.plugin_api.specs import MetricSpec
from automl.steps.score_predictions import loss_of, score_predictions
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import CandidateResult, FoldResult
from automl.vocabulary.task import Task


@dataclass(frozen=True, slots=True)
class Judge:
    """What it takes to score predictions of stored rows."""

    metric: MetricSpec
    task: Task
    target: Array
    weights: Array | None
    plan: ResamplingPlan

    def score(self, predictions: Array, rows: Rows) -> float:
        """Return the metric of predictions for these rows."""
        weights = None if self.weights is None else self.weights[rows]
        return score_predictions(self.metric, self.task, self.target[rows], predictions, weights)

    def loss(self, predictions: Array, rows: Rows) -> float:
        """Return the metric turned so that lower is better; infinity where it cannot be computed."""
        return loss_of(self.metric, self.score(predictions, rows))

    def fold_loss(self, result: FoldResult) -> float:
        """Return the loss on one fold's validation rows."""
        return self.loss(result.predictions, self.plan.folds[result.fold].valid)


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
