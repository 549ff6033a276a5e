"""One against others: models that know two classes alone tell each of several classes from the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from automl.plugin_api import Array, BuildRequest, Dataset, Features, FitContext, Learner, Task, TaskKind

LEAST = 1e-9


def one_against_others(task: Task) -> Task:
    """Return the task of telling whether a row is of one of the classes."""
    return replace(task, kind=TaskKind.BINARY, classes=(False, True), ordered=False)


class OneAgainstOthers:
    """Fits a learner of two classes for each class, and divides what they say by its sum."""

    def __init__(self, build: Callable[[BuildRequest], Learner], request: BuildRequest) -> None:
        """Build as many learners as there are classes; nothing is fitted yet."""
        self.task = one_against_others(request.task)
        self.learners = [build(BuildRequest(self.task, dict(request.params))) for _ in request.task.classes]
        self.shares: Array = np.empty(0)

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Fit one after another, each in its part of the time; a class that no row is of, or each, needs none."""
        self.shares = np.bincount(train.target, minlength=len(self.learners)) / max(1, train.n_rows)
        varied = [number for number, share in enumerate(self.shares) if 0.0 < share < 1.0]
        for done, number in enumerate(varied):
            left = context.seconds_left() / (len(varied) - done)
            part = replace(context, deadline=context.deadline.within(left))
            of_valid = None if valid is None else self._told(valid, number)
            self.learners[number].fit(self._told(train, number), of_valid, part)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_classes)` probabilities."""
        found = np.tile(self.shares, (features.shape[0], 1))
        for number, share in enumerate(self.shares):
            if 0.0 < share < 1.0:
                found[:, number] = self.learners[number].predict(features)[:, 1]
        found = np.maximum(found, LEAST * (self.shares > 0))
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def _told(self, data: Dataset, number: int) -> Dataset:
        """Return rows with whether they are of one class as their target."""
        return replace(data, task=self.task, target=(np.asarray(data.target) == number).astype(np.int64))
