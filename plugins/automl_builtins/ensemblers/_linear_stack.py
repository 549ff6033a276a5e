"""Linear stacking: a logarithmic opinion pool of probabilities, a non-negative ridge over values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.plugin_api import Array, Combiner, EnsembleRequest, Features, FitContext, OutOfFold, Rows
from automl_builtins.ensemblers._candidates import (
    LIGHTEST,
    best_voters,
    equal_shares,
    make_objective,
    rank_candidates,
    thin_rows,
)
from automl_builtins.ensemblers._raw_features import RawFeatures, learn_raw_features
from automl_builtins.mean_one import mean_one

MAX_MEMBERS = 20
MAX_FEATURES = 50
MAX_ROWS = 10_000
WEIGHT_SPREAD = 0.2
"""Standard deviation of the prior of a member's weight around its share in the average."""
FEATURE_SPREAD = 0.1
"""Standard deviation of the prior of a standardised column's coefficient around 0."""
BIAS_SPREAD = 0.3
"""Standard deviation of the prior of a class's bias around 0."""
ITERATIONS = 200


@dataclass(frozen=True, slots=True)
class FeatureTerm:
    """What raw columns add to the result: `coefficients` is `(n_names, n_outputs)`."""

    columns: RawFeatures
    coefficients: Array

    def apply(self, features: Features | None) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if features is None:
            raise ValueError("This ensemble needs the raw columns beside the predictions, and got None.")
        matrix = np.ascontiguousarray(self.columns.matrix(features))
        # Not a matrix product, which adds in an order that depends on the number of rows.
        return np.column_stack([(matrix * column).sum(axis=1) for column in self.coefficients.T])


@dataclass(frozen=True, slots=True)
class LogPool:
    """Adds up weighted log-probabilities, a bias for each class and the feature term, and takes the softmax."""

    member_weights: Array
    bias: Array
    floor: float
    term: FeatureTerm | None = None

    def combine(self, predictions: Array, features: Features | None = None) -> Array:
        """Return `(n_rows, n_classes)` probabilities."""
        total = np.tile(self.bias, (predictions.shape[1], 1))
        for member in np.flatnonzero(self.member_weights):
            total += self.member_weights[member] * log_probabilities(predictions[member], self.floor)
        return softmax(total if self.term is None else total + self.term.apply(features))

    def weights(self) -> Array:
        """Return each member's share of the weights."""
        return _shares(self.member_weights)


@dataclass(frozen=True, slots=True)
class LinearPool:
    """Adds up weighted values, an intercept and the feature term."""

    member_weights: Array
    intercept: float
    term: FeatureTerm | None = None

    def combine(self, predictions: Array, features: Features | None = None) -> Array:
        """Return `(n_rows, 1)` values."""
        total = np.full(predictions.shape[1:], self.intercept)
        for member in np.flatnonzero(self.member_weights):
            total += self.member_weights[member] * predictions[member]
        return total if self.term is None else total + self.term.apply(features)

    def weights(self) -> Array:
        """Return each member's share of the weights."""
        return _shares(self.member_weights)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The rows and members that a stack learns from; `average` is the prior weight of each of `members`."""

    rows: Rows
    members: Rows
    average: Array
    target: Array
    row_weights: Array


def log_probabilities(probabilities: Array, floor: float) -> Array:
    """Return logarithms, centred over the classes, of probabilities no smaller than `floor`."""
    logs = np.log(np.maximum(probabilities.astype(np.float64), floor))
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def softmax(scores: Array) -> Array:
    """Return `(n_rows, n_classes)` probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit_log_pool(out_of_fold: OutOfFold, request: EnsembleRequest, context: FitContext) -> Combiner:
    """Fit a logarithmic opinion pool, and once more without the members that hardly count."""
    evidence = _evidence(out_of_fold, request, context)
    fitted = _fit_log_pool(evidence, out_of_fold, request, context)
    heavy = _heavy(evidence, fitted.weights())
    return fitted if heavy is None else _fit_log_pool(heavy, out_of_fold, request, context)


