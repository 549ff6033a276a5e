"""Audit the target: rare classes, a value that prevails, heavy tails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding, Severity

FEW_ROWS = 10
RARE_SHARE = 0.05
SHOWN_CLASSES = 5
PREVAILING = 0.3
"""Share of rows with one and the same value from which a target of numbers is told to be inflated by it."""
FAR = 10.0
"""Distance from the median, in interquartile ranges, from which a value is an outlier."""


def audit_target(dataset: Dataset, n_folds: int) -> list[Finding]:
    """Return what is unusual about the target."""
    return list(_classes(dataset, n_folds) if dataset.task.has_classes else _values(dataset))


def _classes(dataset: Dataset, n_folds: int) -> Iterator[Finding]:
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


def _values(dataset: Dataset) -> Iterator[Finding]:
    target, name = np.asarray(dataset.target, dtype=np.float64), dataset.task.target
    values, counts = np.unique(target, return_counts=True)
    share, common = counts.max() / len(target), values[counts.argmax()]
    if share >= PREVAILING and len(values) > 2:
        yield Finding(
            Severity.NOTE,
            "target",
            name,
            f"{share:.1%} of the rows have the value {common:g}",
            "nothing; it is fitted as any number",
            "Two models may do better: one that tells whether it is that value, one for the other rows.",
        )
    low, middle, high = np.quantile(target, [0.25, 0.5, 0.75])
    spread = (high - low) or target.std()
    far = np.abs(target - middle) > FAR * spread
    if far.any():
        weight = float(((target[far] - target.mean()) ** 2).sum() / ((target - target.mean()) ** 2).sum())
        yield Finding(
            Severity.WARNING if weight > 0.5 else Severity.NOTE,
            "target",
            name,
            f"{int(far.sum())} values lie more than {FAR:g} interquartile ranges from the median {middle:.4g} (from "
            f"{target.min():.4g} to {target.max():.4g}); they make up {weight:.0%} of the variance",
            "nothing; they count in the score as any row",
            "Check them; with metric='mae', or the logarithm of the target, they weigh less.",
        )
