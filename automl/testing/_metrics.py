"""The metric contract: a score that is right at its optimum, falls with quality, and never breaks a fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    Block,
    MetricSpec,
    Task,
    TaskKind,
    Trait,
    decided_by_block,
    loss_of,
    score_predictions,
)
from automl.plugin_api.scoring import given_besides
from automl.registry import discover
from automl.testing._data import TASKS
from automl.testing._runner import expect
from automl.testing._several import beside_each_other, outputs_beside, tasks_of_several
from automl.testing._shared import check_import_is_light, check_spec_pickles, expect_close, unchanged
from automl.vocabulary.labels import label_array

N_ROWS = 120
OWN = frozenset(TaskKind)
NEEDS = ("probabilities", "labels", "values", "outputs")
GROUPS = np.arange(N_ROWS) % 2 + 2 * (np.arange(N_ROWS) // 10)
"""Groups of five rows, all even or all odd, for metrics that judge by group."""
QUERIES = np.arange(N_ROWS) % 2 + 2 * (np.arange(N_ROWS) // 30)
"""Groups of fifteen rows, likewise, for metrics of tasks that are about groups."""
RELEVANCE = (0.0, 0.0, 0.0, 0.0, 1.0, 2.0)
"""What most rows of such a task are: not relevant."""


def check_declarations(spec: MetricSpec) -> None:
    """`needs` is one of three words, and fits the kinds of task."""
    expect(spec.needs in NEEDS, f"needs is {spec.needs!r}; expected one of {', '.join(NEEDS)}.")
    expect(spec.tasks, "`tasks` is empty; expected at least one kind of task.")
    for kind in spec.tasks & OWN:
        fits = (spec.needs != "values") == kind.is_classification
        expect(fits, f"needs={spec.needs!r} does not fit {kind.value}, which it says it can score.")


def check_perfect_predictions_reach_the_optimum(spec: MetricSpec) -> None:
    """Predictions without an error score what the spec calls the optimum."""
    for task in _tasks(spec):
        target = _target(task)
        expect_close(
            _score(spec, task, target, _predict(task, target, 0.0)),
            spec.optimum,
            f"Perfect predictions for {task.kind.value} do not score the optimum, {spec.optimum}.",
            1e-5,
        )


def check_worse_predictions_score_worse(spec: MetricSpec) -> None:
    """The more errors, the worse the score, in the direction of `greater_is_better`."""
    for task in _tasks(spec):
        target = _target(task)
        scores = [_score(spec, task, target, _predict(task, target, error)) for error in (0.0, 0.1, 0.5)]
        losses = [loss_of(spec, score) for score in scores]
        expect(
            losses[0] < losses[1] < losses[2],
            f"Ever worse predictions for {task.kind.value} score {scores}, "
            f"but greater_is_better={spec.greater_is_better}.",
        )


def check_equal_weights_change_nothing(spec: MetricSpec) -> None:
    """Equal weights, of whatever size, score as no weights do."""
    for task in _tasks(spec):
        target = _target(task)
        found = _predict(task, target, 0.2)
        plain, heavy = (_score(spec, task, target, found, weights) for weights in (None, np.full(N_ROWS, 2.0)))
        expect_close(heavy, plain, f"Equal weights change the score for {task.kind.value}.")


def check_weights_count(spec: MetricSpec) -> None:
    """Where the rows with errors weigh little the score is better than where they weigh much."""
    for task in _tasks(spec):
        target = _target(task)
        right = np.arange(N_ROWS) % 2 == 0
        found = np.where(right[:, None], _predict(task, target, 0.0), _predict(task, target, 0.5))
        losses = [
            loss_of(spec, _score(spec, task, target, found, np.where(heavy, 1.0, 0.01))) for heavy in (right, ~right)
        ]
        expect(losses[0] < losses[1], f"The score for {task.kind.value} does not follow the weights of the rows.")


def check_score_is_a_finite_float(spec: MetricSpec) -> None:
    """A score is a finite Python float, or a subclass of it."""
    for task in _tasks(spec):
        target = _target(task)
        score = _raw_score(spec, task, target, _predict(task, target, 0.2))
        expect(isinstance(score, float), f"It returned {type(score).__name__}; expected a float.")
        expect(np.isfinite(score), f"It scored {score} for {task.kind.value}; expected a finite number.")


def check_inputs_stay_unchanged(spec: MetricSpec) -> None:
    """Scoring changes neither target, predictions nor weights."""
    for task in _tasks(spec):
        target = _target(task)
        given = _as_needed(spec, task, _predict(task, target, 0.2))
        if spec.decodes and task.has_classes:
            target = label_array(task.classes)[target]
        weights = np.linspace(0.5, 1.5, N_ROWS)
        groups = _groups(spec).copy()
        with unchanged(target=target, predictions=given, weights=weights, groups=groups):
            spec.score(target, given, weights, *given_besides(spec, task, groups))


def check_poor_folds_do_not_raise(spec: MetricSpec) -> None:
    """A fold with one class, without a class, with a constant target or with one row is scored, if by NaN."""
    for task in _tasks(spec):
        target = _target(task)
        found = _predict(task, target, 0.2)
        first = target if target.ndim == 1 else target[:, 0]
        groups = _groups(spec)
        for label, rows in (("one class or value", first == first[0]), ("no last class", first != first.max())):
            chosen = np.flatnonzero(rows)
            _expect_scored(spec, task, (target[chosen], found[chosen], groups[chosen]), f"a fold with {label}")
        _expect_scored(spec, task, (target[:1], found[:1], groups[:1]), "a fold with one row")
        _expect_scored(spec, task, (np.repeat(target[:1], len(target), axis=0), found, groups), "a constant target")


def check_groups_are_known_by_their_rows_alone(spec: MetricSpec) -> None:
    """A metric that judges by group scores the same whatever the groups' numbers and, mostly, the order of the rows."""
    for task in _tasks(spec) if spec.needs_groups else ():
        target, groups = _target(task), _groups(spec)
        found, order = _predict(task, target, 0.5), np.random.default_rng(17).permutation(N_ROWS)
        score = score_predictions(spec, task, target, found, None, groups)
        renamed = score_predictions(spec, task, target, found, None, 1000 - 7 * groups)
        moved = score_predictions(spec, task, target[order], found[order], None, groups[order])
        expect_close(renamed, score, f"Other numbers for the groups change the score for {task.kind.value}.")
        if not _counts_in_order(task):
            expect_close(moved, score, f"Another order of the rows changes the score for {task.kind.value}.")
        mixed = (np.minimum(groups[order], most) for most in range(1, 4))
        others = [score_predictions(spec, task, target, found, None, each) for each in mixed]
        counts = any(other != score for other in others)
        expect(counts, f"Rows put into other groups score the same for {task.kind.value}: groups do not count.")