def fit_ridge(out_of_fold: OutOfFold, request: EnsembleRequest, context: FitContext) -> Combiner:
    """Fit a ridge over the members' values, and once more without the members that hardly count."""
    evidence = _evidence(out_of_fold, request, context)
    fitted = _fit_ridge(evidence, out_of_fold)
    heavy = _heavy(evidence, fitted.weights())
    return fitted if heavy is None else _fit_ridge(heavy, out_of_fold)


def _heavy(evidence: _Evidence, shares: Array) -> _Evidence | None:
    """Return the evidence of the members with more than a light share of the weight; None where those are all or none.

    A member without any weight costs nothing and may stay.
    """
    found = shares[evidence.members]
    heavy = found >= LIGHTEST
    if not heavy.any() or not (found[~heavy] > 0).any():
        return None
    average = evidence.average[heavy]
    average = average / average.sum() if average.any() else np.full(heavy.sum(), 1.0 / heavy.sum())
    return replace(evidence, members=evidence.members[heavy], average=average)


def _fit_log_pool(
    evidence: _Evidence, out_of_fold: OutOfFold, request: EnsembleRequest, context: FitContext
) -> LogPool:
    """Fit by L-BFGS-B; where time runs out, the weights so far count."""
    n_classes = request.task.n_outputs
    floor = float(np.clip(0.5 / len(evidence.rows), 1e-6, 1e-3))
    logs = log_probabilities(out_of_fold.predictions[np.ix_(evidence.members, evidence.rows)], floor)
    hits = np.eye(n_classes)[evidence.target]
    average = softmax(np.tensordot(evidence.average, logs, axes=1))
    columns = _columns(out_of_fold, evidence.rows, hits - average)
    matrix = None if columns is None else columns.matrix(out_of_fold.features.iloc[evidence.rows])  # type: ignore[union-attr]  # columns come from it
    n_members, n_columns = len(evidence.members), 0 if matrix is None else matrix.shape[1]
    prior = np.concatenate([evidence.average, np.zeros(n_classes * (1 + n_columns))])
    spread = np.repeat([WEIGHT_SPREAD, BIAS_SPREAD, FEATURE_SPREAD], [n_members, n_classes, n_classes * n_columns])
    loss = _penalised_log_loss(logs, hits, matrix, evidence.row_weights, prior, spread)
    found = _minimise(loss, prior, n_members, context)
    member_weights = np.zeros(len(out_of_fold.predictions))
    member_weights[evidence.members] = found[:n_members]
    bias, rest = found[n_members : n_members + n_classes], found[n_members + n_classes :]
    term = None if columns is None else FeatureTerm(columns, rest.reshape(n_columns, n_classes))
    return LogPool(member_weights, bias, floor, term)


def _fit_ridge(evidence: _Evidence, out_of_fold: OutOfFold) -> LinearPool:
    """Fit a ridge, its weights not negative and drawn towards the average."""
    from scipy.optimize import lsq_linear

    values = out_of_fold.predictions[np.ix_(evidence.members, evidence.rows)][:, :, 0].T.astype(np.float64)
    target = np.asarray(evidence.target, dtype=np.float64)
    residual = target - values @ evidence.average
    noise = max(float(np.average(residual**2, weights=evidence.row_weights)), 1e-12)
    unit = float(np.sqrt(noise))
    columns = _columns(out_of_fold, evidence.rows, residual[:, None])
    extra = np.zeros((len(target), 0))
    if columns is not None:
        extra = unit * columns.matrix(out_of_fold.features.iloc[evidence.rows])  # type: ignore[union-attr]  # columns come from it
    design = np.hstack([values, extra])
    centre = np.average(design, axis=0, weights=evidence.row_weights)
    n_members = len(evidence.members)
    prior = np.concatenate([evidence.average, np.zeros(extra.shape[1])])
    spread = np.repeat([WEIGHT_SPREAD, FEATURE_SPREAD], [n_members, extra.shape[1]])
    middle = float(np.average(target, weights=evidence.row_weights))
    root = np.sqrt(evidence.row_weights)[:, None] / unit
    rows = np.vstack([root * (design - centre), np.diag(1.0 / spread)])
    goal = np.concatenate([root[:, 0] * (target - middle), prior / spread])
    lowest = np.where(np.arange(len(prior)) < n_members, 0.0, -np.inf)
    orthogonal, triangle = np.linalg.qr(rows)
    found = lsq_linear(triangle, orthogonal.T @ goal, (lowest, np.inf), method="bvls").x
    member_weights = np.zeros(len(out_of_fold.predictions))
    member_weights[evidence.members] = found[:n_members]
    term = None if columns is None else FeatureTerm(columns, unit * found[n_members:, None])
    return LinearPool(member_weights, middle - float(centre @ found), term)


