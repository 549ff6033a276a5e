"""Saved estimator: what is kept of a fitted `AutoML` beside its predictor, and how its metric comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from automl.errors import ArtifactError, OptionError
from automl.plugin_api.specs import ALL_TASKS, MetricSpec
from automl.registry import Registry
from automl.steps.plan.choose_metric import find_metric
from automl.steps.resume.keep_run import Run, finish_run
from automl.vocabulary.review import Looked
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.task import Task

NOT_KEPT = ("path", "plugins", "track")
"""Options that say something about the machine and the process that fitted."""


def facts_of(model: Any) -> dict[str, Any]:
    """Return what the manifest says of a fitted estimator, for readers without Python."""
    options = model.get_params(deep=False)
    kept, given = plain_options(options), [column for column in model.schema_.columns if not column.part]
    return {
        "task": model.task_.kind.value,
        "target": model.task_.target,
        "classes": list(model.task_.classes),
        "metric": model.metric_,
        "score": model.score_,
        "interval": list(model.interval_),
        "ensemble": model.ensemble_,
        "settings": {
            name: kept[name] if name in kept else f"a {type(value).__name__}, not saved"
            for name, value in options.items()
            if name not in NOT_KEPT
        },
        "columns": {column.name: column.kind.value for column in given},
        "schema": {
            "columns": len(given),
            **{kind.value: count for kind in ColumnKind if (count := sum(each.kind is kind for each in given))},
        },
    }


def kept_of(looked: Looked | None) -> Looked | None:
    """Return what is saved of it: all but the sampled rows."""
    return None if looked is None else replace(looked, sample=None)


def report_of(model: Any, frames: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `load` needs to make the estimator anew."""
    metric, asked, failures = model.metric_spec_, model.metric, frames["failures"]
    return {
        "class": type(model).__name__,
        "options": plain_options(model.get_params(deep=False)),
        "metric": {
            "name": metric.name,
            "greater_is_better": metric.greater_is_better,
            "optimum": metric.optimum,
            "needs": metric.needs,
            "is_named": asked is None or isinstance(asked, str),
        },
        "score": model.score_,
        "interval": tuple(model.interval_),
        "ensemble": model.ensemble_,
        "notes": tuple(model.notes_),
        **kept,
        **frames,
        "failures": failures.assign(traceback=[_last_line(text) for text in failures["traceback"]]),
    }


def plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are text, numbers, or lists of text; the others are left at their defaults."""
    return {name: value for name, value in options.items() if name not in NOT_KEPT and _is_plain(value)}


def _last_line(traceback: str) -> str:
    """Return the error alone: the lines above it tell of the machine that fitted."""
    return traceback.strip().rpartition("\n")[2]


def restored_metric(saved: Mapping[str, Any], task: Task, registry: Registry) -> MetricSpec:
    """Return the metric of a saved estimator; one that was a function, or whose plugin is gone, cannot score."""
    name = str(saved["name"])
    if saved["is_named"]:
        try:
            return find_metric(name, task, registry.metrics)
        except OptionError:
            pass
    score = partial(_refuse, name)
    return MetricSpec(name, score, saved["greater_is_better"], saved["optimum"], saved["needs"], ALL_TASKS)


def _refuse(name: str, *arguments: Any) -> float:  # noqa: ARG001  a metric's arguments
    raise OptionError(
        f"The metric {name!r} was a function given to fit, or of a plugin that is not installed, and functions are not "
        f"saved. Use evaluate(table, metrics=[...]) with the names of metrics."
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(each, str) for each in value)
    return value is None or type(value) in (bool, int, float, str)


def save_run(model: Any, run: Run, *, finished: bool) -> list[str]:
    """Save an estimator in the folder of its run, and say there that it has finished; return what did not work."""
    try:
        model.save(run.model)
        if finished:
            finish_run(run)
    except (ArtifactError, OSError) as error:
        return [f"The model is fitted, but not saved: {error} Use save() with another path."]
    return []


def note_finished(run: Run) -> str:
    """Return the note of an estimator that was not fitted again."""
    return f"finished before: this is what the same call has found and saved in {run.model}."
