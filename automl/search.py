"""run_search: the main path of a search, from a table to a scored ensemble. Read this first.

Each step is a verb in `automl/steps/`, named after what it does, in the order in which this file calls it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import OptionError, SearchError, unknown_name
from automl.plugin_api.protocols import Executor
from automl.plugin_api.specs import EnsemblerSpec, ExecutorRequest, MetricSpec, ModelSpec
from automl.predictor import Predictor
from automl.registry import Registry
from automl.steps.assign_resources import Assignment, assign_resources, finish_seconds
from automl.steps.build_ensemble import Ensemble, allowed_ensemblers, build_ensemble
from automl.steps.build_strategy import strategy_builder
from automl.steps.choose_metric import choose_metric
from automl.steps.choose_models import check_model_names, choose_models, suit_columns
from automl.steps.collect_out_of_fold import Judge, out_of_fold
from automl.steps.encode_table import encode_table
from automl.steps.find_gpus import find_gpus
from automl.steps.fit_first import fit_first
from automl.steps.fit_fold import forget_datasets
from automl.steps.gather_members import gather_members
from automl.steps.gather_readable import gather_readable
from automl.steps.infer_task import infer_task
from automl.steps.keep_process import kept_process
from automl.steps.limit_prediction_time import Limited, limit_prediction_time
from automl.steps.look_over import LookedOver, look_over
from automl.steps.plan_resampling import plan_resampling, sortable_time
from automl.steps.read_images import image_findings, image_reader
from automl.steps.refit_members import Refitted, refit_members, refit_seconds
from automl.steps.resample_scores import Judge as RowsJudge
from automl.steps.run_jobs import Slots
from automl.steps.select_candidates import select_candidates
from automl.steps.start_trackers import check_trackers, start_trackers
from automl.steps.store_dataset import store_dataset
from automl.steps.take_table import Extras, TakenTable, take_table
from automl.steps.trials import Surroundings, Trials
from automl.steps.try_candidates import shared_slots, try_by_count, try_by_time
from automl.steps.tune_decision import Decision, tune_decision
from automl.steps.type_columns import type_columns
from automl.steps.warm_up import warm_up
from automl.steps.watch_memory import MemoryWatch
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.events import EnsembleBuilt, SearchFinished, SearchStarted, TableAudited, TrialsFinished
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import CandidateResult, Failure
from automl.vocabulary.schema import ColumnKind, Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.task import Task

INTERRUPTED = "interrupted by the user"
SECONDS_AFTER_INTERRUPT = 3.0
"""Time for the ensemble once the user has interrupted the search."""
FEATURES_OF_IMAGE = 150
"""Numbers that models which take no images get for each, for estimating what they cost."""
LOAD_SECONDS_PER_MB = 0.002
"""Time to read and unpickle a megabyte of a fitted member, kept free at the end."""


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What a search gives back."""

    predictor: Predictor
    ensemble: Ensemble
    results: tuple[CandidateResult, ...]
    failures: tuple[Failure, ...]
    metric: MetricSpec
    schema: Schema
    plan: ResamplingPlan
    reason: str
    notes: tuple[str, ...]
    cross_fitted: Array
    """`(n_covered, n_outputs)`: the ensemble's own out-of-fold predictions, each row by weights chosen without it."""
    looked_over: LookedOver
    covered: Array
    """`(n_covered,)`: the row numbers that `cross_fitted` is for, among the rows that have a target."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A checked table with its task, metric, models and folds; all that can be refused has been."""

    table: TakenTable
    task: Task
    target: Array
    metric: MetricSpec
    models: Mapping[str, ModelSpec]
    ensemblers: tuple[EnsemblerSpec, ...]
    plan: ResamplingPlan
    left_out: tuple[Failure, ...]


