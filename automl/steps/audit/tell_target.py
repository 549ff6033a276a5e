"""Tell how the target was taken, where it could have been taken for something else as well."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from automl.steps.plan.infer_task import are_durations
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding, Severity

MOST_CODES = 100
"""Different whole numbers that may be the codes of classes."""
ROWS_OF_EACH = 5
CHOSEN = (None, "auto")
"""The option `task` of a user who left it to the values."""


def tell_target(dataset: Dataset, target: pd.Series, wanted: str | None) -> Iterator[Finding]:
    """Yield what a user should know of how the target's values were taken; `target` holds them as they came."""
    if dataset.task.has_classes:
        yield from _of_classes(dataset, wanted)
        return
    name, values = dataset.task.target, np.asarray(dataset.target)
    if are_durations(target):
        found, done = "the target holds durations", "they are predicted, and scored, as seconds"
        yield Finding(
            Severity.NOTE, "target", name, found, done, "pandas.to_timedelta(predicted, unit='s') gives them."
        )
    distinct = np.unique(values)
    repeated = ROWS_OF_EACH * len(distinct) <= len(values)
    if wanted in CHOSEN and len(distinct) <= MOST_CODES and repeated and bool((distinct == np.round(distinct)).all()):
        yield Finding(
            Severity.NOTE,
            "target",
            name,
            f"the target holds {len(distinct)} different whole numbers, each in {len(values) / len(distinct):.0f} rows "
            f"on average, as codes of classes are",
            "they are predicted as numbers",
            "If they are codes of classes, pass task='classification' or use AutoMLClassifier.",
        )


def _of_classes(dataset: Dataset, wanted: str | None) -> Iterator[Finding]:
    task = dataset.task
    if task.ordered:
        found = f"the classes are ordered: {' < '.join(str(label) for label in task.classes[:5])}"
        more = " < ..." if len(task.classes) > 5 else ""
        done = "classes_ and probabilities keep that order, and metrics such as quadratic_kappa go by it"
        yield Finding(Severity.NOTE, "target", task.target, found + more, done)
    numbers = [label for label in task.classes if isinstance(label, int | float) and not isinstance(label, bool)]
    if wanted in CHOSEN and len(task.classes) == len(numbers) > 2 and numbers != list(range(len(numbers))):
        yield Finding(
            Severity.NOTE,
            "target",
            task.target,
            f"the target holds {len(numbers)} different whole numbers, from {numbers[0]:g} to {numbers[-1]:g}",
            "they are taken for classes",
            "If they are amounts or ratings, pass task='regression' or use AutoMLRegressor.",
        )
