"""Review predictions: what they look like beside the truth, in curves, counts and bins that hold no row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from automl.steps.review.review_slices import review_slices
from automl.steps.review.review_targets import review_targets
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.outputs import reviewed_as, told_outputs
from automl.vocabulary.review import Calibration, Confusion, Curve, Residuals, Review
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task, Trait

REVIEWED_ROWS = 20_000
"""Rows that are looked at; with more, curves and bins would look the same."""
CURVE_POINTS = 101
MOST_CURVES = 5
MOST_CONFUSED = 12
"""Classes that the confusion matrix names; the rarer ones are one."""
CALIBRATION_BINS = 10
LEAST_IN_BIN = 15
QUANTILES = (5, 25, 50, 75, 95)
SMALLEST = 1e-15
NO_REVIEW = Review(0, "", "", float("nan"), float("nan"))
Z = 1.959964
"""A normal distribution has 95 % of its mass within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """Predictions of rows of a stored table beside the truth.

    target: `(n_rows,)`, encoded. outputs: `(n_rows, n_outputs)`. decided: the same, with each class as likely as it
    weighs in the decision. stored: the rows' columns.
    """

    target: Array
    outputs: Array
    decided: Array
    stored: pd.DataFrame

    def take(self, rows: Rows) -> Predicted:
        """Return some of the rows."""
        return Predicted(self.target[rows], self.outputs[rows], self.decided[rows], self.stored.iloc[rows])


def review_predictions(
    predicted: Predicted, task: Task, schema: Schema, deadline: Deadline | None = None, seed: int = 0
) -> Review:
    """Return the review of predictions, an empty one of outputs of a form that has none.

    With no time left, slices of later columns are left out.
    """
    rows = np.arange(len(predicted.target))
    if len(rows) > REVIEWED_ROWS:
        rows = np.sort(np.random.default_rng([seed, 503]).choice(rows, REVIEWED_ROWS, replace=False))
        predicted = predicted.take(rows)
    if task.targets:
        pair = np.asarray(predicted.outputs, dtype=np.float64), predicted.decided
        return review_targets(predicted.target, pair, predicted.stored, task, schema, deadline or Deadline(None))
    trait, outputs = reviewed_as(np.asarray(predicted.outputs, dtype=np.float64), task)
    predicted = replace(predicted, outputs=outputs)
    review = None if trait is None else REVIEWS.get(trait)
    return NO_REVIEW if review is None else review(predicted, task, schema, deadline or Deadline(None))


def _of_classes(predicted: Predicted, task: Task, schema: Schema, clock: Deadline) -> Review:
    target, outputs, stored = predicted.target, predicted.outputs, predicted.stored
    labels = predicted.decided.argmax(axis=1)
    own = outputs[np.arange(len(target)), target]
    losses, wrong = -np.log(np.clip(own, SMALLEST, 1.0)), (labels != target).astype(np.float64)
    slices, n_slices = review_slices(losses, wrong, stored, schema, clock)
    shown = _shown_classes(task, target)
    names = [str(label) for label in task.classes]
    return Review(
        n_rows=len(target),
        loss_name="log loss",
        second_name="wrong labels",
        loss=float(losses.mean()),
        second=float(wrong.mean()),
        slices=slices,
        n_slices=n_slices,
        roc=tuple(roc_curve(names[each], target == each, outputs[:, each]) for each in shown),
        precision_recall=tuple(precision_recall(names[each], target == each, outputs[:, each]) for each in shown),
        calibration=tuple(calibrate(names[each], target == each, outputs[:, each]) for each in shown),
        confusion=confuse(names, target, labels),
    )


def _of_values(predicted: Predicted, task: Task, schema: Schema, clock: Deadline) -> Review:  # noqa: ARG001  as classes
    target, values = np.asarray(predicted.target, dtype=np.float64), predicted.outputs[:, 0]
    residuals = target - values
    slices, n_slices = review_slices(np.abs(residuals), residuals, predicted.stored, schema, clock)
    return Review(
        n_rows=len(target),
        loss_name="absolute error",
        second_name="mean residual",
        loss=float(np.abs(residuals).mean()),
        second=float(residuals.mean()),
        slices=slices,
        n_slices=n_slices,
        residuals=describe_residuals(target, values),
    )


REVIEWS: Mapping[Trait, Callable[[Predicted, Task, Schema, Deadline], Review]] = {
    Trait.SIMPLEX: _of_classes,
    Trait.REAL: _of_values,
}
"""How predictions are reviewed whose outputs are of one form and no more; others are not."""


def _shown_classes(task: Task, target: Array) -> list[int]:
    """Return the second of two classes, or the most frequent of more that have rows on both sides."""
    counts = np.bincount(target, minlength=len(task.classes))
    told = told_outputs(task)
    ranked = [each for each in np.argsort(-counts, kind="stable").tolist() if each in told]
    return sorted([each for each in ranked if 0 < counts[each] < len(target)][:MOST_CURVES])