def run_search(
    data: Any, target: Any, extras: Extras, settings: SearchSettings, registry: Registry, clock: Deadline
) -> SearchOutcome:
    """Search for the best ensemble inside the time limit; `clock` was started when the user called."""
    understood = understand(data, target, extras, settings, registry)
    try:
        start_trackers(settings.track, registry)
        with kept_process():
            outcome = _search(understood, settings, registry, clock)
    except BaseException as error:
        registry.tell(SearchFinished(clock.elapsed(), f"it failed: {type(error).__name__}", 0, float("nan")))
        raise
    score = outcome.ensemble.score
    registry.tell(SearchFinished(clock.elapsed(), outcome.reason, len(outcome.results), score))
    return outcome


def _search(understood: Understood, settings: SearchSettings, registry: Registry, clock: Deadline) -> SearchOutcome:
    """Type, store, try candidates and combine them."""
    gpus = find_gpus() if any(spec.gpu for spec in understood.models.values()) else ()
    with working_folder(settings) as folder, running_executor(settings, registry, gpus) as (executor, assignment):
        schema = type_columns(understood.table.features, registry)
        models, left_out = suit_columns(understood.models, schema, settings)
        understood = replace(understood, models=models, left_out=(*understood.left_out, *left_out))
        table = understood.table
        images = image_reader(settings, clock, folder / "data")
        features = encode_table(table.features, schema, images)
        dataset = _dataset(table, features, schema, understood.task, understood.target)
        judge = Judge(understood.metric, understood.task, dataset.target, dataset.weights, understood.plan)
        n_started = assignment.n_slots
        assignment = assign_resources(settings, registry.executors[settings.executor], dataset, assignment.gpus)
        around = Surroundings(
            settings=settings,
            models=understood.models,
            preprocessors=registry.preprocessors,
            schema=schema,
            stored=store_dataset(dataset, understood.plan, folder / "data", images.files),
            judge=judge,
            n_features=max(1, dataset.n_features + FEATURES_OF_IMAGE * len(schema.of_kind(ColumnKind.IMAGE))),
            folder=str(folder),
            threads=assignment.threads,
            n_slots=assignment.n_slots,
            cache_mb=assignment.cache_mb,
            memory_mb=assignment.memory_mb,
            emit=registry.tell,
            elapsed=clock.elapsed,
            n_gpus=len(assignment.gpus),
        )
        registry.tell(_started(around, clock))
        looked_over = look_over(table, dataset, judge.plan, settings, image_findings(images, schema))
        registry.tell(TableAudited(clock.elapsed(), looked_over.findings))
        trials = Trials(around, strategy_builder(around, registry))
        shared = shared_slots(settings.time_limit, assignment.n_slots)
        watch = MemoryWatch(settings.memory_limit_mb)
        slots = Slots(executor, assignment.n_slots, shared, watch, assignment.gpus, n_started)
        reason = _try_candidates(trials, slots, registry, clock)
        registry.tell(TrialsFinished(clock.elapsed(), reason))
        if reason == INTERRUPTED:
            clock = clock.within(SECONDS_AFTER_INTERRUPT)
        return _finish(trials, slots, dataset, understood, registry, clock, reason, looked_over)


def understand(data: Any, target: Any, extras: Extras, settings: SearchSettings, registry: Registry) -> Understood:
    """Take the table and everything that was asked for; whatever cannot be done is refused here, before any worker."""
    check_model_names(settings, registry.models)
    check_trackers(settings.track, registry.trackers)
    for what, name, known in (
        ("search strategy", settings.strategy, registry.strategies),
        ("executor", settings.executor, registry.executors),
    ):
        if name not in known:
            raise OptionError(unknown_name(what, name, known))
    table = take_table(data, target, extras)
    task, encoded = infer_task(table.target, table.target_name, settings.task, registry)
    metric = choose_metric(settings.metric, task, registry.metrics)
    ensemblers = allowed_ensemblers(settings.ensemble, tuple(registry.ensemblers.values()), task)
    models, left_out = choose_models(settings, task, registry.models)
    raw = _dataset(table, table.features, Schema(()), task, encoded)
    plan = plan_resampling(raw, settings, registry, _time(table), table.kept)
    return Understood(table, task, encoded, metric, models, tuple(ensemblers), plan, tuple(left_out))


