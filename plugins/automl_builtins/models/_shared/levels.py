"""Levels: what models have in common that learn quantiles themselves, all levels of a target at once or one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    ALL_TASKS,
    Array,
    BuildRequest,
    Dataset,
    Features,
    FitContext,
    Learner,
    Refittable,
    Task,
    TaskKind,
)
from automl_builtins.kinds import QUANTILE
from automl_builtins.models._shared.stretch import Stretch

WITH_QUANTILES = ALL_TASKS | {QUANTILE}
"""The tasks of a model that learns quantiles beside what all do."""


def levels_of(task: Task) -> tuple[float, ...]:
    """Return the levels of a task of quantiles, rising; none for other tasks."""
    return task.parts[0].levels if task.kind is QUANTILE else ()


def as_one_value(task: Task) -> Task:
    """Return the task of a single value for the same target, which costs and learners of one level are asked for."""
    return replace(task, kind=TaskKind.REGRESSION, parts=()) if task.kind is QUANTILE else task


@dataclass(frozen=True, slots=True)
class LevelScale:
    """A target on the scale on which it is least lopsided, there with mean 0 and spread 1; see `TargetScale`."""

    stretch: Stretch
    centre: float
    spread: float

    @staticmethod
    def of(target: Array) -> LevelScale:
        """Return the scale of a training target."""
        stretch = Stretch.of(target)
        values = stretch.to(target)
        return LevelScale(stretch, float(values.mean()), float(values.std()) or 1.0)

    def to(self, target: Array) -> Array:
        """Return the target on this scale."""
        return np.asarray((self.stretch.to(target) - self.centre) / self.spread)

    def back(self, values: Array, bounded: bool = False) -> Array:  # noqa: ARG002  values far beyond never come back
        """Return values on this scale as they were, rising in each row."""
        found = np.asarray(values, dtype=np.float64) * self.spread + self.centre
        return np.sort(self.stretch.back(found), axis=-1)


class LevelByLevel:
    """One learner of a single quantile for each level, of a model that has no loss for several at once."""

    def __init__(self, request: BuildRequest, build: Callable[[BuildRequest], Learner]) -> None:
        """Build a learner for each level; nothing is fitted yet."""
        one = BuildRequest(as_one_value(request.task), request.params)
        self.levels = levels_of(request.task)
        self.learners: Sequence[Learner] = [build(one) for _ in self.levels]
        self.stretch = Stretch()

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Fit the learners one after the other, each with an even share of the time that is left."""
        self.stretch = Stretch.of(train.target)
        own, watched = self._turned(train), None if valid is None else self._turned(valid)
        for number, (level, learner) in enumerate(zip(self.levels, self.learners, strict=True)):
            left = context.seconds_left() / (len(self.levels) - number)
            part = replace(context, objective=f"quantile:{level}", deadline=context.deadline.within(left))
            learner.fit(own, watched, part)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_levels)`, rising in each row."""
        found = np.column_stack([np.asarray(each.predict(features))[:, 0] for each in self.learners])
        return np.sort(self.stretch.back(found.astype(np.float64)), axis=1)

    def refit_params(self) -> Mapping[str, Any]:
        """Return what the learner of the middle level asks for when it is fitted on more rows."""
        middle = self.learners[len(self.learners) // 2]
        return middle.refit_params() if isinstance(middle, Refittable) else {}

    def _turned(self, data: Dataset) -> Dataset:
        return replace(data, task=as_one_value(data.task), target=self.stretch.to(data.target))
