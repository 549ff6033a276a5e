"""Each target by a learner of its own: how models of one target serve tasks of several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Dataset,
    Features,
    FitContext,
    Learner,
    Loan,
    Refittable,
    Task,
    Trait,
)
from automl_builtins.smoothed_shares import smoothed_shares

LABELS = "log_loss"


def first_task(task: Task) -> Task:
    """Return the task of the first target."""
    return task.targets[0]


def other_tasks(task: Task) -> Iterator[Task]:
    """Yield those of the other targets."""
    yield from task.targets[1:]


def lend_each(request: BuildRequest, build: Callable[[BuildRequest], Learner]) -> Learner:
    """Return a learner that holds one of the model for each target."""
    return EachTarget(request.task, own_learners(request, build))


def own_learners(request: BuildRequest, build: Callable[[BuildRequest], Learner]) -> list[Learner]:
    """Return a learner for each target; a hyperparameter that was found for one target goes to its learner alone."""
    common = {name: value for name, value in request.params.items() if not name.startswith(OF_TARGET)}
    made = []
    for number, task in enumerate(request.task.targets):
        start = named_of(number)
        own = {name[len(start) :]: value for name, value in request.params.items() if name.startswith(start)}
        made.append(build(BuildRequest(task, {**common, **own})))
    return made


OF_TARGET = "of_target_"


def named_of(number: int) -> str:
    """Return how the names of the hyperparameters of one target begin."""
    return f"{OF_TARGET}{number}."


class EachTarget:
    """Fits a learner for each target; what a fold has of one target alone is predicted without one."""

    def __init__(self, task: Task, learners: Sequence[Learner]) -> None:
        """Keep task and learners; nothing is fitted yet."""
        self.task = task
        self.learners = list(learners)
        self.constants: list[Array | None] = [None] * len(self.learners)

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Fit one learner after the other, each in its share of the time left."""
        for number, learner in enumerate(self.learners):
            part = train.with_target(number)
            self.constants[number] = constant_outputs(part)
            if self.constants[number] is None:
                held = None if valid is None else valid.with_target(number)
                learner.fit(part, held, context_of(context, part.task, len(self.learners) - number))

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`: of a label the probability of the second value, of classes that of each."""
        return np.hstack([self.outputs_of(number, features) for number in range(len(self.learners))])

    def outputs_of(self, number: int, features: Features) -> Array:
        """Return the outputs of one target."""
        constant = self.constants[number]
        if constant is not None:
            found = np.tile(constant, (features.shape[0], 1))
        else:
            found = np.asarray(self.learners[number].predict(features), dtype=np.float64)
        block = self.task.blocks[number]
        return found[:, -1:] if block.trait is Trait.INDEPENDENT else found[:, : block.width]

    def refit_params(self) -> Mapping[str, Any]:
        """Return what each learner asks for when it is fitted on more rows, by target."""
        found: dict[str, Any] = {}
        for number, learner in enumerate(self.learners):
            if isinstance(learner, Refittable) and self.constants[number] is None:
                found |= {f"{named_of(number)}{name}": value for name, value in learner.refit_params().items()}
        return found


def context_of(context: FitContext, task: Task, n_left: int) -> FitContext:
    """Return what surrounds the fit of one of so many targets that are left: its share of the time, and its loss."""
    objective = context.objective
    if task.has_classes != (objective == LABELS):
        objective = LABELS if task.has_classes else ""
    deadline = context.deadline.within(context.seconds_left() / n_left)
    return replace(context, deadline=deadline, metric="", objective=objective)


def constant_outputs(train: Dataset) -> Array | None:
    """Return the outputs where the rows are all of one class or value, None where they differ.

    Of classes these are shares with one row added to each, as none is impossible but where the table has no other.
    """
    target = train.target
    if (target != target[0]).any():
        return None
    if not train.task.has_classes:
        return np.array([float(target[0])])
    n_classes = max(2, len(train.task.classes))
    return smoothed_shares(target, None, n_classes, added=1.0 if len(train.task.classes) > 1 else 0.0)


EACH_TARGET = Loan(first_task, lend_each, also=other_tasks, name="each target")