def _try_candidates(trials: Trials, slots: Slots, registry: Registry, clock: Deadline) -> str:
    """Fit candidates until time or count ends, or the user interrupts; return why it ended."""
    settings, judge = trials.around.settings, trials.around.judge

    def stop() -> bool:
        return bool(registry.decide("automl_should_stop", progress=trials.progress()))

    try:
        fit_first(trials)
        if settings.time_limit is None:
            return try_by_count(trials, slots, stop)
        reserve = finish_seconds(settings.time_limit, len(judge.target), judge.task.n_outputs)
        reserve += refit_seconds(settings.time_limit, settings.refit)
        return try_by_time(trials, slots, clock.earlier(reserve), stop)
    except KeyboardInterrupt:
        slots.kill_all("interrupted")
        return INTERRUPTED
    finally:
        trials.close_all()


def _finish(
    trials: Trials,
    slots: Slots,
    dataset: Dataset,
    understood: Understood,
    registry: Registry,
    clock: Deadline,
    reason: str,
    looked_over: LookedOver,
) -> SearchOutcome:
    """Build the ensemble over the out-of-fold predictions and load its members."""
    judge, settings = trials.around.judge, trials.around.settings
    selected, n_folds = select_candidates(trials.results, dataset.n_rows, judge.plan.n_folds)
    if not selected:
        raise SearchError(_nothing_usable(trials, reason))
    predictions, rows = out_of_fold(selected, judge, n_folds)
    load = 0.1 + LOAD_SECONDS_PER_MB * _megabytes(selected)
    refit = settings.refit and reason != INTERRUPTED
    until = clock.earlier(load + refit_seconds(settings.time_limit, refit))

    def combine(positions: Sequence[int], share: float = 1.0) -> Ensemble:
        ensemblers = understood.ensemblers if len(positions) > 1 else ()  # else there is nothing to combine
        deadline = until if share == 1.0 else until.within(share * until.left())
        return _combine(predictions[list(positions)], rows, ensemblers, dataset, judge, settings.random_state, deadline)

    limit = settings.predict_time_limit
    limited = Limited(tuple(range(len(selected))), combine(range(len(selected)), 1.0 if limit is None else 0.5))
    if limit is not None:
        limited = limit_prediction_time(selected, limited.ensemble, judge.plan, limit, combine)
    limited, members = gather_readable(selected, limited, combine)
    selected, ensemble = [selected[position] for position in limited.kept], limited.ensemble
    decision = _decide(judge, dataset, ensemble, rows, settings.random_state, until)
    if decision is not None:
        ensemble = replace(ensemble, score=decision.score, interval=decision.interval)
    refitted = refit_members(selected, ensemble.weights, trials, slots, clock.earlier(load)) if refit else Refitted()
    if refitted.members:
        members = gather_members(selected, ensemble.weights, refitted.members)
    notes = (*understood.table.notes, *limited.notes)
    if refit:
        notes = (*notes, refitted.note(len(members), dataset.n_rows))
    registry.tell(EnsembleBuilt(clock.elapsed(), ensemble.kind, ensemble.score, ensemble.interval, len(members)))
    spec = registry.ensemblers.get(ensemble.kind)
    predictor = Predictor(
        schema=dataset.schema,
        task=judge.task,
        members=members,
        combiner=ensemble.combiner,
        n_positions=len(selected),
        wants_features=spec is not None and spec.uses_features,
        factors=None if decision is None else decision.factors,
    )
    return SearchOutcome(
        predictor=predictor,
        ensemble=ensemble,
        results=tuple(trials.results),
        failures=(
            *registry.failures,
            *understood.left_out,
            *trials.failures,
            *ensemble.failures,
            *limited.failures,
            *refitted.failures,
        ),
        metric=judge.metric,
        schema=dataset.schema,
        plan=judge.plan,
        reason=reason,
        notes=notes,
        cross_fitted=ensemble.cross_fitted,
        covered=rows,
        looked_over=looked_over,
    )


