"""Fit and use learners as the engine does: what the checks of models have in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from automl.plugin_api import (
    PREPARE_PREFIX,
    Array,
    BuildRequest,
    Dataset,
    Features,
    FitContext,
    FitSize,
    Learner,
    ModelSpec,
    Task,
    TaskKind,
)
from automl.testing._data import FORMS, TASKS, Split, make_split, metric_for, with_features
from automl.testing._runner import expect

T = TypeVar("T")
LARGE_ROWS, LARGE_COLUMNS, LARGE_NOISE = 10_000, 12, 3.0


@dataclass(slots=True)
class KeepingCache:
    """A cache that keeps everything."""

    kept: dict[Hashable, Any] = field(default_factory=dict)

    def get_or_build(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what is stored under `key`, building it first where it is missing."""
        if key not in self.kept:
            self.kept[key] = build()
        found: T = self.kept[key]
        return found


def tasks_of(spec: ModelSpec) -> list[Task]:
    """Return one task of each kind that the model can do."""
    return [task for kind, task in {**TASKS, **FORMS}.items() if kind in spec.tasks]


def main_task(spec: ModelSpec) -> Task:
    """Return the task by which to judge what does not depend on the kind of task: the most general one."""
    kinds = (TaskKind.MULTICLASS, TaskKind.BINARY, TaskKind.REGRESSION)
    return next((TASKS[kind] for kind in kinds if kind in spec.tasks), None) or tasks_of(spec)[0]


def split_for(spec: ModelSpec, task: Task, n_train: int = 160) -> Split:
    """Return a small table with columns of the kinds that the model accepts."""
    return make_split(task, spec.accepts, n_train=n_train)


def large_split(spec: ModelSpec) -> Split:
    """Return a larger, noisier table; as many rows as the model's own limits allow."""
    task, n_rows = main_task(spec), LARGE_ROWS
    params = learner_params(spec.defaults[0])
    while n_rows > 500 and spec.limits is not None and spec.limits(FitSize(n_rows, LARGE_COLUMNS, task, params)):
        n_rows //= 2
    return make_split(task, spec.accepts, n_train=n_rows, n_numbers=LARGE_COLUMNS, noise=LARGE_NOISE)


def learner_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters that reach a learner."""
    return {name: value for name, value in params.items() if not name.startswith(PREPARE_PREFIX)}


def context_for(task: Task) -> FitContext:
    """Return the context of a fit: a fixed seed, one thread, no deadline, nothing cached."""
    metric = metric_for(task)
    return FitContext(seed=7, threads=1, metric=metric.name, objective=metric.objective)


def build_learner(spec: ModelSpec, task: Task, params: Mapping[str, Any] | None = None) -> Learner:
    """Build a learner with a configuration, by default the first one; it may not change the configuration."""
    given = learner_params(spec.defaults[0] if params is None else params)
    before = dict(given)
    learner = spec.build(BuildRequest(task, given))
    expect(given == before, f"The builder changed the hyperparameters from {before} to {given}; work on a copy.")
    return learner


def fit_learner(
    spec: ModelSpec,
    split: Split,
    *,
    params: Mapping[str, Any] | None = None,
    with_valid: bool = True,
    context: FitContext | None = None,
) -> Learner:
    """Return a fitted learner; numeric libraries have one thread, as in a worker."""
    from threadpoolctl import threadpool_limits

    task = split.train.task
    learner = build_learner(spec, task, params)
    with threadpool_limits(1):
        quietly(lambda: learner.fit(split.train, split.valid if with_valid else None, context or context_for(task)))
    return learner


def usual_fit(spec: ModelSpec, task: Task) -> tuple[Learner, Split]:
    """Return a learner of the first default, fitted on the task's easy table; checks that only look at one share it."""
    owner, learner, split = _USUAL.get(task.kind, (None, None, None))
    if owner is not spec or learner is None or split is None:
        split = split_for(spec, task)
        learner = fit_learner(spec, split)
        _USUAL[task.kind] = (spec, learner, split)
    return learner, split


_USUAL: dict[TaskKind, tuple[ModelSpec, Learner, Split]] = {}
"""Of the model that was asked for last with a task."""


def predict(learner: Learner, features: Features) -> Array:
    """Return a learner's predictions."""
    return np.asarray(quietly(lambda: learner.predict(features)))


def predict_test(learner: Learner, split: Split) -> Array:
    """Return a learner's predictions of the rows to predict."""
    return predict(learner, split.test.features)


def quietly(call: Callable[[], T]) -> T:
    """Call without warnings: a library's advice to its caller is silenced in workers, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


def weighted(split: Split) -> Split:
    """Return the split with unequal sample weights on the rows for fitting."""
    weights = np.linspace(0.5, 1.5, split.train.n_rows)
    valid = replace(split.valid, weights=np.ones(split.valid.n_rows))
    return replace(split, train=replace(split.train, weights=weights), valid=valid)


def expect_predictions(found: Array, data: Dataset) -> None:
    """Raise unless predictions are finite floats of the right shape."""
    wanted = (data.n_rows, data.task.n_outputs)
    expect(
        found.shape == wanted,
        f"Predictions for {data.task.kind.value} have the shape {found.shape}; expected {wanted}.",
    )
    expect(found.dtype.kind == "f", f"Predictions have the type {found.dtype}; expected floats.")
    bad = int((~np.isfinite(found)).sum())
    expect(not bad, f"{bad} of {found.size} predictions for {data.task.kind.value} are not finite.")


def expect_predictions_with_holes(spec: ModelSpec, split: Split, names: Sequence[str], hole: Any = np.nan) -> None:
    """Fit on rows of which some miss values in the named columns; predict rows that miss them all."""
    rng = np.random.default_rng(3)
    train, valid, test = (
        with_features(data, _with_holes(data.features, names, hole, rng, share))
        for data, share in ((split.train, 0.3), (split.valid, 0.3), (split.test, 1.0))
    )
    learner = fit_learner(spec, Split(train, valid, test))
    expect_predictions(predict(learner, test.features), test)
    expect_predictions(predict(learner, split.test.features), split.test)


def _with_holes(features: Any, names: Sequence[str], hole: Any, rng: np.random.Generator, share: float) -> Any:
    made = features.copy()
    for name in names:
        made[name] = made[name].where(rng.random(len(made)) >= share, hole)
    return made
