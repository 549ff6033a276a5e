"""Calibrate: from cross-fitted predictions to what makes intervals of values, or sets of classes; no row is kept."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from automl.errors import error_line
from automl.fitted.by_target import ByTarget, Calibrated
from automl.fitted.class_sets import ClassSets
from automl.fitted.intervals import Intervals
from automl.fitted.spread import SEEN
from automl.steps.ensemble.combine import Combined
from automl.steps.review.calibrate_intervals import calibrate_intervals
from automl.steps.review.calibrate_sets import calibrate_sets
from automl.steps.review.held_out import HeldOut
from automl.steps.review.learn_spread import LOOKED_AT
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.outputs import by_target, decided_by_block, is_one_class, value_pairs
from automl.vocabulary.results import Failure
from automl.vocabulary.schema import Schema
from automl.vocabulary.states import Stage
from automl.vocabulary.task import Task

MOST_ROWS, FEWER_ROWS = 50_000, 5_000
"""Rows that curves are of, at most; those of more would be the same to a quarter point; of many outputs fewer do."""
MOST_CELLS = 2_000_000
"""Predictions, of all outputs of some rows, that are looked at where that leaves enough rows."""
CALIBRATION = "calibration"
"""What a failure names in the place of a model."""


def calibrate(tried: Tried, combined: Combined) -> tuple[Calibrated | None, tuple[Failure, ...]]:
    """Return what makes intervals or sets by the form of the task's outputs; None for forms that have none.

    Of several targets it is what makes those of each. That it breaks costs the intervals alone, and a failure says why.
    """
    task = tried.setup.table.dataset.task
    if not task.targets and not value_pairs(task) and not is_one_class(task):
        return None, ()
    try:
        held = _held_out(tried, combined)
        if not task.targets:
            return _calibrated(held, task), ()
        return ByTarget(tuple(_calibrated(part, one) for one, part in _of_targets(held, task))), ()
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        return None, (Failure(CALIBRATION, Stage.REVIEW, error_line(error), text),)


def _calibrated(held: HeldOut, task: Task) -> Intervals | ClassSets:
    pairs = value_pairs(task)
    return calibrate_intervals(held, pairs, task.ends) if pairs else calibrate_sets(held)


def _of_targets(held: HeldOut, task: Task) -> Iterator[tuple[Task, HeldOut]]:
    """Yield each of several targets with what was held out of it, and its share of the time that is left."""
    for number, (one, part) in enumerate(by_target(held.outputs, task)):
        target, chosen = held.target[:, number], held.decided[:, number]
        if one.classes:
            target, chosen = target.astype(np.int64), np.minimum(chosen.astype(np.int64), part.shape[1] - 1)
        deadline = held.deadline.within(held.deadline.left() / (len(task.targets) - number))
        yield one, replace(held, target=target, outputs=part, decided=chosen, deadline=deadline)


def _held_out(tried: Tried, combined: Combined) -> HeldOut:
    """Return the cross-fitted predictions beside the truth; an even draw of the rows where they are many."""
    table, seed = tried.setup.table, tried.setup.search.settings.random_state
    dataset, rows, outputs = table.dataset, combined.covered, combined.ensemble.cross_fitted
    groups = None if dataset.groups is None else dataset.groups[rows]
    chosen = combined.predictor.decided(outputs, groups)
    decided = decided_by_block(chosen, dataset.task) if dataset.task.targets else chosen.argmax(axis=1)
    most = int(np.clip(MOST_CELLS // outputs.shape[1], FEWER_ROWS, MOST_ROWS))
    if len(rows) > most:
        drawn = np.sort(np.random.default_rng([seed, 805]).choice(len(rows), most, replace=False))
        rows, outputs, decided = rows[drawn], outputs[drawn], decided[drawn]
    schema = Schema(dataset.schema.of_kind(*SEEN)[:LOOKED_AT])
    return HeldOut(
        target=dataset.target[rows],
        outputs=np.asarray(outputs, dtype=np.float64),
        decided=decided,
        stored=dataset.features[list(schema.names)].iloc[rows],
        schema=schema,
        weights=None if dataset.weights is None else dataset.weights[rows],
        groups=None if dataset.groups is None else dataset.groups[rows],
        seed=seed,
        deadline=tried.deadline,
    )
