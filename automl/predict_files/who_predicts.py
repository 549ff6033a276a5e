"""Who predicts files: a fitted estimator with processes of this machine, or with the machines of a cluster."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from automl.fitted.mean_of_combiners import parts_of
from automl.fleet.find_executor import find_executor, isolated_here
from automl.predict_files.nouns import Load, Model, Served
from automl.predictor import Predictor
from automl.registry import discover
from automl.steps.plan.parse_values import parse_jobs
from automl.vocabulary.schema import ColumnKind


def who_predicts(model: Model, predictor: Predictor, load: Load, options: Mapping[str, Any]) -> Served:
    """Return who predicts files for an estimator, as the options `executor`, `n_jobs` and `plugins` say.

    An OptionError where they name no executor that is here.
    """
    registry, wanted, typed = discover(options["plugins"]), str(options["executor"]), options["n_jobs"]
    jobs = parse_jobs(typed)
    spec = find_executor(registry, wanted, {member.model for member in predictor.members})
    away = wanted not in registry.executors
    if away and (why := _why_here(predictor)):
        message = f"executor={wanted!r} does not predict this file, since {why}: this machine does it alone."
        warnings.warn(message, UserWarning, stacklevel=3)
        spec, away = isolated_here(registry), False
    most_slots = jobs if away and typed is not None and typed > 0 else None
    return Served(model, load, spec, jobs, away, most_slots, predictor.takes_groups, modules_of(model, predictor))


def modules_of(model: Model, predictor: Predictor) -> tuple[str, ...]:
    """Return the modules of a fitted estimator's parts, which every process that predicts with it has to import."""
    fitted: list[Any] = [model, predictor.combiner, *parts_of(predictor.combiner)]
    for fold in (fold for member in predictor.members for fold in member.predicting):
        steps = (*fold.preparation.encode, *fold.preparation.finish)
        fitted += [fold.learner, *(step.preprocessor for step in steps)]
    return tuple(dict.fromkeys(type(each).__module__ for each in fitted))


def _why_here(predictor: Predictor) -> str:
    """Return why rows can be predicted on no other machine; "" where they can."""
    if predictor.takes_groups:
        return "rows of one group are predicted together"
    return "its images lie here" if predictor.schema.of_kind(ColumnKind.IMAGE) else ""
