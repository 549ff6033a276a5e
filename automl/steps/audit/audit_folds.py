"""Audit the folds: rows that none of them judges, and classes that a fold judges without having learnt them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.outputs import strata_of

SHOWN_CLASSES = 5


def audit_folds(dataset: Dataset, plan: ResamplingPlan) -> list[Finding]:
    """Return what the folds leave out. One holdout, and folds in order of time, leave out rows by design."""
    unlearnt = (found for each in dataset.by_target() for found in _unlearnt(each, plan))
    return [*_unjudged(dataset, plan), *unlearnt]


def _unjudged(dataset: Dataset, plan: ResamplingPlan) -> Iterator[Finding]:
    judged = np.zeros(dataset.n_rows, dtype=bool)
    for fold in plan.folds:
        judged[fold.valid] = True
    if plan.n_folds > 1 and plan.stretches is None and not judged.all():
        yield Finding(
            Severity.NOTE,
            "folds",
            "",
            f"{1 - judged.mean():.1%} of the rows are validated in no fold",
            "they train; the score is of the other rows",
            "Where the score should be of all rows, use folds that validate each, or a finer grouping.",
        )


def _unlearnt(dataset: Dataset, plan: ResamplingPlan) -> Iterator[Finding]:
    """Find classes with rows for every fold that some fold validates and does not train on."""
    if strata_of(dataset.target, dataset.task) is None:
        return
    labels = dataset.task.classes
    counts = np.bincount(dataset.target, minlength=len(labels))
    lost = np.zeros(len(labels), dtype=np.int64)
    for fold in plan.folds:
        trained = np.bincount(dataset.target[fold.train], minlength=len(labels))
        validated = np.bincount(dataset.target[fold.valid], minlength=len(labels))
        lost += np.where(trained == 0, validated, 0)
    lost[counts < max(2, plan.n_folds)] = 0  # the target's own findings tell of those
    found = np.flatnonzero(lost)
    if len(found):
        listed = ", ".join(f"{labels[number]!r} ({lost[number]})" for number in found[:SHOWN_CLASSES])
        more = f" and {len(found) - SHOWN_CLASSES} more" if len(found) > SHOWN_CLASSES else ""
        yield Finding(
            Severity.WARNING,
            "folds",
            dataset.task.target,
            f"{lost.sum()} rows are of classes that their fold does not train on: {listed}{more}",
            "kept; no model can get them right, and the score says so",
            "Shuffle the rows or stratify by class in cv, or give a grouping in which each class has several groups.",
        )
