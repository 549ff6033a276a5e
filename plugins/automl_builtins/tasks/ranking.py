"""Ranking: rows of a query, or of a user, are put in the order of how relevant they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    Block,
    BorrowedLearner,
    BuildRequest,
    Dataset,
    FitContext,
    InputError,
    Learner,
    Loan,
    TargetColumn,
    Task,
    TaskKind,
    TaskSpec,
    Trait,
    hookimpl,
)
from automl_builtins.kinds import RANKING
from automl_builtins.models._shared.queries import SPREAD, spread_within
from automl_builtins.tasks._audit_ranking import audit_queries
from automl_builtins.tasks._show_ranking import show_queries
from automl_builtins.tasks._type_texts import recurring_texts

MOST_RELEVANT = 31.0
"""The largest relevance: the gain of a row is 2^relevance - 1, and a single row of more would be all that counts."""
FEW_GRADES = 32


def take_relevance(target: TargetColumn) -> tuple[Task, Array]:
    """Return a task of scores, and the relevance of each row, numbers from 0 on."""
    expected = (
        f"Ranking expects of the target {target.name!r} how relevant each row is: whole numbers from 0 on, such as 0 "
        f"for what is not relevant and 1 for what is"
    )
    try:
        task, relevance = target.as_numbers(RANKING)
    except InputError as error:
        raise InputError(
            f"{expected}. {error} Of categories in an order, df[{target.name!r}].cat.codes are such numbers."
        ) from error
    if relevance.min() < 0:
        raise InputError(
            f"{expected}; found {int((relevance < 0).sum())} of {len(relevance)} values below 0, such as "
            f"{relevance.min():g}. Raise them all by {-relevance.min():g}, or set those to 0."
        )
    if relevance.max() > MOST_RELEVANT:
        raise InputError(
            f"{expected}; found values up to {relevance.max():g}, and none above {MOST_RELEVANT:g} are taken, as each "
            f"step doubles what a row counts. Cut counts or prices into a few grades, for example by "
            f"np.digitize(values, [1, 10, 100]), or take their logarithm."
        )
    grades = np.unique(relevance)
    few = tuple(grades.tolist()) if len(grades) <= FEW_GRADES else ()
    return replace(task, offset=0.0, scale=1.0, parts=(Block(target.name, trait=Trait.SCORE, grades=few),)), relevance


def relevant_or_not(target: Array, task: Task) -> Array:  # noqa: ARG001  the same for every ranking
    """Return what rows are dealt to folds by, so that each fold has queries with relevant rows."""
    return np.asarray(target > 0, dtype=np.int64)


def as_pointwise(task: Task) -> Task:
    """Return the task of predicting each row's relevance by itself: whether it is, where there are two grades."""
    if len(task.blocks[0].grades) == 2:
        return Task(TaskKind.BINARY, task.target, task.blocks[0].grades)
    return Task(TaskKind.REGRESSION, task.target)


def lend(request: BuildRequest, build: Callable[[BuildRequest], Learner]) -> PointwiseLearner:
    """Return a learner that orders rows by the relevance that another expects of each."""
    inner = as_pointwise(request.task)
    params = {name: value for name, value in request.params.items() if name != SPREAD}
    return PointwiseLearner(build(BuildRequest(inner, params)), inner, float(request.params.get(SPREAD, 0.0)))


class PointwiseLearner(BorrowedLearner):
    """Scores rows by their expected relevance, or by the probability that they are relevant.

    Scores are divided by how much they vary within a query, which is measured once, on the rows that validate, so that
    those of all models are comparable and a row's score never depends on other rows that are predicted with it.
    """

    def __init__(self, inner: Learner, task: Task, spread: float = 0.0) -> None:
        """Keep the learner; `spread` is that of its scores, 0 where it is to be measured."""
        super().__init__(inner, task)
        self.spread = spread

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Fit the learner, and measure how far its scores spread within a query."""
        super().fit(train, valid, context)
        rows = train if valid is None else valid
        if valid is not None or not self.spread:
            self.spread = 1.0
            self.spread = spread_within(self.predict(rows.features), rows.groups)

    def refit_params(self) -> Mapping[str, Any]:
        """Return what the learner asks for, and the spread."""
        return {**super().refit_params(), SPREAD: self.spread}

    def there(self, target: Array) -> Array:
        """Return whether rows are of the higher of two grades, or their relevance."""
        if not self.task.has_classes:
            return target
        return np.asarray(target > self.task.classes[0], dtype=np.int64)

    def back(self, outputs: Array) -> Array:
        """Return one score a row."""
        return np.asarray(np.asarray(outputs, dtype=np.float64)[:, -1:] / self.spread)


RANKING_TASK = TaskSpec(
    name=RANKING.value,
    take=take_relevance,
    metric="ndcg@10",
    evaluated=("ndcg@10", "mean_average_precision@10", "mrr", "recall@10"),
    strata=relevant_or_not,
    audit=audit_queries,
    loans=(Loan(as_pointwise, lend, beside=True),),
    submits=("values",),
    shows=show_queries,
    needs_groups=True,
    types=recurring_texts,
)


@hookimpl
def automl_tasks() -> list[TaskSpec]:
    """Offer it."""
    return [RANKING_TASK]
