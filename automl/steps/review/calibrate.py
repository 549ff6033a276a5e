"""Calibrate: from cross-fitted predictions to what makes intervals of values, or sets of classes; no row is kept."""

from __future__ import annotations

import traceback

import numpy as np

from automl.errors import error_line
from automl.fitted.class_sets import ClassSets
from automl.fitted.intervals import Intervals
from automl.fitted.spread import SEEN
from automl.steps.ensemble.combine import Combined
from automl.steps.review.calibrate_intervals import calibrate_intervals
from automl.steps.review.calibrate_sets import calibrate_sets
from automl.steps.review.held_out import HeldOut
from automl.steps.review.learn_spread import LOOKED_AT
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.outputs import is_one_class, value_pairs
from automl.vocabulary.results import Failure
from automl.vocabulary.schema import Schema
from automl.vocabulary.states import Stage

MOST_ROWS, FEWER_ROWS = 50_000, 5_000
"""Rows that curves are of, at most; those of more would be the same to a quarter point; of many outputs fewer do."""
MOST_CELLS = 2_000_000
"""Predictions, of all outputs of some rows, that are looked at where that leaves enough rows."""
CALIBRATION = "calibration"
"""What a failure names in the place of a model."""


def calibrate(tried: Tried, combined: Combined) -> tuple[Intervals | ClassSets | None, tuple[Failure, ...]]:
    """Return what makes intervals or sets by the form of the task's outputs; None for forms that have none.

    That it breaks costs the intervals alone, and a failure says why.
    """
    task = tried.setup.table.dataset.task
    pairs = value_pairs(task)
    if not pairs and not is_one_class(task):
        return None, ()
    try:
        held = _held_out(tried, combined)
        return (calibrate_intervals(held, pairs) if pairs else calibrate_sets(held)), ()
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        return None, (Failure(CALIBRATION, Stage.REVIEW, error_line(error), text),)


def _held_out(tried: Tried, combined: Combined) -> HeldOut:
    """Return the cross-fitted predictions beside the truth; an even draw of the rows where they are many."""
    table, seed = tried.setup.table, tried.setup.search.settings.random_state
    dataset, rows, outputs = table.dataset, combined.covered, combined.ensemble.cross_fitted
    most = int(np.clip(MOST_CELLS // outputs.shape[1], FEWER_ROWS, MOST_ROWS))
    if len(rows) > most:
        drawn = np.sort(np.random.default_rng([seed, 805]).choice(len(rows), most, replace=False))
        rows, outputs = rows[drawn], outputs[drawn]
    schema = Schema(dataset.schema.of_kind(*SEEN)[:LOOKED_AT])
    decided = combined.predictor.decided(outputs).argmax(axis=1)
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
