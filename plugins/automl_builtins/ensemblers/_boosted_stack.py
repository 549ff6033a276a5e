"""Boosted stacking: small LightGBM trees that correct the average of the best few candidates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.plugin_api import Array, Combiner, EnsembleRequest, Features, FitContext, OutOfFold, Rows
from automl_builtins.ensemblers._candidates import (
    WeightedAverage,
    best_voters,
    equal_shares,
    make_objective,
    rank_candidates,
    thin_rows,
)
from automl_builtins.ensemblers._linear_stack import log_probabilities, softmax
from automl_builtins.mean_one import mean_one

MAX_MEMBERS = 10
MAX_ROWS = 10_000
MAX_ROUNDS = 100
PATIENCE = 10
HELD_OUT = 0.25
FLOOR = 1e-4
LEARNING_RATE = 0.05


@dataclass(frozen=True, slots=True)
class BoostedStack:
    """The average of the members with shares, plus what trees over the members' predictions add to it.

    `trees` is LightGBM's text form of a model, empty where no tree helped. In classification the trees add to the
    logarithms of the average, in regression to its values.
    """

    shares: Array
    members: Array
    importance: Array
    columns: tuple[str, ...]
    is_classification: bool
    trees: str = ""

    def combine(self, predictions: Array, features: Features | None = None) -> Array:
        """Return `(n_rows, n_outputs)`."""
        average = self.average(predictions)
        if not self.trees:
            return average
        from lightgbm import Booster

        inputs = self.inputs(predictions, average, features)
        added = np.asarray(Booster(model_str=self.trees).predict(inputs, raw_score=True, num_threads=1))
        if not self.is_classification:
            return np.asarray(average + added.reshape(-1, 1))
        return softmax(self.start(average) + as_scores(added))

    def weights(self) -> Array:
        """Return each member's share: half by the average, half by how much the trees gained from it."""
        if not self.importance.any():
            return self.shares
        return 0.5 * self.shares + 0.5 * self.importance

    def average(self, predictions: Array) -> Array:
        """Return the members' plain average."""
        total = np.zeros(predictions.shape[1:])
        for member in np.flatnonzero(self.shares):
            total += self.shares[member] * predictions[member]
        return total

    def start(self, average: Array) -> Array:
        """Return the scores that the trees add to."""
        return log_probabilities(average, FLOOR) if self.is_classification else average

    def inputs(self, predictions: Array, average: Array, features: Features | None) -> Array:
        """Return what the trees see: the average, each member's difference from it, and the raw columns asked for.

        A member that no tree looks at may hold anything, for it is not read once the trees are known.
        """
        start = self.start(average)
        blocks, needed = [self._own_columns(start)], self.weights()
        for member in self.members:
            if self.trees and needed[member] == 0:
                blocks.append(np.zeros_like(blocks[0]))
            else:
                blocks.append(self._own_columns(self.start(predictions[member].astype(np.float64)) - start))
        if self.columns:
            if features is None:
                raise ValueError("This ensemble needs the raw columns beside the predictions, and got None.")
            blocks.append(features[list(self.columns)].to_numpy(dtype=np.float64))
        return np.hstack(blocks, dtype=np.float32, casting="same_kind")

    def _own_columns(self, scores: Array) -> Array:
        """Leave out the first class, whose score follows from the others."""
        return scores[:, 1:] if self.is_classification else scores


@dataclass(frozen=True, slots=True)
class _Training:
    """What the trees learn from: inputs, target, row weights, and the scores that the trees add to."""

    params: dict[str, Any]
    inputs: Array
    target: Array
    row_weights: Array
    start: Array


def as_scores(added: Array) -> Array:
    """Return raw tree outputs as one column for each class; a binary model adds to the second one alone."""
    return added if added.ndim == 2 else np.column_stack([np.zeros_like(added), added])


def fit_boosted(out_of_fold: OutOfFold, request: EnsembleRequest, context: FitContext) -> Combiner:
    """Find the number of trees on held-out rows, then fit that many on all rows; none where none helps."""
    objective = make_objective(out_of_fold, request, context.seed)
    ranked = rank_candidates(objective.single_losses())
    members, shares = ranked[:MAX_MEMBERS], equal_shares(best_voters(objective, ranked), objective.n_candidates)
    columns = () if out_of_fold.features is None else _numeric_columns(out_of_fold.features)
    is_classification = request.task.has_classes
    plain = BoostedStack(shares, members, np.zeros(len(shares)), columns, is_classification)
    training = _training(plain, out_of_fold, request, context)
    rounds = _count_rounds(training, is_classification, context)
    if rounds == 0:
        return WeightedAverage(shares)
    booster = _train(training, np.arange(len(training.target)), rounds)
    gains = np.asarray(booster.feature_importance("gain"), dtype=np.float64)
    return replace(plain, importance=_importance(gains, plain, request.task.n_outputs), trees=booster.model_to_string())


