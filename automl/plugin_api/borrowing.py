"""BorrowedLearner: a learner of another task that serves this one; a plugin's own says how target and outputs turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automl.plugin_api.protocols import FitContext, Learner, Refittable
from automl.vocabulary.arrays import Array, Features
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.task import Task


class BorrowedLearner:
    """Fits a learner of another task, whose target and outputs are those of this one.

    A subclass overrides `there` where the target must be turned for the learner, and `back` where its outputs must be
    turned for the task. What it holds is saved: arrays, numbers and learners.
    """

    def __init__(self, inner: Learner, task: Task) -> None:
        """Keep the learner and its task; nothing is fitted yet."""
        self.inner = inner
        self.task = task

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Fit the learner on what the target is there."""
        self.inner.fit(self.turned(train), None if valid is None else self.turned(valid), context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)` of this task."""
        return self.back(self.inner.predict(features))

    def refit_params(self) -> Mapping[str, Any]:
        """Return what the learner asks for when it is fitted on more rows; nothing where it asks for nothing."""
        return self.inner.refit_params() if isinstance(self.inner, Refittable) else {}

    def turned(self, data: Dataset) -> Dataset:
        """Return rows with the task and the target of the learner."""
        return replace(data, task=self.task, target=self.there(data.target))

    def there(self, target: Array) -> Array:
        """Return the target `(n_rows,)` as the learner is given it."""
        return target

    def back(self, outputs: Array) -> Array:
        """Return what the learner predicts as outputs of this task."""
        return outputs
