"""Judge: how predictions of rows are scored; the one way from predictions to a score, a loss, and a fold's loss."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.machine.quiet_warnings import quiet_warnings
from automl.plugin_api.scoring import check_groups, draw_groups, loss_of, mean_score, score_predictions
from automl.plugin_api.specs import MetricSpec
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import FoldResult
from automl.vocabulary.task import Task

SLOW_SECONDS = 0.1
NO_PLAN = ResamplingPlan(folds=(), description="")


@dataclass(frozen=True, slots=True)
class Judge:
    """How predictions of some rows are scored; an OptionError where the metric needs groups and there are none.

    target, weights, groups: those of the rows, `(n_rows,)`; groups are what a metric judges by, where it does.
    units: `(n_rows,)`, which rows are drawn together in resamples, and never parted where weights are learnt: those of
        a group, or of one stretch of time; None where each row is drawn alone.
    parts: `(n_rows,)` where the score is the mean over parts of the rows, by their number, rather than that of all at
        once; so it is where parts are predicted by models of another age, or their targets lie elsewhere, as a ranking
        of rows of different times would otherwise be that of the times.
    decide: makes outputs of which the largest in a row is the class that is decided, for metrics that see labels, of
        outputs and groups; None where that is the largest as they are.
    plan: the folds of the rows, for `fold_loss`.
    strict: whether what the metric raises goes through; else there is no score then, which is NaN.
    """

    metric: MetricSpec
    task: Task
    target: Array
    weights: Array | None = None
    groups: Array | None = None
    units: Array | None = None
    parts: Array | None = None
    decide: Callable[..., Array] | None = None
    plan: ResamplingPlan = NO_PLAN
    strict: bool = False

    def __post_init__(self) -> None:
        """Refuse a metric that cannot judge these rows."""
        check_groups(self.metric, self.groups)

    def at(self, rows: Rows) -> Judge:
        """Return the judge of some of the rows, which stand in no fold."""
        return replace(
            self,
            target=self.target[rows],
            weights=None if self.weights is None else self.weights[rows],
            groups=None if self.groups is None else self.groups[rows],
            units=None if self.units is None else self.units[rows],
            parts=None if self.parts is None else self.parts[rows],
            plan=NO_PLAN,
        )

    def some(self, rows: Rows, most: int, seed: int | Sequence[int]) -> Rows:
        """Return the rows, or an even draw of them, in order, where they are many; of whole groups where they count."""
        if len(rows) <= most:
            return rows
        rng = np.random.default_rng(seed)
        if self.groups is not None and self.metric.needs_groups:
            return rows[draw_groups(self.groups[rows], most, rng)]
        return np.sort(rng.choice(rows, most, replace=False))

    def score(self, predictions: Array, rows: Rows | None = None) -> float:
        """Return the score of `(n_rows, n_outputs)` predictions, on the given rows among them where there are some."""
        if rows is not None:
            return self.at(rows).score(predictions[rows])
        if self.parts is not None:
            return self._mean_over_parts(predictions, self.parts)
        if self.decide is not None and self.metric.needs == "labels":
            predictions = self.decide(predictions, self.groups)
        if self.strict:
            return self._score(predictions)
        with quiet_warnings():  # a resample may lack a class; the metric's NaN or error says enough
            try:
                return self._score(predictions)
            except Exception:
                return math.nan

    def loss(self, predictions: Array, rows: Rows | None = None) -> float:
        """Return the score turned so that lower is better; infinity where it is NaN."""
        return loss_of(self.metric, self.score(predictions, rows))

    def seconds_to_score(self, predictions: Array) -> float:
        """Return how many seconds scoring takes; a quick metric is asked twice, as the first time may be slow."""
        each: list[float] = []
        while len(each) < (2 if sum(each) < SLOW_SECONDS else 1):
            begun = time.monotonic()
            self.score(predictions)
            each.append(time.monotonic() - begun)
        return min(each)

    def fold_loss(self, result: FoldResult) -> float:
        """Return the loss on one fold's validation rows."""
        return self.at(self.plan.folds[result.fold].valid).loss(result.predictions)

    def _score(self, predictions: Array) -> float:
        return score_predictions(self.metric, self.task, self.target, predictions, self.weights, self.groups)

    def _mean_over_parts(self, predictions: Array, parts: Array) -> float:
        """Return the mean of the scores of the parts that have one, NaN where none has."""
        whole = replace(self, parts=None)
        each = [np.flatnonzero(parts == part) for part in np.unique(parts)]
        return mean_score([whole.score(predictions, rows) for rows in each], [len(rows) for rows in each])


def judge_of(dataset: Dataset, metric: MetricSpec, plan: ResamplingPlan) -> Judge:
    """Return the judge of fits on the folds of a table; what its metric raises is told as that fit's failure."""
    return Judge(metric, dataset.task, dataset.target, dataset.weights, groups=dataset.groups, plan=plan, strict=True)