def roc_curve(name: str, is_class: Array, probability: Array) -> Curve:
    """Return the share of rows of the class that are found (y), by the share of others that are taken for it (x)."""
    found, false = _cumulated(is_class, probability)
    x, y = np.r_[0.0, false / false[-1]], np.r_[0.0, found / found[-1]]
    grid = np.linspace(0.0, 1.0, CURVE_POINTS)
    thinned = np.interp(grid, x, y)
    thinned[0] = y[x <= 0.0].max()  # found before the first false one
    return Curve(name, np.r_[0.0, grid], np.r_[0.0, thinned], float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2), 0.5)


def precision_recall(name: str, is_class: Array, probability: Array) -> Curve:
    """Return the share of right ones among those taken for the class (y), by the share of it that is found (x)."""
    found, false = _cumulated(is_class, probability)
    recall, precision = found / found[-1], found / (found + false)
    area = float(np.sum(np.diff(np.r_[0.0, recall]) * precision))
    places = np.searchsorted(recall, np.linspace(0.0, 1.0, CURVE_POINTS), side="left")
    places = np.unique(np.clip(places, 0, len(recall) - 1))
    x, y = np.r_[0.0, recall[places]], np.r_[precision[places[0]], precision[places]]
    return Curve(name, x, y, area, float(is_class.mean()))


def _cumulated(is_class: Array, probability: Array) -> tuple[Array, Array]:
    """Return how many rows of the class, and of others, have at least each probability; equal ones together."""
    order = np.argsort(-probability, kind="stable")
    last = np.r_[np.flatnonzero(np.diff(probability[order])), len(order) - 1]
    found = np.cumsum(is_class[order])[last].astype(np.float64)
    return found, last + 1 - found


def calibrate(name: str, is_class: Array, probability: Array) -> Calibration:
    """Return the calibration of a class's probabilities, in bins of about equally many rows."""
    n_bins = int(np.clip(len(probability) // LEAST_IN_BIN, 1, CALIBRATION_BINS))
    parts = [part for part in np.array_split(np.argsort(probability, kind="stable"), n_bins) if len(part)]
    counts = np.array([len(part) for part in parts], dtype=np.float64)
    predicted = np.array([probability[part].mean() for part in parts])
    observed = np.array([is_class[part].mean() for part in parts])
    centre = (observed + Z**2 / (2 * counts)) / (1 + Z**2 / counts)
    half = Z / (1 + Z**2 / counts) * np.sqrt(observed * (1 - observed) / counts + Z**2 / (4 * counts**2))
    gap = float(np.average(np.abs(predicted - observed), weights=counts))
    return Calibration(
        name, predicted, observed, np.minimum(centre - half, observed), np.maximum(centre + half, observed), counts, gap
    )


def confuse(names: list[str], target: Array, labels: Array) -> Confusion:
    """Return how many rows of each class were decided to be which; rare classes together as "other"."""
    if len(names) > MOST_CONFUSED:
        frequency = np.bincount(target, minlength=len(names))
        kept = np.sort(np.argsort(-frequency, kind="stable")[: MOST_CONFUSED - 1])
        place = np.full(len(names), len(kept))
        place[kept] = np.arange(len(kept))
        target, labels = place[target], place[labels]
        names = [*(names[each] for each in kept), f"{len(names) - len(kept)} others"]
    counts = np.bincount(target * len(names) + labels, minlength=len(names) ** 2)
    return Confusion(tuple(names), counts.reshape(len(names), len(names)))


def describe_residuals(target: Array, predicted: Array) -> Residuals:
    """Return histogram, bands and grid of the residuals."""
    residuals = target - predicted
    n_bins = int(np.clip(np.sqrt(len(target)), 8, 40))
    edges = _edges(residuals, n_bins)
    counts = np.histogram(np.clip(residuals, edges[0], edges[-1]), edges)[0]
    grid_edges = _edges(np.r_[target, predicted], int(np.clip(np.sqrt(len(target)) / 1.5, 8, 32)))
    ends = grid_edges[0], grid_edges[-1]
    grid = np.histogram2d(np.clip(target, *ends), np.clip(predicted, *ends), [grid_edges, grid_edges])[0]
    n_levels = int(np.clip(len(target) // 30, 1, 12))
    parts = [part for part in np.array_split(np.argsort(predicted, kind="stable"), n_levels) if len(part)]
    levels = np.array([predicted[part].mean() for part in parts])
    bands = np.array([np.percentile(residuals[part], QUANTILES) for part in parts])
    return Residuals(edges, counts, grid_edges, grid.astype(np.int64), levels, bands)


def _edges(values: Array, n_bins: int) -> Array:
    """Return the edges of equal bins between the outermost percents of values."""
    low, high = np.percentile(values, [1, 99])
    if low == high:
        low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, n_bins + 1)
