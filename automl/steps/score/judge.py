"""Judge: what it takes to score predictions of stored rows."""

from __future__ import annotations

from dataclasses import dataclass

from automl.plugin_api.scoring import loss_of, score_predictions
from automl.plugin_api.specs import MetricSpec
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import FoldResult
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
