"""Uncertain: how sure a fitted estimator is of single rows: intervals of values, and sets of classes."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from automl.errors import InputError, OptionError
from automl.fitted.by_target import ByTarget
from automl.fitted.class_sets import ClassSets
from automl.fitted.intervals import Intervals
from automl.fitted_attributes import FittedAttributes
from automl.fitted_model import Fitted
from automl.given_rows import features_of, groups_of, laid_out
from automl.steps.plan.parse_values import parse_jobs
from automl.vocabulary.arrays import Array
from automl.vocabulary.outputs import by_target, decided_by_block, is_one_class, value_pairs

Kind = TypeVar("Kind", Intervals, ClassSets)
NUMBERS, CLASSES = "one value a row, or quantiles of it", "one class a row"


class Uncertain(FittedAttributes):
    """An estimator that says of each row between which values, or among which classes, the true one is."""

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Return `(n_rows, 2)`: the ends between which the true value lies in a share `coverage` of new rows.

        Conformal prediction from the fit's cross-fitted residuals, wider where a small model of them expects more: true
        of all rows together whatever the model is worth, not of each kind of row by itself. A coverage that so few
        rows, or groups, cannot promise gets the widest interval that is known, and a warning. Where 100 values or more
        never were below zero, no end is. Of quantiles, the two whose levels lie nearest to it are moved until it holds.

        Of several targets `(n_rows, n_values, 2)`, for those that are values in their order; each is covered so often
        by itself, all together less often.

        Raises InputError for a model of anything but numbers, and OptionError for a coverage that is no share.
        """
        fitted, share = self._known(), _share(coverage)
        _check_form(fitted, "predict_interval", NUMBERS)
        kept = _kept(fitted, Intervals, "intervals")
        frame = features_of(fitted, X)
        outputs = fitted.predictor.predict_outputs(frame, parse_jobs(self.n_jobs))
        _tell_promise(list(kept.values()), share, "each interval is the widest that is known")
        parts = [part for _, part in by_target(outputs, fitted.task)]
        ends = [each.ends(parts[place], each.spreads(frame, parts[place]), share) for place, each in kept.items()]
        return np.stack(ends, axis=1) if fitted.task.targets else ends[0]

    def predict_set(self, X: Any, coverage: float = 0.9) -> Any:
        """Return `(n_rows, n_classes)` booleans: the classes, in the order of `classes_`, that the true one is among.

        So it is in a share `coverage` of new rows: conformal prediction from the fit's cross-fitted probabilities, true
        of all rows together, not of each class by itself. The label that `predict` gives is always in the set, so where
        labels are right more often than was asked for, sets cover more. A coverage that so few rows, or groups, cannot
        promise gets all classes, and a warning.

        Of several targets a list of such arrays, for those of classes in their order; each is covered so often by
        itself, all together less often.

        Raises InputError for a model of anything but classes, and OptionError for a coverage that is no share.
        """
        fitted, share = self._known(), _share(coverage)
        _check_form(fitted, "predict_set", CLASSES)
        kept = _kept(fitted, ClassSets, "sets")
        predictor, task = fitted.predictor, fitted.task
        X, _, lists = laid_out(fitted, X)
        outputs = predictor.predict_outputs(features_of(fitted, X), parse_jobs(self.n_jobs))
        _tell_promise(list(kept.values()), share, "each set has all classes")
        groups = groups_of(fitted, X, None) if predictor.decides_by_group else None
        chosen = predictor.decided(outputs, groups)
        numbers = decided_by_block(chosen, task).T if task.targets else chosen.argmax(axis=1)[None, :]
        parts = [part for _, part in by_target(outputs, task)]
        sets = [
            each.sets(parts[place], np.minimum(numbers[place].astype(np.int64), parts[place].shape[1] - 1), share)
            for place, each in kept.items()
        ]
        if task.targets:
            return sets
        return sets[0] if lists is None else lists.gathered(sets[0])


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
    """Refuse a model whose predictions, of each target where there are several, have another form than a method."""
    task = fitted.task
    forms = {CLASSES if is_one_class(one) else NUMBERS if value_pairs(one) else "" for one in task.targets or (task,)}
    if wanted not in forms:
        found = forms.pop() or f"{task.n_outputs} outputs a row"
        other = {CLASSES: " Use predict_set.", NUMBERS: " Use predict_interval."}.get(found, " Use predict.")
        of = " of each target" if task.targets else ""
        raise InputError(
            f"{method} is for models that predict {wanted}; this {task.kind.value} model predicts {found}{of}.{other}"
        )


def _kept(fitted: Fitted, kind: type[Kind], what: str) -> dict[int, Kind]:
    """Return what makes intervals, or sets, by the number of the target; an InputError where nothing was kept."""
    calibrated = fitted.calibrated
    each = calibrated.each if isinstance(calibrated, ByTarget) else (calibrated,)
    found = {place: one for place, one in enumerate(each) if isinstance(one, kind)}
    if not found:
        raise InputError(_not_kept(what))
    return found


def _not_kept(what: str) -> str:
    return (
        f"This model has kept nothing to make {what} from: it was made without rows, or saved by an older version, or "
        f"failures() says why. Fit it anew."
    )


def _tell_promise(kept: Sequence[Intervals | ClassSets], coverage: float, done: str) -> None:
    """Warn of a coverage that the held-out rows cannot promise."""
    calibrated = min(kept, key=lambda each: each.promised)
    if coverage > calibrated.promised + 1e-9:
        units = "groups" if calibrated.by_group else "rows"
        message = (
            f"coverage={coverage:g} is more than {calibrated.n_units} held-out {units} can promise, at most "
            f"{max(calibrated.promised, 0.0):.4g}; {done}. Ask for less, or fit on more {units}."
        )
        warnings.warn(message, UserWarning, stacklevel=3)
