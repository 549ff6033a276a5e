"""What the built-in ensemblers share: thinning rows, ranking candidates by loss, and averaging chosen members."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from automl.plugin_api import (
    Array,
    EnsembleRequest,
    Features,
    NothingToCombineError,
    OutOfFold,
    Rows,
    by_block,
    draw_groups,
    loss_of,
    score_predictions,
)

MAX_ROWS = 10_000
"""More rows than this change which members are chosen too little to be worth their time."""
MAX_VOTERS = 10
SURROGATE_SHARE = 0.05
"""Weight of the log loss added to a metric that sees labels only: such metrics have plateaus and much noise."""
TINY = 1e-6


LIGHTEST = 0.02
"""Members with a smaller share of the weight are left out of the finished ensemble."""


@dataclass(frozen=True, slots=True)
class WeightedAverage:
    """Adds up the members' predictions, each times its share; members without a share are never looked at."""

    shares: Array

    def combine(self, predictions: Array, features: Features | None = None) -> Array:  # noqa: ARG002  not asked for
        """Return `(n_rows, n_outputs)`, the same for a row alone as among others."""
        return add_up(self.shares, predictions)

    def weights(self) -> Array:
        """Return each member's share; they add up to 1."""
        return self.shares


def add_up(shares: Array, predictions: Array) -> Array:
    """Return `(n_rows, n_outputs)`: predictions of members, each times its share; those without any are not looked at.

    shares: `(n_members,)`, or `(n_members, n_outputs)` where each output has its own; predictions: `(n_members, n_rows,
    n_outputs)`.
    """
    total = np.zeros(predictions.shape[1:])
    for member in np.flatnonzero(shares if shares.ndim == 1 else shares.any(axis=1)):
        total += shares[member] * predictions[member]
    return total


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric's loss of mixtures of candidates.

    `stack` is `(n_candidates, n_outputs, n_rows)`, so that each output of a mixture lies in one piece of memory;
    `groups` are there for metrics that judge by group alone.
    """

    request: EnsembleRequest
    stack: Array
    target: Array
    row_weights: Array | None
    groups: Array | None = None

    @property
    def n_candidates(self) -> int:
        """Number of candidates."""
        return int(self.stack.shape[0])

    def loss(self, mixture: Array) -> float:
        """Return the loss of `(n_outputs, n_rows)` predictions; infinity where the metric has no value."""
        metric = self.request.metric
        score = score_predictions(metric, self.request.task, self.target, mixture.T, self.row_weights, self.groups)
        loss = loss_of(metric, score)
        if metric.needs != "labels" or math.isinf(loss):
            return loss
        return loss + SURROGATE_SHARE * self._log_loss(mixture)

    def single_losses(self) -> Array:
        """Return each candidate's own loss, `(n_candidates,)`."""
        return np.array([self.loss(predictions) for predictions in self.stack])

    def draw(self, share: float, rng: np.random.Generator) -> Rows:
        """Return about this share of the rows, in order; whole groups where the metric judges by group."""
        count = max(1, round(share * len(self.target)))
        if self.groups is not None:
            return draw_groups(self.groups, count, rng)
        return np.sort(rng.choice(len(self.target), count, replace=False))

    def on_rows(self, rows: Rows) -> Objective:
        """Return the same objective on some of its rows."""
        weights = None if self.row_weights is None else self.row_weights[rows]
        groups = None if self.groups is None else self.groups[rows]
        stack = np.ascontiguousarray(self.stack[:, :, rows])
        return Objective(self.request, stack, self.target[rows], weights, groups)

    def _log_loss(self, mixture: Array) -> float:
        task = self.request.task
        if task.targets:
            return float(np.mean([self._loss_of_target(*each) for each in self._by_target(mixture)]))
        return self._loss_of_target(self.target, mixture)

    def _by_target(self, mixture: Array) -> Iterator[tuple[Array, Array]]:
        """Yield class numbers `(n_rows,)` and shares `(n_classes, n_rows)` of each of several targets of classes."""
        task = self.request.task
        for number, (each, (_, part)) in enumerate(zip(task.targets, by_block(mixture.T, task), strict=True)):
            if each.has_classes:
                shares = part if part.shape[1] > 1 else np.hstack([1.0 - part, part])
                yield self.target[:, number].astype(np.int64), shares.T

    def _loss_of_target(self, target: Array, shares: Array) -> float:
        hit = shares[target, np.arange(shares.shape[1])]
        return -float(np.average(np.log(np.maximum(hit, TINY)), weights=self.row_weights))


def make_objective(out_of_fold: OutOfFold, request: EnsembleRequest, seed: int) -> Objective:
    """Return the objective on at most about `MAX_ROWS` rows, drawn by the seed.

    A candidate with a missing number anywhere has no finite loss on any rows.
    """
    groups = out_of_fold.groups if request.metric.needs_groups else None
    if groups is None or len(groups) <= MAX_ROWS:
        rows = thin_rows(out_of_fold.target, MAX_ROWS, request.task.has_classes, seed)
    else:
        rows = draw_groups(groups, MAX_ROWS, np.random.default_rng(seed))
    number = np.float32 if request.task.has_classes else np.float64
    stack = np.ascontiguousarray(out_of_fold.predictions[:, rows].transpose(0, 2, 1), dtype=number)
    stack[~np.isfinite(out_of_fold.predictions).all(axis=(1, 2))] = np.nan
    weights = None if out_of_fold.weights is None else out_of_fold.weights[rows]
    return Objective(request, stack, out_of_fold.target[rows], weights, None if groups is None else groups[rows])


def thin_rows(target: Array, n_rows: int, stratify: bool, seed: int) -> Rows:
    """Return at most about `n_rows` row numbers in order, each class with its share and at least a few rows."""
    if len(target) <= n_rows:
        return np.arange(len(target))
    rng = np.random.default_rng(seed)
    if not stratify:
        return np.sort(rng.choice(len(target), n_rows, replace=False))
    share, chosen = n_rows / len(target), []
    for label in np.unique(target):
        rows = np.flatnonzero(target == label)
        count = min(len(rows), max(round(share * len(rows)), 20))
        chosen.append(rng.choice(rows, count, replace=False))
    return np.sort(np.concatenate(chosen))


def rank_candidates(losses: Array) -> Rows:
    """Return the numbers of the candidates that have a finite loss, the best first."""
    order = np.argsort(losses, kind="stable")
    usable = order[np.isfinite(losses[order])]
    if not len(usable):
        raise NothingToCombineError(
            "No candidate has a finite score on the out-of-fold rows, so there is nothing to combine."
        )
    return usable


def equal_shares(members: Rows, n_candidates: int) -> Array:
    """Return shares that are equal over the members and 0 elsewhere."""
    shares = np.zeros(n_candidates)
    shares[members] = 1.0 / len(members)
    return shares


def without_light(shares: Array) -> Array:
    """Return the shares without those below `LIGHTEST`, which change a prediction less than they cost in time."""
    kept = np.where(shares >= LIGHTEST * shares.sum(), shares, 0.0)
    return kept / kept.sum() if kept.any() else shares


def best_voters(objective: Objective, ranked: Rows) -> Rows:
    """Return the first k of the ranked candidates, 1 <= k <= `MAX_VOTERS`, whose plain average has the least loss."""
    ranked = ranked[:MAX_VOTERS]
    total, losses = np.zeros_like(objective.stack[0]), []
    for count, member in enumerate(ranked, start=1):
        total += objective.stack[member]
        losses.append(objective.loss(total / count))
    return ranked[: int(np.argmin(losses)) + 1]
