"""Understand: take the table and everything that was asked for; whatever cannot be done is refused here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, OptionError, unknown_name
from automl.fleet.find_executor import find_executor
from automl.plugin_api.scoring import check_groups, given_besides
from automl.plugin_api.specs import EnsemblerSpec, MetricSpec, ModelSpec, PreprocessorSpec, TaskSpec
from automl.steps.plan.choose_ensemblers import allowed_ensemblers
from automl.steps.plan.choose_metric import metric_to_optimise
from automl.steps.plan.choose_models import check_model_names, choose_models
from automl.steps.plan.describe_classes import describe_classes, with_described_rows
from automl.steps.plan.find_ends import with_ends
from automl.steps.plan.find_missing import at_hand
from automl.steps.plan.given import Given, Search
from automl.steps.plan.infer_task import check_task_name, infer_task
from automl.steps.plan.options import OPTIONS
from automl.steps.plan.plan_resampling import plan_resampling, sortable_time
from automl.steps.plan.spread_given import spread_given
from automl.steps.plan.start_trackers import check_trackers
from automl.steps.plan.task_by_metric import task_by_metric
from automl.table.columns.type_columns import read_strings
from automl.table.readings.find_readings import sign_of
from automl.table.take_table import TakenTable, take_table
from automl.vocabulary.arrays import Array
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.outputs import certain_outputs
from automl.vocabulary.readings import Asked, Reading
from automl.vocabulary.results import Failure
from automl.vocabulary.schema import Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.task import Task


@dataclass(frozen=True, slots=True)
class Understood:
    """A checked table with its task, metric, models and folds; all that can be refused has been."""

    table: TakenTable
    task: Task
    asks: TaskSpec
    """What the plugin that offers the task says of it."""
    target: Array
    metric: MetricSpec
    models: Mapping[str, ModelSpec]
    preprocessors: Mapping[str, PreprocessorSpec]
    ensemblers: tuple[EnsemblerSpec, ...]
    plan: ResamplingPlan
    left_out: tuple[Failure, ...]
    readings: Mapping[str, Reading]
    """How the columns of strings are read."""
    named_task: str | None = None
    """The task, or family of tasks, that the user has named or that the metric is for; None where the values tell."""


def understand(given: Given, search: Search) -> Understood:
    """Take the table and everything that was asked for; whatever cannot be done is refused here, before any worker."""
    settings, registry = search.settings, search.registry
    check_model_names(settings, registry.models)
    check_trackers(settings.track, registry.trackers)
    check_task_name(settings.task, registry)
    if settings.strategy not in registry.strategies:
        raise OptionError(unknown_name("search strategy", settings.strategy, registry.strategies))
    find_executor(registry, settings.executor)
    named = registry.tasks.get(settings.task or "")
    given, told = spread_given(given, named, settings)
    table = take_table(given.data, given.target, given.extras, None if named is None else named.widen)
    table = replace(table, findings=(*told, *table.findings))
    readings, sign = _readings(table, settings.asked)
    for name, _ in settings.columns:
        if name not in table.features.columns:
            raise OptionError(unknown_name("column in the option columns", name, table.features.columns))
    task, encoded, named_task = _task_and_target(table, search, sign)
    by_metric = "" if named_task == settings.task else str(getattr(settings.metric, "name", settings.metric))
    table = _told_by_metric(table, task, by_metric)
    time = _time(table, readings)
    asks = registry.task_spec(task.kind)
    task = with_ends(_by_groups(task, asks, table, by_metric), encoded, table.groups, time)
    metric = metric_to_optimise(_wanted_metric(settings.metric, asks, task), task, registry.metrics)
    check_groups(metric, table.groups)
    _check_scorable(metric, task, encoded, table.groups)
    allowed = allowed_ensemblers(settings.ensemble, tuple(registry.ensemblers.values()), task)
    models, left_out = choose_models(settings, task, registry.models, asks.loans)
    preprocessors, no_preprocessors = at_hand(registry.preprocessors.values())
    ensemblers, no_ensemblers = at_hand(allowed)
    raw = dataset_of(table, table.features, Schema(()), task, encoded)
    plan = plan_resampling(raw, settings, registry, time, table.kept)
    return Understood(
        table=table,
        task=task,
        asks=asks,
        target=encoded,
        metric=metric,
        models=models,
        preprocessors=preprocessors,
        ensemblers=tuple(ensemblers.values()),
        plan=plan,
        left_out=(*left_out, *no_preprocessors, *no_ensemblers),
        readings=readings,
        named_task=named_task,
    )


def _task_and_target(table: TakenTable, search: Search, sign: str) -> tuple[Task, Array, str | None]:
    """Return the task, the target as it takes it, and what names it: the user, else the metric, else nothing does."""
    settings, registry = search.settings, search.registry
    rows = with_described_rows(table.target, settings.label_texts)
    options = {name: value for name, value in task_options(settings).items() if value is not None}
    named_task, first = settings.task, options if settings.task else {}  # else they may be for what the metric names
    task, encoded = infer_task(rows, table.target_name, named_task, registry, sign, first)
    if not named_task:
        named_task = task_by_metric(settings.metric, task, rows, registry)
        if named_task or options:
            task, encoded = infer_task(rows, table.target_name, named_task, registry, sign, options)
    return describe_classes(task, settings.label_texts), encoded[: len(table.target)], named_task


def _told_by_metric(table: TakenTable, task: Task, by_metric: str) -> TakenTable:
    """Return the table with what is told where its target's values alone would have made another task of it."""
    if not by_metric:
        return table
    done = f"taken for a {task.kind.value} task, as the metric {by_metric!r} is for it"
    found = "the values may be numbers or classes"
    told = Finding(Severity.NOTE, "target", task.target, found, done, "Pass task= to say it yourself.")
    return replace(table, findings=(*table.findings, told))


