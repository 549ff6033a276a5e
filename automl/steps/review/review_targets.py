"""Review targets: of several targets how far off each row's predictions are, all together, and where most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.steps.review.review_slices import review_slices
from automl.vocabulary.arrays import Array
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.outputs import by_block, decided_by_block
from automl.vocabulary.review import Review
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task

SMALLEST = 1e-15


def review_targets(
    target: Array, predicted: tuple[Array, Array], stored: pd.DataFrame, task: Task, schema: Schema, clock: Deadline
) -> Review:
    """Return the review of predictions of several targets, `(n_rows, n_targets)`, with the slices that are worst.

    predicted: outputs `(n_rows, n_outputs)`, and those as they are decided. A row's loss is the mean over targets: of
    values the absolute error in standard deviations of the target, of classes the log loss; beside it stands the share
    of targets of classes whose label is wrong, and without such the mean of what was predicted too low.
    """
    outputs, decided = predicted
    losses, seconds = [], []
    chosen = decided_by_block(decided, task)
    for number, (each, (_, part)) in enumerate(zip(task.targets, by_block(outputs, task), strict=True)):
        truth = target[:, number]
        if each.has_classes:
            losses.append(_log_losses(truth.astype(np.int64), part))
            seconds.append((chosen[:, number] != truth).astype(np.float64))
        else:
            off = (truth - part[:, 0]) / (truth.std() or 1.0)
            losses.append(np.abs(off))
            seconds += [] if task.has_some_classes else [off]
    loss, second = np.mean(losses, axis=0), np.mean(seconds, axis=0)
    slices, n_slices = review_slices(loss, second, stored, schema, clock)
    return Review(
        n_rows=len(target),
        loss_name="log loss" if task.has_only_classes else "loss" if task.has_some_classes else "relative error",
        second_name="wrong labels" if task.has_some_classes else "mean residual",
        loss=float(loss.mean()),
        second=float(second.mean()),
        slices=slices,
        n_slices=n_slices,
    )


def _log_losses(truth: Array, part: Array) -> Array:
    """Return minus the logarithm of the probability of each row's class, `(n_rows,)`."""
    shares = part if part.shape[1] > 1 else np.hstack([1.0 - part, part])
    own = shares[np.arange(len(truth)), np.minimum(truth, shares.shape[1] - 1)]
    return np.asarray(-np.log(np.clip(own, SMALLEST, 1.0)))
