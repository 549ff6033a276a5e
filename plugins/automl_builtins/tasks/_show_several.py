"""Show several targets in reports: how well each one is predicted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from automl.plugin_api import Array, ReportTable, Task, by_block, decided_by_block
from automl_builtins.metrics.classification import accuracy, average_precision, f1, log_loss, roc_auc
from automl_builtins.metrics.regression import mae, r2, rmse

NOTHING = "-"


def show_each(target: Array, outputs: Array, decided: Array, task: Task) -> Iterator[ReportTable]:
    """Yield a table of labels, one of targets of classes and one of values, a row for each target."""
    chosen = decided_by_block(decided, task)
    rows: dict[str, list[tuple[str, ...]]] = {LABELS: [], CLASSES: [], VALUES: []}
    for number, (each, (block, part)) in enumerate(zip(task.targets, by_block(outputs, task), strict=True)):
        truth = target[:, number]
        if not each.has_classes:
            rows[VALUES].append((each.target, *_of_values(truth, part[:, 0])))
        elif block.classes:
            rows[CLASSES].append((each.target, *_of_classes(truth.astype(np.int64), part, chosen[:, number])))
        else:
            rows[LABELS].append((each.target, *_of_label(truth.astype(np.int64), part[:, 0], chosen[:, number])))
    for title, found in rows.items():
        if found:
            yield ReportTable(title, ABOUT[title], HEADS[title], tuple(found))


LABELS, CLASSES, VALUES = "Each label", "Each target of classes", "Each target of values"
HEADS = {
    LABELS: ("label", "rows with it", "roc_auc", "average_precision", "f1"),
    CLASSES: ("target", "classes", "log_loss", "accuracy"),
    VALUES: ("target", "rmse", "mae", "r2", "rmse over that of the mean"),
}
ABOUT = {
    LABELS: "On rows that the models have not seen; a label that all rows share, or none has, cannot be ranked.",
    CLASSES: "On rows that the models have not seen.",
    VALUES: "On rows that the models have not seen, in each target's own units; the last column is 1 for its mean.",
}


def _of_label(truth: Array, probability: Array, chosen: Array) -> tuple[str, ...]:
    both = np.column_stack([1.0 - probability, probability])
    if truth.all() or not truth.any():
        return f"{truth.mean():.1%}", NOTHING, NOTHING, NOTHING
    scores = roc_auc(truth, both), average_precision(truth, both), f1(truth, chosen.astype(np.int64))
    return f"{truth.mean():.1%}", *(f"{score:.4g}" for score in scores)


def _of_classes(truth: Array, part: Array, chosen: Array) -> tuple[str, ...]:
    return str(part.shape[1]), f"{log_loss(truth, part):.4g}", f"{accuracy(truth, chosen.astype(np.int64)):.4g}"


def _of_values(truth: Array, values: Array) -> tuple[str, ...]:
    spread = float(truth.std())
    scores = rmse(truth, values), mae(truth, values), r2(truth, values)
    return (*(f"{score:,.4g}" for score in scores), f"{scores[0] / spread:.4g}" if spread else NOTHING)
