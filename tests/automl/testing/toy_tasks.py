"""A small task that keeps the contract: ranks, borrowed from models of classes."""

from dataclasses import replace

import numpy as np

from automl.plugin_api import (
    BorrowedLearner,
    BuildRequest,
    Loan,
    MetricSpec,
    ReportTable,
    Task,
    TaskKind,
    TaskSpec,
    hookimpl,
)

RANKS = TaskKind("ranks")


def take(target):
    task, codes = target.as_classes(RANKS)
    return replace(task, ordered=True), codes


def middle(outputs, task):
    return np.round(outputs @ np.arange(len(task.classes)) / outputs.sum(axis=1)).astype(np.int64)


def as_classes(task):
    return Task(TaskKind.MULTICLASS if len(task.classes) > 2 else TaskKind.BINARY, task.target, task.classes)


def lend(request, build):
    inner = as_classes(request.task)
    return BorrowedLearner(build(BuildRequest(inner, request.params)), inner)


def distance(target, ranks, weights):
    return float(np.average(np.abs(target - ranks), weights=weights))


@hookimpl
def automl_metrics():
    return [MetricSpec("toy_distance", distance, False, 0.0, "labels", frozenset({RANKS}))]


def show(target, outputs, decided, task):
    off = np.abs(decided.argmax(axis=1) - target)
    rows = tuple((str(ranks), str(count)) for ranks, count in enumerate(np.bincount(off).tolist()))
    yield ReportTable("Off", "0 is right.", ("ranks", "rows"), rows)


RIGHT = TaskSpec("ranks", take, "toy_distance", decide=middle, loans=(Loan(as_classes, lend),), shows=show)


@hookimpl
def automl_tasks():
    return [RIGHT]