def _combine(
    predictions: Array,
    rows: Rows,
    ensemblers: Sequence[EnsemblerSpec],
    dataset: Dataset,
    judge: Judge,
    seed: int,
    deadline: Deadline,
) -> Ensemble:
    """Build the ensemble of some candidates over the rows that they cover."""
    wants_features = any(spec.uses_features for spec in ensemblers)
    return build_ensemble(
        predictions=predictions,
        target=dataset.target[rows],
        weights=None if dataset.weights is None else dataset.weights[rows],
        groups=None if dataset.groups is None else dataset.groups[rows],
        metric=judge.metric,
        task=judge.task,
        ensemblers=ensemblers,
        features=dataset.features.iloc[rows] if wants_features else None,
        seed=seed,
        deadline=deadline,
    )


def _decide(
    judge: Judge, dataset: Dataset, ensemble: Ensemble, rows: Rows, seed: int, clock: Deadline
) -> Decision | None:
    """Tune how labels are decided from probabilities, where the metric sees labels; on cross-fitted rows alone."""
    if not ensemble.considered:  # its predictions are of the rows that it was fitted on
        return None
    weights = None if dataset.weights is None else dataset.weights[rows]
    groups = None if dataset.groups is None else dataset.groups[rows]
    rows_judge = RowsJudge(judge.metric, judge.task, dataset.target[rows], weights, groups)
    return tune_decision(rows_judge, ensemble.cross_fitted, seed, clock)


def _megabytes(selected: Sequence[CandidateResult]) -> float:
    return sum(fold.member_mb for result in selected for fold in result.folds)


def _dataset(table: TakenTable, features: pd.DataFrame, schema: Schema, task: Task, target: Array) -> Dataset:
    return Dataset(
        features=features,
        target=target,
        schema=schema,
        task=task,
        rows=np.arange(len(features)),
        weights=table.weights,
        groups=table.groups,
    )


def _time(table: TakenTable) -> Array | None:
    return None if table.time is None else sortable_time(table.time)


def _started(around: Surroundings, clock: Deadline) -> SearchStarted:
    settings, judge = around.settings, around.judge
    return SearchStarted(
        elapsed=clock.elapsed(),
        task=judge.task,
        schema=around.schema,
        n_rows=len(judge.target),
        plan=judge.plan.description,
        n_folds=judge.plan.n_folds,
        metric=judge.metric.name,
        greater_is_better=judge.metric.greater_is_better,
        models=tuple(around.models),
        n_slots=around.n_slots,
        time_limit=settings.time_limit,
        max_trials=settings.max_trials,
        verbose=settings.verbose,
    )


def _nothing_usable(trials: Trials, reason: str) -> str:
    broken = [failure for failure in trials.failures if failure.traceback] or trials.failures
    first = f" The first failure was in {broken[0].model}: {broken[0].cause}\n{broken[0].traceback}" if broken else ""
    return f"No model was fitted: {reason}. Allow more time, more models, or see the cause below.{first}"


@contextmanager
def working_folder(settings: SearchSettings) -> Iterator[Path]:
    """Give a folder for the stored table and the fitted members; it is removed at the end."""
    if settings.path is not None:
        Path(settings.path).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="automl-", dir=settings.path)).absolute()
    try:
        yield folder
    finally:
        forget_datasets()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_executor(
    settings: SearchSettings, registry: Registry, gpus: tuple[str, ...] = ()
) -> Iterator[tuple[Executor, Assignment]]:
    """Bring up the slots, whose imports run while the table is typed; all are gone at the end."""
    spec = registry.executors[settings.executor]
    assignment = assign_resources(settings, spec, gpus=gpus)
    request = ExecutorRequest(assignment.n_slots, assignment.threads, warm_up, assignment.gpus)
    executor = spec.build(request)
    try:
        executor.start()
        yield executor, assignment
    finally:
        executor.close()