def _numeric_columns(features: Features) -> tuple[str, ...]:
    """Return the stored columns that hold numbers, times or category codes."""
    return tuple(name for name, kind in zip(features.columns, features.dtypes, strict=True) if kind.kind in "fiu")


def _training(plain: BoostedStack, out_of_fold: OutOfFold, request: EnsembleRequest, context: FitContext) -> _Training:
    rows = thin_rows(out_of_fold.target, MAX_ROWS, plain.is_classification, context.seed)
    predictions = out_of_fold.predictions[:, rows]
    features = out_of_fold.features.iloc[rows] if plain.columns else None  # type: ignore[union-attr]  # has columns
    average = plain.average(predictions)
    start = plain.start(average)
    if request.task.n_outputs == 2:
        start = start[:, 1:] - start[:, :1]
    weights = np.ones(len(rows)) if out_of_fold.weights is None else mean_one(out_of_fold.weights[rows])
    objective = {1: "regression", 2: "binary"}.get(request.task.n_outputs, "multiclass")
    params = {
        "objective": objective, "num_class": request.task.n_outputs if objective == "multiclass" else 1,
        "learning_rate": LEARNING_RATE, "num_leaves": 4, "max_bin": 63, "lambda_l2": 10.0, "feature_fraction": 0.7,
        "min_data_in_leaf": max(20, len(rows) // 100), "seed": context.seed, "deterministic": True,
        "force_col_wise": True, "num_threads": context.threads, "verbosity": -1,
    }  # fmt: skip
    inputs = plain.inputs(predictions, average, features)
    return _Training(params, inputs, out_of_fold.target[rows], weights, start)


def _count_rounds(training: _Training, is_classification: bool, context: FitContext) -> int:
    """Return how many trees have the least loss on held-out rows, 0 where the average alone is better."""
    n_rows = len(training.target)
    held_out = thin_rows(training.target, max(1, round(HELD_OUT * n_rows)), is_classification, context.seed + 1)
    rest = np.setdiff1d(np.arange(n_rows), held_out)
    if len(rest) < len(held_out):
        return 0
    losses: list[float] = []

    def watch(state: Any) -> None:
        from lightgbm.callback import EarlyStopException

        losses.append(float(state.evaluation_result_list[0][2]))
        waited = len(losses) - 1 - int(np.argmin(losses))
        if waited >= PATIENCE or context.seconds_left() <= 0:
            raise EarlyStopException(state.iteration, state.evaluation_result_list)

    _train(training, rest, MAX_ROUNDS, held_out, watch)
    none = _loss_of_start(training, held_out, is_classification)
    return int(np.argmin(losses)) + 1 if min(losses) < none else 0


def _train(
    training: _Training, rows: Rows, rounds: int, valid: Rows | None = None, watch: Callable[[Any], None] | None = None
) -> Any:
    """Return a booster of `rounds` trees for each class."""
    import lightgbm

    def dataset(chosen: Rows, reference: Any = None) -> Any:
        return lightgbm.Dataset(
            training.inputs[chosen],
            label=training.target[chosen],
            weight=training.row_weights[chosen],
            init_score=training.start[chosen].ravel(order="F"),
            reference=reference,
        )

    train = dataset(rows)
    valid_sets = [] if valid is None else [dataset(valid, train)]
    callbacks = [] if watch is None else [watch]
    return lightgbm.train(training.params, train, rounds, valid_sets=valid_sets, callbacks=callbacks)


def _loss_of_start(training: _Training, rows: Rows, is_classification: bool) -> float:
    """Return the loss that LightGBM reports, for no trees at all."""
    start, target, weights = training.start[rows], training.target[rows], training.row_weights[rows]
    if not is_classification:
        return float(np.average((target - start[:, 0]) ** 2, weights=weights))
    scores = start if start.shape[1] > 1 else as_scores(start[:, 0])
    hit = softmax(scores)[np.arange(len(rows)), target]
    return -float(np.average(np.log(np.maximum(hit, 1e-15)), weights=weights))


def _importance(gains: Array, plain: BoostedStack, n_outputs: int) -> Array:
    """Return each candidate's share of what the trees gained from members; all 0 where they used none."""
    width = max(1, n_outputs - 1)
    by_member = gains[width : width * (1 + len(plain.members))].reshape(len(plain.members), width).sum(axis=1)
    importance = np.zeros(len(plain.shares))
    if by_member.sum() > 0:
        importance[plain.members] = by_member / by_member.sum()
    return importance