CHECKS: tuple[Callable[[MetricSpec], None], ...] = (
    check_spec_pickles, check_import_is_light, check_declarations, check_perfect_predictions_reach_the_optimum,
    check_worse_predictions_score_worse, check_equal_weights_change_nothing, check_weights_count,
    check_score_is_a_finite_float, check_inputs_stay_unchanged, check_poor_folds_do_not_raise,
    check_groups_are_known_by_their_rows_alone,
)  # fmt: skip
"""Every check of a metric."""


def _tasks(spec: MetricSpec) -> list[Task]:
    """Return the tasks to be scored; for one of another kind what has such outputs: values, or classes in an order."""
    several = tasks_of_several(spec.tasks)
    own = [*(task for kind, task in TASKS.items() if kind in spec.tasks), *several]
    known = OWN | {task.kind for task in several}
    others = [kind for kind in spec.tasks if kind not in known and spec.needs != "outputs"]
    like = TASKS[TaskKind.REGRESSION if spec.needs == "values" else TaskKind.MULTICLASS]
    if spec.needs_groups and spec.needs == "values":
        like = replace(like, parts=(Block(like.target, trait=Trait.SCORE),))
    return [*own, *(replace(like, kind=kind) for kind in sorted(others, key=lambda kind: kind.value))]


