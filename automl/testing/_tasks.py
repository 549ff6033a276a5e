"""The task contract: targets come back, borrowed models give valid outputs and are saved, labels and folds fit."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.plugin_api import (
    Array,
    BuildRequest,
    Column,
    ColumnKind,
    Dataset,
    FitContext,
    Learner,
    Loan,
    MetricSpec,
    ReportTable,
    Schema,
    SklearnLearner,
    Task,
    TaskKind,
    TaskSpec,
    loss_of,
    score_predictions,
)
from automl.registry import discover
from automl.steps.plan.borrow_models import given_tasks
from automl.steps.plan.plan_resampling import as_dealt, stratified
from automl.steps.plan.read_target import ReadTarget
from automl.steps.plan.read_targets import encode_targets, read_targets
from automl.steps.score.decide_first import by_own_decision
from automl.testing._data import make_split
from automl.testing._runner import expect
from automl.testing._several import shown_targets
from automl.testing._shared import check_import_is_light, check_spec_pickles, expect_close, stored_again
from automl.vocabulary.labels import label_array
from automl.vocabulary.outputs import certain_outputs, has_form, valid_outputs

N_ROWS = 200
GROUPS = np.arange(N_ROWS) // 8
"""Of the rows, for a task that is about groups, and for a metric that judges by group."""
TOLERANCE = 1e-3
TARGETS: tuple[tuple[Any, ...], ...] = ((1, 2, 3), (0, 1), (0.5, 1.25, 7.0, 9.5))
"""Values of the targets that a task is shown; the first that it takes is the one that it is checked with."""
OWN = tuple(TaskKind)


def check_declarations(spec: TaskSpec) -> None:
    """The task has a name, and what it takes says that it is of that kind."""
    task, _ = _taken(spec)
    expect(spec.name and spec.metric, "`name` and `metric` are texts; expected both to be given.")
    expect(task.kind is TaskKind(spec.name), f"It takes a target as {task.kind.value!r}; expected {spec.name!r}.")
    for loan in spec.loans:
        for given in given_tasks(loan, task):
            expect(given.kind in OWN, f"It borrows models of {given.kind.value!r}; expected a kind that models do.")


def check_the_target_comes_back(spec: TaskSpec) -> None:
    """What a target is encoded as gives the same values back, and later values are encoded alike."""
    values = _values(spec)
    task, encoded = _taken(spec)
    shape = (N_ROWS, len(task.targets)) if spec.several else (N_ROWS,)
    expect(encoded.shape == shape, f"The target has the shape {encoded.shape}; expected {shape}.")
    if task.classes:
        expect(encoded.dtype == np.int64, f"Class numbers have the type {encoded.dtype}; expected int64.")
    columns = encoded.T if spec.several else [encoded]
    for each, codes in zip(task.targets or (task,), columns, strict=True):
        back = label_array(each.classes)[codes.astype(np.int64)] if each.classes else codes
        given = values[each.target] if spec.several else values
        expect((np.asarray(back) == given.to_numpy()).all(), "The encoded target does not give the values back.")
    expect_close(encode_targets(values, task), encoded, "Later values are encoded in another way.")


def check_every_class_is_decided_where_it_is_certain(spec: TaskSpec) -> None:
    """Outputs that leave no doubt are decided to be that class, in whatever numbers they come."""
    task, _ = _taken(spec)
    if spec.decide is None:
        return
    certain = np.eye(task.n_outputs)
    found = np.asarray(spec.decide(certain, task))
    expect(found.shape == (task.n_outputs,), f"`decide` gives the shape {found.shape}; expected {(task.n_outputs,)}.")
    expect((found == np.arange(task.n_outputs)).all(), f"Certain classes 0, 1, ... are decided to be {found.tolist()}.")
    scaled = np.asarray(spec.decide(3.0 * certain, task))
    expect((scaled == found).all(), "Probabilities that were multiplied by a number alike are decided in another way.")


def check_the_metric_prefers_what_is_right(spec: TaskSpec) -> None:
    """The usual metric is installed, and scores predictions of the target better than those of shuffled rows."""
    task, encoded = _taken(spec)
    known = _known_metrics(spec)
    expect(spec.metric in known, f"The metric {spec.metric!r} is offered by no plugin that is installed.")
    metric = by_own_decision(known[spec.metric], task, spec.decide, spec.decides_by_group)
    expect(task.is_one_of(metric.tasks), f"The metric {spec.metric!r} is not for {task.kind.value}.")
    right = certain_outputs(encoded, task)
    wrong = right[np.random.default_rng(5).permutation(N_ROWS)]
    groups = GROUPS if metric.needs_groups else None
    losses = [loss_of(metric, score_predictions(metric, task, encoded, each, None, groups)) for each in (right, wrong)]
    expect(losses[0] < losses[1], f"{spec.metric} says {losses[0]:.3g} of what is right and {losses[1]:.3g} of noise.")


def check_borrowed_models_give_valid_outputs(spec: TaskSpec) -> None:
    """A model of another task that serves gives finite outputs of the task's form, better than noise."""
    for loan, train, test in _lent(spec):
        found = np.asarray(_fitted(loan, train).predict(test.features))
        wanted = (test.n_rows, train.task.n_outputs)
        expect(found.shape == wanted, f"A borrowed model gives the shape {found.shape}; expected {wanted}.")
        expect(np.isfinite(found).all(), "A borrowed model gives outputs that are not finite.")
        expect(has_form(found, train.task, TOLERANCE), "A borrowed model gives outputs that have not the task's form.")
        close = np.abs(found - valid_outputs(found, train.task)).max()
        expect(close <= TOLERANCE, "A borrowed model gives outputs that have to be mended.")


