"""Audit several targets: labels that all rows share or few have, and what each target's own audit finds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from automl.plugin_api import Dataset, Finding, Severity, TargetTable
from automl_builtins.tasks._audit_classes import audit_classes, tell_classes
from automl_builtins.tasks._audit_values import audit_values, tell_values

FEW_ROWS = 10
SHOWN = 8
MOST_AUDITED = 12
"""Targets that are each looked at; of more, what their values are like is not told one by one."""


def tell_labels(table: TargetTable, dataset: Dataset) -> Iterator[Finding]:
    """Yield which value of each label is its yes where that can be doubted, and labels of which each row has one."""
    named = [
        f"{task.target} {task.classes[1]!r}"
        for task in dataset.task.targets
        if len(task.classes) == 2 and not all(label in (0, 1) for label in task.classes)
    ]
    if named:
        yield Finding(
            Severity.NOTE,
            "target",
            table.name,
            f"labels have two values of their own; the second in their order counts as yes: {_listed(named)}",
            "predict_proba gives its probability",
        )
    counts = dataset.target.sum(axis=1)
    if dataset.task.n_outputs > 2 and (counts == 1).all():
        yield Finding(
            Severity.NOTE,
            "target",
            table.name,
            f"each row has exactly one of the {dataset.task.n_outputs} labels, as classes of one target have",
            "they are predicted each for itself",
            "If they are classes of one target, pass y=labels.idxmax(axis=1), or labels.argmax(axis=1) of an array.",
        )


def audit_labels(dataset: Dataset, n_folds: int) -> Iterator[Finding]:
    """Yield labels that all rows share, and those of which one side has few rows."""
    yield from _constant(dataset)
    n_rows, counts = dataset.n_rows, dataset.target.sum(axis=0)
    fewer = np.minimum(counts, n_rows - counts)
    least = max(FEW_ROWS, n_folds)
    few = [number for number in np.argsort(fewer, kind="stable").tolist() if 0 < fewer[number] < least]
    if few:
        names = [f"{dataset.task.targets[number].target} ({fewer[number]})" for number in few]
        yield Finding(
            Severity.WARNING,
            "target",
            dataset.task.target,
            f"{len(few)} of {len(counts)} labels have fewer than {least} rows on one side: {_listed(names)}",
            f"kept; with fewer rows than the {n_folds} folds some folds lack them",
            "Gather more rows of them: the score hardly tells how well they are predicted.",
        )


def tell_each(table: TargetTable, dataset: Dataset) -> Iterator[Finding]:
    """Yield how each target was taken, as its own task tells it."""
    for column, each in list(zip(table.columns, dataset.by_target(), strict=True))[:MOST_AUDITED]:
        yield from (tell_classes if each.task.has_classes else tell_values)(column, each)


def audit_each(dataset: Dataset, n_folds: int) -> Iterator[Finding]:
    """Yield targets of one value alone, and what is odd about each of the others."""
    yield from _constant(dataset)
    for each in list(dataset.by_target())[:MOST_AUDITED]:
        if (each.target != each.target[0]).any():
            yield from (audit_classes if each.task.has_classes else audit_values)(each, n_folds)


def _constant(dataset: Dataset) -> Iterator[Finding]:
    same = (dataset.target == dataset.target[0]).all(axis=0)
    if same.any():
        names = [dataset.task.targets[number].target for number in np.flatnonzero(same)]
        yield Finding(
            Severity.WARNING,
            "target",
            dataset.task.target,
            f"{len(names)} of {len(same)} targets have the same value in all rows: {_listed(names)}",
            "they are predicted to have it; means over targets leave them out",
            "Leave them out, or gather rows that differ.",
        )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
