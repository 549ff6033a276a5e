"""Uncertain: how sure a fitted estimator is of single rows: intervals of values, and sets of classes."""

from __future__ import annotations

import math
import warnings
from typing import Any

from automl.errors import InputError, OptionError
from automl.fitted.class_sets import ClassSets
from automl.fitted.intervals import Intervals
from automl.fitted_attributes import FittedAttributes
from automl.fitted_model import Fitted
from automl.given_rows import features_of, laid_out
from automl.steps.plan.parse_values import parse_jobs
from automl.vocabulary.arrays import Array
from automl.vocabulary.outputs import is_one_class, value_pairs

NUMBERS, CLASSES = "one value a row, or quantiles of it", "one class a row"


class Uncertain(FittedAttributes):
    """An estimator that says of each row between which values, or among which classes, the true one is."""

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Return `(n_rows, 2)`: the ends between which the true value lies in a share `coverage` of new rows.

        Conformal prediction from the fit's cross-fitted residuals, wider where a small model of them expects more: true
        of all rows together whatever the model is worth, not of each kind of row by itself. A coverage that so few
        rows, or groups, cannot promise gets the widest interval that is known, and a warning. Where 100 values or more
        never were below zero, no end is. Of quantiles, the two whose levels lie nearest to it are moved until it holds.

        Raises InputError for a model of anything but numbers, and OptionError for a coverage that is no share.
        """
        fitted, share = self._known(), _share(coverage)
        calibrated = fitted.calibrated
        _check_form(fitted, "predict_interval", NUMBERS)
        if not isinstance(calibrated, Intervals):
            raise InputError(_not_kept("intervals"))
        frame = features_of(fitted, X)
        outputs = fitted.predictor.predict_outputs(frame, parse_jobs(self.n_jobs))
        _tell_promise(calibrated, share, "each interval is the widest that is known")
        return calibrated.ends(outputs, calibrated.spreads(frame, outputs), share)

    def predict_set(self, X: Any, coverage: float = 0.9) -> Array:
        """Return `(n_rows, n_classes)` booleans: the classes, in the order of `classes_`, that the true one is among.

        So it is in a share `coverage` of new rows: conformal prediction from the fit's cross-fitted probabilities, true
        of all rows together, not of each class by itself. The label that `predict` gives is always in the set, so where
        labels are right more often than was asked for, sets cover more. A coverage that so few rows, or groups, cannot
        promise gets all classes, and a warning.

        Raises InputError for a model of anything but classes, and OptionError for a coverage that is no share.
        """
        fitted, share = self._known(), _share(coverage)
        calibrated = fitted.calibrated
        _check_form(fitted, "predict_set", CLASSES)
        if not isinstance(calibrated, ClassSets):
            raise InputError(_not_kept("sets"))
        predictor = fitted.predictor
        X, _, lists = laid_out(fitted, X)
        outputs = predictor.predict_outputs(features_of(fitted, X), parse_jobs(self.n_jobs))
        _tell_promise(calibrated, share, "each set has all classes")
        found = outputs.astype(bool)
        if len(outputs):
            found = calibrated.sets(outputs, predictor.decided(outputs).argmax(axis=1), share)
        return found if lists is None else lists.gathered(found)


def _share(coverage: Any) -> float:
    """Return a coverage that lies between 0 and 1; an OptionError for anything else."""
    try:
        share = math.nan if isinstance(coverage, bool | str) else float(coverage)
    except (TypeError, ValueError):
        share = math.nan
    if not 0.0 < share < 1.0:
        raise OptionError(
            f"Found coverage={coverage!r}; expected a number between 0 and 1, such as 0.9 for 9 of 10 rows."
        )
    return share


def _check_form(fitted: Fitted, method: str, wanted: str) -> None:
    """Refuse a model whose predictions are of another form than a method is for."""
    task = fitted.task
    found = CLASSES if is_one_class(task) else NUMBERS if value_pairs(task) else f"{task.n_outputs} outputs a row"
    if found != wanted:
        other = {CLASSES: " Use predict_set.", NUMBERS: " Use predict_interval."}.get(found, " Use predict.")
        raise InputError(
            f"{method} is for models that predict {wanted}; this {task.kind.value} model predicts {found}.{other}"
        )


def _not_kept(what: str) -> str:
    return (
        f"This model has kept nothing to make {what} from: it was made without rows, or saved by an older version, or "
        f"failures() says why. Fit it anew."
    )


def _tell_promise(calibrated: Intervals | ClassSets, coverage: float, done: str) -> None:
    """Warn of a coverage that the held-out rows cannot promise."""
    if coverage > calibrated.promised + 1e-9:
        units = "groups" if calibrated.by_group else "rows"
        message = (
            f"coverage={coverage:g} is more than {calibrated.n_units} held-out {units} can promise, at most "
            f"{max(calibrated.promised, 0.0):.4g}; {done}. Ask for less, or fit on more {units}."
        )
        warnings.warn(message, UserWarning, stacklevel=3)