def check_borrowed_models_are_saved(spec: TaskSpec) -> None:
    """A borrowed model that was saved predicts the same; it is saved without pickle."""
    for loan, train, test in _lent(spec):
        learner = _fitted(loan, train)
        again = stored_again(learner, spec)
        wanted = learner.predict(test.features)
        expect_close(again.predict(test.features), wanted, "A saved borrowed model predicts something else.")


def check_folds_keep_strata(spec: TaskSpec) -> None:
    """Each fold has its share of each stratum: of the class, or of what the task says."""
    dataset = _dataset(spec)
    dealt = as_dealt(dataset, spec)
    if not dealt.task.classes:
        return
    expect(dealt.target.shape == (N_ROWS,), f"Strata have the shape {dealt.target.shape}; expected {(N_ROWS,)}.")
    expect(dealt.target.min() >= 0, f"Strata are whole numbers from 0 on; found {dealt.target.min()}.")
    plan = stratified(dealt, 5, np.random.default_rng(0))
    counts = np.array([np.bincount(dealt.target[fold.valid], minlength=len(dealt.task.classes)) for fold in plan.folds])
    uneven = int((counts.max(axis=0) - counts.min(axis=0)).max())
    expect(uneven <= 1, f"Folds have up to {uneven} rows of a stratum more than others; expected 1 at most.")
    number = np.unique(dataset.target, axis=0, return_inverse=True)[1].ravel()
    same = [len(np.unique(dealt.target[number == each])) for each in np.unique(number)]
    expect(max(same) == 1, "Rows of one and the same target are of different strata.")


def check_tables_of_reports(spec: TaskSpec) -> None:
    """What a task adds to reports are tables whose rows are as wide as their heads, and there are some."""
    if spec.shows is None:
        return
    task, encoded = _taken(spec)
    outputs = certain_outputs(encoded, task)
    shown = list(spec.shows(encoded, outputs, outputs, task, *((GROUPS,) if spec.needs_groups else ())))
    expect(bool(shown), "`shows` yields nothing; expected tables, or None in its place.")
    for table in shown:
        expect(isinstance(table, ReportTable), f"`shows` yields a {type(table).__name__}; expected a ReportTable.")
        wide = {len(row) for row in table.rows} - {len(table.heads)}
        expect(not wide, f"Rows of {table.title!r} have {wide} cells; expected {len(table.heads)}, one for each head.")


CHECKS: tuple[Callable[[TaskSpec], None], ...] = (
    check_spec_pickles,
    check_import_is_light,
    check_declarations,
    check_the_target_comes_back,
    check_every_class_is_decided_where_it_is_certain,
    check_the_metric_prefers_what_is_right,
    check_borrowed_models_give_valid_outputs,
    check_borrowed_models_are_saved,
    check_folds_keep_strata,
    check_tables_of_reports,
)
"""Every check of a task."""


def _column(values: tuple[Any, ...], asked: str) -> ReadTarget:
    shuffled = np.random.default_rng(3).permutation(np.resize(np.asarray(values), N_ROWS))
    return ReadTarget(pd.Series(shuffled, name="target"), "target", asked)


def _values(spec: TaskSpec) -> Any:
    """Return the first of the targets that the task takes, a frame of those of several columns."""
    if spec.several:
        return shown_targets(spec)
    for values in TARGETS:
        column = _column(values, spec.name)
        try:
            spec.take(column)
        except InputError:
            continue
        return column.values
    raise AssertionError(f"It takes none of the targets {TARGETS}; expected it to take whole numbers, or two, or any.")


def _taken(spec: TaskSpec) -> tuple[Task, Array]:
    task, encoded = spec.take(read_targets(_values(spec), "target", spec.name))
    return task, np.asarray(encoded)


def _dataset(spec: TaskSpec) -> Dataset:
    """Return rows of the task with one column of numbers."""
    task, encoded = _taken(spec)
    features = pd.DataFrame({"a": np.asarray(encoded.reshape(len(encoded), -1)[:, 0], dtype=np.float32)})
    return Dataset(features, encoded, Schema((Column("a", ColumnKind.NUMERIC),)), task, np.arange(N_ROWS))


def _known_metrics(spec: TaskSpec) -> dict[str, MetricSpec]:
    """Return the metrics of installed plugins, and of the module that the task is defined in."""
    own = getattr(importlib.import_module(spec.take.__module__), "automl_metrics", list)
    return {**discover().metrics, **{metric.name: metric for metric in own()}}


def _lent(spec: TaskSpec) -> Iterator[tuple[Loan, Dataset, Dataset]]:
    """Yield each way to borrow a model, with rows to learn from and others."""
    task, _ = _taken(spec)
    for loan in spec.loans:
        split = make_split(task, frozenset({ColumnKind.NUMERIC}))
        yield loan, split.train, split.test


def _fitted(loan: Loan, train: Dataset) -> Learner:
    learner = loan.learner(BuildRequest(train.task, {}), _small_tree)
    learner.fit(train, None, FitContext(seed=1))
    return learner


def _small_tree(request: BuildRequest) -> Learner:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeClassifier if request.task.has_classes else DecisionTreeRegressor
    return SklearnLearner(kind(max_depth=3))