def _ranks(task: Task) -> bool:
    return task.kind not in OWN and any(block.trait is Trait.SCORE for block in task.parts)


def _groups(spec: MetricSpec) -> Array:
    return QUERIES if any(_ranks(task) for task in _tasks(spec)) else GROUPS


def _counts_in_order(task: Task) -> bool:
    """Tell whether the rows of a group come in an order that counts, as the words of a sentence do."""
    spec = discover().tasks.get(task.kind.value)
    return spec is not None and spec.decides_by_group


def _target(task: Task, turn: int = 0) -> Array:
    """Return a target: classes of unequal size, values from 1 to 10, or relevances, most of them 0."""
    rng = np.random.default_rng(11 + turn)
    if task.targets:
        return beside_each_other(task, lambda number, each: _target(each, number))
    if _ranks(task):
        return rng.choice(RELEVANCE, N_ROWS)
    if not task.has_classes:
        return rng.uniform(1.0, 10.0, N_ROWS)
    shares = np.linspace(2.0, 1.0, len(task.classes))
    return rng.choice(len(task.classes), N_ROWS, p=shares / shares.sum()).astype(np.int64)


def _predict(task: Task, target: Array, error: float) -> Array:
    """Return `(n_rows, n_outputs)` predictions: perfect where `error` is 0, else wrong for about that share of rows.

    The rows that are wrong for a smaller error are wrong for a larger one, too.
    """
    rng = np.random.default_rng(13)
    if task.targets:
        return outputs_beside(task, lambda number, each: _predict(each, _of_target(target, number, each), error))
    if _ranks(task):
        return np.asarray(target + 16.0 * error * rng.normal(size=len(target)))[:, None]
    if not task.has_classes:
        return np.asarray(target * np.exp(error * rng.normal(size=len(target))))[:, None]
    wrong = rng.random(len(target)) < error
    shift = rng.integers(1, task.n_outputs, len(target))
    said = np.where(wrong, (target + shift) % task.n_outputs, target)
    sure = np.eye(task.n_outputs)[said]
    doubt = rng.uniform(0.0, 0.8, (len(target), 1)) * min(1.0, 4.0 * error)
    return np.asarray((1.0 - doubt) * sure + doubt / task.n_outputs)


def _of_target(target: Array, number: int, task: Task) -> Array:
    return target[:, number].astype(np.int64) if task.has_classes else target[:, number]


def _score(spec: MetricSpec, task: Task, target: Array, found: Array, weights: Array | None = None) -> float:
    return score_predictions(spec, task, target, found, weights, _groups(spec)[: len(target)])


def _raw_score(spec: MetricSpec, task: Task, target: Array, found: Array) -> Any:
    """Return what the metric itself returns, which the engine would turn into a float."""
    labels = label_array(task.classes) if spec.decodes and task.has_classes else None
    given = _as_needed(spec, task, found)
    besides = given_besides(spec, task, _groups(spec))
    return spec.score(target if labels is None else labels[target], given, None, *besides)


def _as_needed(spec: MetricSpec, task: Task, found: Array) -> Array:
    if task.targets:
        return found.copy() if spec.needs == "outputs" else decided_by_block(found, task)
    if spec.needs == "values":
        return np.array(found[:, 0])
    if spec.needs == "probabilities":
        return found.copy()
    said = found.argmax(axis=1)
    return np.asarray(label_array(task.classes)[said] if spec.decodes else said)


def _expect_scored(spec: MetricSpec, task: Task, rows: tuple[Array, Array, Array], what: str) -> None:
    """`rows` holds their targets, predictions and groups."""
    target, found, groups = rows
    try:
        score_predictions(spec, task, target, found, None, groups)
    except Exception as error:
        message = f"Scoring {what} ({task.kind.value}) raised {type(error).__name__}: {error}; return NaN instead."
        raise AssertionError(message) from error
