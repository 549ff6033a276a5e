"""Borrow models: which specs serve a task, those of models of other tasks that it says how to use among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from automl.plugin_api.protocols import Learner
from automl.plugin_api.specs import CONSTANT, BuildRequest, FitSize, Loan, ModelSpec
from automl.vocabulary.results import Resources
from automl.vocabulary.task import Task, TaskKind


def serving_specs(spec: ModelSpec, task: Task, loans: Sequence[Loan]) -> list[ModelSpec]:
    """Return the specs by which a model serves a task: its own, else one for each way in which it can be borrowed.

    Beside its own there are those of the loans that are offered beside, or ahead of it. A borrowed one is called
    "lightgbm (as regression)". It has the hyperparameters, the costs and the preparation that the model has for what it
    does itself.
    """
    own = [for_kind(spec, task.kind)] if task.kind in spec.tasks else []
    beside = spec.role != CONSTANT  # of which one is enough
    able = [loan for loan in loans if not own or (loan.beside and beside)]
    able = [loan for loan in able if all(each.kind in spec.tasks for each in given_tasks(loan, task))]
    able = [loan for loan in able if not loan.otherwise] or able
    first = not spec.runtime  # whose fits are so dear that one goes before several
    ahead = [_lent(spec, loan, task) for loan in able if loan.ahead and first]
    others = [_lent(spec, loan, task) for loan in able if not (loan.ahead and first)]
    return [*ahead, *own, *others]


def for_kind(spec: ModelSpec, kind: TaskKind) -> ModelSpec:
    """Return a model as it is for tasks of one kind: without the hyperparameters that are for others alone."""
    foreign = {name for name, kinds in spec.only_for.items() if kind not in kinds}
    if not foreign:
        return spec
    space = {name: domain for name, domain in spec.space.items() if name not in foreign}
    defaults = tuple(each for each in spec.defaults if foreign.isdisjoint(each))
    return replace(
        spec,
        space=space,
        defaults=defaults,
        only_for={name: spec.only_for[name] for name in set(spec.only_for) - foreign},
    )


def given_tasks(loan: Loan, task: Task) -> tuple[Task, ...]:
    """Return the tasks that a borrowed model is given, for one to be done."""
    return (loan.task(task), *(() if loan.also is None else loan.also(task)))


def _lent(spec: ModelSpec, loan: Loan, task: Task) -> ModelSpec:
    return replace(
        for_kind(spec, loan.task(task).kind),
        name=f"{spec.name} ({loan.name or f'as {loan.task(task).kind.value}'})",
        build=LentBuild(spec.build, loan),
        tasks=frozenset({task.kind}),
        resources=None if spec.resources is None else LentResources(spec.resources, loan),
        limits=None if spec.limits is None else LentLimits(spec.limits, loan),
        lent_by=spec.name,
    )


@dataclass(frozen=True, slots=True)
class LentBuild:
    """Builds the learner that serves a task with learners of a model that does another."""

    build: Callable[[BuildRequest], Learner]
    loan: Loan

    def __call__(self, request: BuildRequest) -> Learner:
        """Return the learner for the task of the request."""
        return self.loan.learner(request, self.build)


@dataclass(frozen=True, slots=True)
class LentResources:
    """Estimates what a borrowed model costs, by what it says of the task that it does."""

    resources: Callable[[FitSize], Resources]
    loan: Loan

    def __call__(self, size: FitSize) -> Resources:
        """Return the cost of one fold."""
        each = [self.resources(replace(size, task=task)) for task in given_tasks(self.loan, size.task)]
        seconds, memory = sum(found.seconds for found in each), max(found.memory_mb for found in each)
        return replace(each[0], seconds=self.loan.fits_of(size) * seconds, memory_mb=memory)


@dataclass(frozen=True, slots=True)
class LentLimits:
    """Says why a fit of a borrowed model makes no sense, by what the model says of the task that it does."""

    limits: Callable[[FitSize], str]
    loan: Loan

    def __call__(self, size: FitSize) -> str:
        """Return the reason, or ""."""
        reasons = (self.limits(replace(size, task=task)) for task in given_tasks(self.loan, size.task))
        return next((reason for reason in reasons if reason), "")
