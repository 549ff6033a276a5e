"""Audit classes: rare ones, those that differ in spelling alone, and numbers that could be amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from automl.plugin_api import Dataset, Finding, Severity, TargetColumn

FEW_ROWS = 10
RARE_SHARE = 0.05
SHOWN_CLASSES = 5


def audit_classes(dataset: Dataset, n_folds: int) -> Iterator[Finding]:
    """Yield what is unusual about the classes, for so many folds."""
    labels, target = dataset.task.classes, dataset.task.target
    counts = np.bincount(dataset.target, minlength=len(labels))
    few = [number for number in np.argsort(counts, kind="stable") if counts[number] < max(FEW_ROWS, n_folds)]
    if few:
        listed = ", ".join(f"{labels[number]!r} ({counts[number]})" for number in few[:SHOWN_CLASSES])
        more = f" and {len(few) - SHOWN_CLASSES} more" if len(few) > SHOWN_CLASSES else ""
        yield Finding(
            Severity.WARNING,
            "target",
            target,
            f"{len(few)} of {len(labels)} classes have fewer than {max(FEW_ROWS, n_folds)} rows: {listed}{more}",
            f"kept; a class with fewer rows than the {n_folds} folds is missing from some of them",
            "Gather more rows of them, or put them together in one class: the score hardly tells how well they are "
            "predicted.",
        )
    yield from _spellings(labels, target)
    share = counts.min() / max(1, counts.sum())
    if not few and share < RARE_SHARE:
        rarest = labels[int(counts.argmin())]
        yield Finding(
            Severity.NOTE,
            "target",
            target,
            f"the class {rarest!r} has {share:.2%} of the rows ({counts.min()})",
            "kept; each fold has its share of them",
            "Judge by average_precision, balanced_accuracy or f1_macro rather than by accuracy.",
        )


def _spellings(labels: Sequence[Any], target: str) -> Iterator[Finding]:
    """Find classes that differ in nothing but spaces around them and upper case."""
    alike: dict[str, list[Any]] = {}
    for label in labels:
        if isinstance(label, str):
            alike.setdefault(label.strip().casefold(), []).append(label)
    several = [found for found in alike.values() if len(found) > 1]
    if several:
        listed = "; ".join(", ".join(map(repr, found)) for found in several[:SHOWN_CLASSES])
        yield Finding(
            Severity.WARNING,
            "target",
            target,
            f"classes differ in spaces or upper case alone: {listed}",
            "kept as classes of their own",
            "If they are one class, give them one spelling, for example with df[target].str.strip().str.lower().",
        )


def tell_classes(target: TargetColumn, dataset: Dataset) -> Iterator[Finding]:
    """Yield the order of classes, and numbers among them where nobody said that they are classes."""
    task = dataset.task
    if task.ordered:
        found = f"the classes are ordered: {' < '.join(str(label) for label in task.classes[:5])}"
        more = " < ..." if len(task.classes) > 5 else ""
        done = "classes_ and probabilities keep that order, and metrics such as quadratic_kappa go by it"
        yield Finding(Severity.NOTE, "target", task.target, found + more, done)
    numbers = [label for label in task.classes if isinstance(label, int | float) and not isinstance(label, bool)]
    if target.asked is None and len(task.classes) == len(numbers) > 2 and numbers != list(range(len(numbers))):
        yield Finding(
            Severity.NOTE,
            "target",
            task.target,
            f"the target holds {len(numbers)} different whole numbers, from {numbers[0]:g} to {numbers[-1]:g}",
            "they are taken for classes",
            "If they are amounts or ratings, pass task='regression' or use AutoMLRegressor.",
        )
