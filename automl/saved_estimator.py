"""Saved estimator: what is kept of a fit beside its predictor, and how it comes back, its metric included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from automl.artifact import Artifact, installed_versions, save_artifact
from automl.errors import OptionError
from automl.fitted_model import Fitted
from automl.plugin_api.specs import ALL_TASKS, MetricSpec
from automl.registry import Registry, discover_quietly
from automl.report import completed_leaderboard
from automl.steps.plan.choose_metric import find_metric
from automl.steps.plan.options import OPTIONS
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.task import Task

NOT_KEPT = tuple(option.name for option in OPTIONS.values() if option.of_machine)
"""Options that say something about the machine and the process that fitted."""


def save_fitted(fitted: Fitted, path: str | Path) -> Path:
    """Write a fit to one file, where the path ends in `.automl`, else to a folder; return the path."""
    registry = discover_quietly(fitted.options["plugins"])
    return save_artifact(fitted.predictor, _report_of(fitted), path, _facts_of(fitted), registry)


def restored(artifact: Artifact, registry: Registry, kind: str) -> Fitted:
    """Return the fit that was saved, for an estimator of a class; its options are that estimator's own."""
    report, predictor = artifact.report, artifact.predictor
    return Fitted(
        predictor=predictor,
        metric=_restored_metric(report["metric"], predictor.task, registry),
        score=report["score"],
        interval=report["interval"],
        ensemble=report["ensemble"],
        notes=report["notes"],
        leaderboard=completed_leaderboard(report["leaderboard"]),
        failures=report["failures"],
        audit=report["audit"],
        profile=report["profile"],
        looked=report.get("looked"),
        calibrated=report.get("calibrated"),
        explained=report.get("explained"),
        versions=artifact.manifest["versions"],
        kind=kind,
    )


def versions_of(fitted: Fitted) -> Mapping[str, str]:
    """Return the versions of Python and of the packages that fitted."""
    return fitted.versions or installed_versions(fitted.predictor, discover_quietly(fitted.options["plugins"]))


def _facts_of(fitted: Fitted) -> dict[str, Any]:
    """Return what the manifest says of a fit, for readers without Python."""
    kept, task = plain_options(fitted.options), fitted.task
    given = [column for column in fitted.schema.columns if not column.part]
    return {
        "task": task.kind.value,
        "target": task.target,
        "classes": list(task.classes),
        **({"targets": {each.target: list(each.classes) for each in task.targets}} if task.targets else {}),
        "metric": fitted.metric.name,
        "score": fitted.score,
        "interval": list(fitted.interval),
        "ensemble": fitted.ensemble,
        "settings": {
            name: kept[name] if name in kept else f"a {type(value).__name__}, not saved"
            for name, value in fitted.options.items()
            if name not in NOT_KEPT
        },
        "columns": {column.name: column.kind.value for column in given},
        "schema": {
            "columns": len(given),
            **{kind.value: count for kind in ColumnKind if (count := sum(each.kind is kind for each in given))},
        },
    }


def _report_of(fitted: Fitted) -> dict[str, Any]:
    """Return what `restored` needs beside the predictor: all but the sampled rows."""
    metric, asked, failures = fitted.metric, fitted.options["metric"], fitted.failures
    return {
        "class": fitted.kind,
        "options": plain_options(fitted.options),
        "metric": {
            "name": metric.name,
            "greater_is_better": metric.greater_is_better,
            "optimum": metric.optimum,
            "needs": metric.needs,
            "needs_groups": metric.needs_groups,
            "is_named": asked is None or isinstance(asked, str),
        },
        "score": fitted.score,
        "interval": tuple(fitted.interval),
        "ensemble": fitted.ensemble,
        "notes": tuple(fitted.notes),
        "profile": fitted.profile,
        "looked": None if fitted.looked is None else replace(fitted.looked, sample=None),
        "calibrated": fitted.calibrated,
        "explained": fitted.explained,
        "leaderboard": fitted.leaderboard,
        "failures": failures.assign(traceback=[_last_line(text) for text in failures["traceback"]]),
        "audit": fitted.audit,
    }


def plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options that are text, numbers, lists of them, or such by name; the others are left at their defaults."""
    return {name: value for name, value in options.items() if name not in NOT_KEPT and _is_plain(value)}


def _last_line(traceback: str) -> str:
    """Return the error alone: the lines above it tell of the machine that fitted."""
    return traceback.strip().rpartition("\n")[2]


def _restored_metric(saved: Mapping[str, Any], task: Task, registry: Registry) -> MetricSpec:
    """Return the metric of a saved estimator; one that was a function, or whose plugin is gone, cannot score."""
    name = str(saved["name"])
    if saved["is_named"]:
        try:
            return find_metric(name, task, registry.metrics)
        except OptionError:
            pass
    score = partial(_refuse, name)
    direction = saved["greater_is_better"], saved["optimum"]
    by_group = bool(saved.get("needs_groups"))  # older models were judged by none
    return MetricSpec(name, score, *direction, saved["needs"], ALL_TASKS, needs_groups=by_group)


def _refuse(name: str, *arguments: Any) -> float:  # noqa: ARG001  a metric's arguments
    raise OptionError(
        f"The metric {name!r} was a function given to fit, or of a plugin that is not installed, and functions are not "
        f"saved. Use evaluate(table, metrics=[...]) with the names of metrics."
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(type(each) in (int, float, str) for each in value)
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_plain(each) for name, each in value.items())
    return value is None or type(value) in (bool, int, float, str)