def task_options(settings: SearchSettings) -> dict[str, Any]:
    """Return what was given for the options that are for single tasks."""
    return {name: getattr(settings, option.field) for name, option in OPTIONS.items() if option.of_task}


def _by_groups(task: Task, asks: TaskSpec, table: TakenTable, by_metric: str) -> Task:
    """Return the task with the column of its groups, where it is about groups; refuse a table without them."""
    if not asks.needs_groups:
        return task
    if table.groups is None:
        named = f"the task {asks.name!r}" + (f" of the metric {by_metric!r}" if by_metric else "")
        raise OptionError(
            f"Found no groups; expected them, as {named} is about rows that belong together, such as the candidates "
            f"of a query or the words of a sentence. Pass groups=, the name of a column or an array that says which "
            f"group each row is of, or choose another {'metric' if by_metric else 'task'}."
        )
    if asks.widen is not None and not table.grouped_by:
        raise OptionError(
            f"Found groups as an array; expected the name of a column, as the task {asks.name!r} has to know the "
            f"groups of rows that are predicted, too. Make it a column, and pass its name as groups=."
        )
    return replace(task, grouped_by=table.grouped_by)


def _wanted_metric(wanted: Any, asks: TaskSpec, task: Task) -> Any:
    """Return the metric that was asked for, else the one that is usual for the task."""
    if wanted is not None:
        return wanted
    return asks.metric if asks.metric_of is None else asks.metric_of(task)


def _check_scorable(metric: MetricSpec, task: Task, target: Array, groups: Array | None) -> None:
    """Refuse values that a metric can score no prediction of, such as negative ones for a logarithm."""
    if task.has_classes:
        return
    try:
        certain = certain_outputs(target, task) if metric.needs == "outputs" else target
        metric.score(target, certain, None, *given_besides(metric, task, groups))
    except ValueError as error:
        raise InputError(f"The metric {metric.name!r} cannot score the target {task.target!r}: {error}") from error
    except Exception:
        return  # a metric of the user's that does not stand perfect predictions: each fit will tell


def dataset_of(table: TakenTable, features: pd.DataFrame, schema: Schema, task: Task, target: Array) -> Dataset:
    """Return a checked table as a dataset; `features` are its columns, as they came or as they are stored."""
    return Dataset(
        features=features,
        target=target,
        schema=schema,
        task=task,
        rows=np.arange(len(features)),
        weights=table.weights,
        groups=table.groups,
    )


def _readings(table: TakenTable, asked: Asked) -> tuple[dict[str, Reading], str]:
    """Return how the columns are read, and the decimal sign of a target whose numbers could be read in two ways."""
    decimal = {name: sign for name, sign in asked.decimal.items() if name != table.target_name}
    readings = read_strings(table.features, replace(asked, decimal=decimal))
    said = asked.decimal.get(table.target_name, asked.decimal.get("", ""))
    return readings, said or sign_of(readings)


def _time(table: TakenTable, readings: Mapping[str, Reading]) -> Array | None:
    """Return the time of each row, read as models see it."""
    return None if table.time is None else sortable_time(table.time, readings.get(str(table.time.name)))