def _evidence(out_of_fold: OutOfFold, request: EnsembleRequest, context: FitContext) -> _Evidence:
    """Thin the rows, take the best candidates, and find the plain average that the stack is drawn towards."""
    stratify = request.task.has_classes
    rows = thin_rows(out_of_fold.target, MAX_ROWS, stratify, context.seed)
    objective = make_objective(out_of_fold, request, context.seed)
    ranked = rank_candidates(objective.single_losses())
    voters, members = best_voters(objective, ranked), ranked[:MAX_MEMBERS]
    weights = np.ones(len(rows)) if out_of_fold.weights is None else mean_one(out_of_fold.weights[rows])
    average = equal_shares(voters, objective.n_candidates)[members]
    return _Evidence(rows, members, average, out_of_fold.target[rows], weights)


def _columns(out_of_fold: OutOfFold, rows: Rows, residual: Array) -> RawFeatures | None:
    if out_of_fold.features is None:
        return None
    return learn_raw_features(out_of_fold.features, rows, residual, MAX_FEATURES)


def _penalised_log_loss(
    logs: Array, hits: Array, matrix: Array | None, row_weights: Array, prior: Array, spread: Array
) -> Callable[[Array], tuple[float, Array]]:
    """Return the function that gives the mean negative log posterior and its gradient."""
    n_members, n_rows, n_classes = logs.shape
    flat = logs.reshape(n_members, -1)

    def loss(found: Array) -> tuple[float, Array]:
        scores = (found[:n_members] @ flat).reshape(n_rows, n_classes) + found[n_members : n_members + n_classes]
        if matrix is not None:
            scores += matrix @ found[n_members + n_classes :].reshape(-1, n_classes)
        shifted = scores - scores.max(axis=1, keepdims=True)
        raised = np.exp(shifted)
        sums = raised.sum(axis=1, keepdims=True)
        surprise = np.log(sums[:, 0]) - (shifted * hits).sum(axis=1)
        slope = (raised / sums - hits) * row_weights[:, None]
        parts = [flat @ slope.ravel(), slope.sum(axis=0)] + ([] if matrix is None else [(matrix.T @ slope).ravel()])
        away = (found - prior) / spread
        value = float(row_weights @ surprise + 0.5 * away @ away) / n_rows
        return value, (np.concatenate(parts) + away / spread) / n_rows

    return loss


def _minimise(loss: Callable[[Array], tuple[float, Array]], start: Array, n_bounded: int, context: FitContext) -> Array:
    """Return where the loss is least, the first `n_bounded` coordinates not negative."""
    from scipy.optimize import minimize

    latest = start

    def keep(found: Any) -> None:
        nonlocal latest
        latest = np.array(found)
        if context.seconds_left() <= 0:
            raise StopIteration

    bounds = [(0.0, None)] * n_bounded + [(None, None)] * (len(start) - n_bounded)
    options = {"maxiter": ITERATIONS, "ftol": 1e-7}
    minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, callback=keep, options=options)
    return latest


def _shares(member_weights: Array) -> Array:
    """Return the weights scaled to add up to 1, or all 0 where no member counts."""
    total = member_weights.sum()
    return np.asarray(member_weights / total) if total > 0 else member_weights
