"""run_search: the main path of a search, from a table to a scored ensemble. Read this first.

Each step is a verb in `automl/steps/`, named after what it does, in the order in which this file calls it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from automl.aside import HOOK_SECONDS
from automl.errors import SearchError
from automl.fitted.member import Member
from automl.machine.find_gpus import find_gpus
from automl.machine.keep_process import kept_process
from automl.machine.watch_memory import MemoryWatch
from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.registry import Registry
from automl.steps.audit.look_over import LookedOver, look_over
from automl.steps.ensemble.build_ensemble import Ensemble
from automl.steps.ensemble.collect_out_of_fold import out_of_fold
from automl.steps.ensemble.combine_candidates import combine_candidates, decide_labels
from automl.steps.ensemble.compare_generations import compare_generations
from automl.steps.ensemble.gather_readable import gather_readable
from automl.steps.ensemble.limit_prediction_time import Limited, limit_prediction_time
from automl.steps.ensemble.refit_members import BeforeRefit, refit_seconds, wants_refit
from automl.steps.ensemble.renew_members import renew_members
from automl.steps.ensemble.select_candidates import select_candidates
from automl.steps.plan.check_labels import check_labels
from automl.steps.plan.choose_models import suit_columns
from automl.steps.plan.start_trackers import start_trackers
from automl.steps.plan.understand import Understood, dataset_of, understand
from automl.steps.resume.describe_run import describe_run, limits_of
from automl.steps.resume.keep_run import DATA, Run, has_finished, store_in
from automl.steps.resume.log_folds import FoldLog
from automl.steps.resume.remember_fits import RememberingExecutor
from automl.steps.review.look_back import look_back
from automl.steps.review.note_run import breaks_repeatability, doubts_of, note_run
from automl.steps.score.judge import Judge
from automl.steps.trials.assign_resources import assign_resources, finish_seconds
from automl.steps.trials.bring_up import running_executor, working_folder
from automl.steps.trials.build_strategy import strategy_builder
from automl.steps.trials.find_running import find_running
from automl.steps.trials.fit_first import fit_first
from automl.steps.trials.run_jobs import Slots
from automl.steps.trials.surroundings import Surroundings
from automl.steps.trials.take_over import take_over
from automl.steps.trials.trials import Trials
from automl.steps.trials.try_candidates import shared_slots, try_by_count, try_by_time
from automl.table.columns.count_words import count_words
from automl.table.columns.encode_table import encode_table
from automl.table.columns.note_columns import column_notes
from automl.table.columns.type_columns import type_columns
from automl.table.files.read_images import image_findings, image_reader
from automl.table.readings.note_readings import note_readings
from automl.table.take_table import Extras
from automl.vocabulary.arrays import Array, with_usual_errors
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.events import (
    EnsembleBuilt,
    SearchFinished,
    SearchResumed,
    SearchStarted,
    TableAudited,
    TrialsFinished,
)
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import CandidateResult, Failure
from automl.vocabulary.review import Looked
from automl.vocabulary.schema import ColumnKind, Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.states import Ended

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
    reason: Ended
    notes: tuple[str, ...]
    cross_fitted: Array
    """`(n_covered, n_outputs)`: the ensemble's own out-of-fold predictions, each row by weights chosen without it."""
    looked_over: LookedOver
    covered: Array
    """`(n_covered,)`: the row numbers that `cross_fitted` is for, among the rows that have a target."""
    looked_back: Looked
    """What a report will need of the predictions and the rows."""
    unrepeatable: tuple[str, ...] = ()
    """Why the same call may give another result."""
    run: Run | None = None
    """The folder that the search went on in, which still has all that it needs to go on there again."""


@with_usual_errors
def run_search(
    data: Any, target: Any, extras: Extras, settings: SearchSettings, registry: Registry, clock: Deadline
) -> SearchOutcome | Run:
    """Search for the best ensemble inside the time limit; `clock` was started when the user called.

    Where the same search has finished in the folder that the settings name, that folder's `Run` is all that comes back.
    """
    registry.aside.seconds = math.inf if settings.time_limit is None else HOOK_SECONDS
    with closing(registry.aside):
        return _run_search(understand(data, target, extras, settings, registry), settings, registry, clock)


def _run_search(
    understood: Understood, settings: SearchSettings, registry: Registry, clock: Deadline
) -> SearchOutcome | Run:
    """Go on where a run stands, or search; the watchers are told how it ended."""
    run = None if settings.path is None else _place(understood, settings, registry)
    if run is not None and has_finished(run):
        return run
    try:
        start_trackers(settings.track, registry)
        with kept_process():
            outcome = _search(understood, settings, registry, clock, run)
    except BaseException as error:
        name = type(error).__name__
        registry.tell(SearchFinished(clock.elapsed(), f"it failed: {name}", 0, float("nan"), name))
        raise
    score = outcome.ensemble.score
    registry.tell(SearchFinished(clock.elapsed(), outcome.reason, len(outcome.results), score))
    return outcome


def _search(
    understood: Understood, settings: SearchSettings, registry: Registry, clock: Deadline, run: Run | None
) -> SearchOutcome:
    """Type, store, try candidates and combine them."""
    gpus = find_gpus() if any(spec.gpu for spec in understood.models.values()) else ()
    with working_folder(run) as folder, running_executor(settings, registry, folder, gpus) as (executor, assignment):
        schema = type_columns(understood.table.features, registry, understood.readings, dict(settings.columns))
        table = understood.table
        images = image_reader(settings, clock, folder / DATA)
        features = encode_table(table.features, schema, images)
        words = count_words(features, schema)
        models, left_out = suit_columns(understood.models, schema, settings, registry.pretrained.values(), words)
        understood = replace(understood, models=models, left_out=(*understood.left_out, *left_out))
        dataset = dataset_of(table, features, schema, understood.task, understood.target)
        judge = Judge(understood.metric, understood.task, dataset.target, dataset.weights, understood.plan)
        n_started, note = assignment.n_slots, assignment.note
        assignment = assign_resources(settings, assignment.executor, dataset, assignment.gpus)
        around = Surroundings(
            settings=settings,
            models=understood.models,
            preprocessors=understood.preprocessors,
            schema=schema,
            stored=store_in(folder, dataset, understood.plan, images.files),
            judge=judge,
            n_features=max(1, dataset.n_features + FEATURES_OF_IMAGE * len(schema.of_kind(ColumnKind.IMAGE))),
            folder=str(folder),
            threads=assignment.threads,
            n_slots=assignment.n_slots,
            cache_mb=assignment.cache_mb,
            memory_mb=assignment.memory_mb,
            emit=registry.tell,
            elapsed=clock.elapsed,
            aside=registry.aside,
            n_gpus=len(assignment.gpus),
            words=words,
            running=find_running(dataset, judge.plan),
            log=None if run is None else FoldLog(folder),
            notes=(note,) if note else (),
        )
        registry.tell(_started(around, clock))
        if around.log is not None and len(around.log):
            registry.tell(SearchResumed(clock.elapsed(), len(around.log), len(around.log.candidates())))
        looked_over = look_over(table, dataset, judge.plan, settings, image_findings(images, schema))
        registry.tell(TableAudited(clock.elapsed(), looked_over.findings))
        trials = Trials(around, strategy_builder(around, registry))
        shared = shared_slots(settings.time_limit, assignment.n_slots)
        runs_on = executor if around.log is None else RememberingExecutor(executor, around.log)
        watch = MemoryWatch(settings.memory_limit_mb)
        slots = Slots(runs_on, assignment.n_slots, shared, watch, assignment.gpus, n_started)
        reason = _try_candidates(trials, slots, registry, clock)
        registry.tell(TrialsFinished(clock.elapsed(), reason))
        outcome = _finish_once_interrupted(trials, slots, dataset, understood, registry, clock, reason, looked_over)
    return replace(outcome, run=run)


def _finish_once_interrupted(
    trials: Trials,
    slots: Slots,
    dataset: Dataset,
    understood: Understood,
    registry: Registry,
    clock: Deadline,
    reason: Ended,
    looked_over: LookedOver,
) -> SearchOutcome:
    """Finish; after the first interrupt, whenever that comes, in a few seconds. A second one goes through."""
    if reason is not Ended.INTERRUPTED:
        try:
            return _finish(trials, slots, dataset, understood, registry, clock, reason, looked_over)
        except KeyboardInterrupt:
            slots.kill_all("interrupted")
    clock = clock.within(SECONDS_AFTER_INTERRUPT)
    return _finish(trials, slots, dataset, understood, registry, clock, Ended.INTERRUPTED, looked_over)


def _place(understood: Understood, settings: SearchSettings, registry: Registry) -> Run:
    check_labels(understood.task, registry)  # the model will be saved there
    table, plan, models = understood.table, understood.plan, understood.models.values()
    facts = describe_run(table, plan, models, settings, registry)
    return Run(Path(str(settings.path)).absolute(), facts, limits_of(settings))


def _try_candidates(trials: Trials, slots: Slots, registry: Registry, clock: Deadline) -> Ended:
    """Fit candidates until time or count ends, or the user interrupts; return why it ended."""
    settings, judge = trials.around.settings, trials.around.judge

    def stop() -> bool:
        return bool(registry.decide("automl_should_stop", progress=trials.progress()))

    try:
        fit_first(trials)
        if settings.time_limit is None:
            return try_by_count(trials, slots, stop)
        if trials.around.log is not None:
            take_over(trials, trials.around.log)
        scoring = trials.score_seconds if trials.results else 0.0
        reserve = finish_seconds(settings.time_limit, len(judge.target), judge.task.n_outputs, scoring)
        return try_by_time(trials, slots, BeforeRefit(clock.earlier(reserve), trials), stop)
    except KeyboardInterrupt:
        slots.kill_all("interrupted")
        return Ended.INTERRUPTED
    finally:
        trials.close_all()


def _finish(
    trials: Trials,
    slots: Slots,
    dataset: Dataset,
    understood: Understood,
    registry: Registry,
    clock: Deadline,
    reason: Ended,
    looked_over: LookedOver,
) -> SearchOutcome:
    """Build the ensemble over the out-of-fold predictions and load its members."""
    judge, settings = trials.around.judge, trials.around.settings
    selected, n_folds = select_candidates(trials.results, dataset.n_rows, judge.plan.n_folds)
    if not selected:
        raise SearchError(_nothing_usable(trials, reason))
    predictions, rows = out_of_fold(selected, judge, n_folds)
    load = 0.1 + LOAD_SECONDS_PER_MB * _megabytes(selected)
    refit = wants_refit(settings, judge.plan) and reason is not Ended.INTERRUPTED
    until = clock.earlier(load + (refit_seconds(trials) if refit else 0.0))

    def combine(positions: Sequence[int], share: float = 1.0) -> Ensemble:
        ensemblers = understood.ensemblers if len(positions) > 1 else ()  # else there is nothing to combine
        deadline = until if share == 1.0 else until.within(share * until.left())
        return combine_candidates(
            predictions[list(positions)], rows, ensemblers, dataset, judge, settings.random_state, deadline
        )

    limit = settings.predict_time_limit
    limited = Limited(tuple(range(len(selected))), combine(range(len(selected)), 1.0 if limit is None else 0.5))
    if limit is not None:
        limited = limit_prediction_time(selected, limited.ensemble, judge.plan, limit, combine)
    limited, members = gather_readable(selected, limited, combine)
    selected, ensemble = [selected[position] for position in limited.kept], limited.ensemble
    decision = decide_labels(judge, dataset, ensemble, rows, settings.random_state, until)
    if decision is not None:
        ensemble = replace(ensemble, score=decision.score, interval=decision.interval)
    limited = replace(limited, ensemble=ensemble)
    seen = _predictor(dataset, ensemble, members, len(selected), None, registry)
    compare = partial(compare_generations, seen.predict_by_fold, n_folds, dataset, judge, clock.earlier(load))
    renewed = renew_members(selected, limited, members, trials, slots, compare, clock.earlier(load) if refit else None)
    members, ensemble = renewed.members, replace(ensemble, interval=renewed.interval)
    notes = (
        *doubts_of(understood.table.findings),
        *understood.table.notes,
        *column_notes(dataset.schema),
        *note_readings(dataset.schema),
        *trials.around.notes,
        *limited.notes,
        *note_run(settings, reason, trials.failures, trials.around.log),
        *renewed.notes,
    )
    registry.tell(EnsembleBuilt(clock.elapsed(), ensemble.kind, ensemble.score, ensemble.interval, len(members)))
    factors = None if decision is None else decision.factors
    looked_back, broken = look_back(
        dataset, understood.table.features, ensemble, factors, rows, trials.around, registry.metrics, clock
    )
    return SearchOutcome(
        predictor=_predictor(dataset, ensemble, members, len(selected), factors, registry),
        ensemble=ensemble,
        results=tuple(trials.results),
        failures=(
            *registry.failures,
            *understood.left_out,
            *trials.failures,
            *ensemble.failures,
            *limited.failures,
            *renewed.failures,
            *broken,
        ),
        metric=judge.metric,
        schema=dataset.schema,
        plan=judge.plan,
        reason=reason,
        notes=notes,
        cross_fitted=ensemble.cross_fitted,
        covered=rows,
        looked_over=looked_over,
        looked_back=looked_back,
        unrepeatable=tuple(breaks_repeatability(settings, reason, trials.failures)),
    )


def _predictor(
    dataset: Dataset,
    ensemble: Ensemble,
    members: Sequence[Member],
    n_positions: int,
    factors: Array | None,
    registry: Registry,
) -> Predictor:
    spec = registry.ensemblers.get(ensemble.kind)
    return Predictor(
        schema=dataset.schema,
        task=dataset.task,
        members=tuple(members),
        combiner=ensemble.combiner,
        n_positions=n_positions,
        wants_features=spec is not None and spec.uses_features,
        factors=factors,
    )


def _megabytes(selected: Sequence[CandidateResult]) -> float:
    return sum(fold.member_mb for result in selected for fold in result.folds)


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


def _nothing_usable(trials: Trials, reason: Ended) -> str:
    broken = [failure for failure in trials.failures if failure.traceback] or trials.failures
    first = f" The first failure was in {broken[0].model}: {broken[0].cause}\n{broken[0].traceback}" if broken else ""
    return f"No model was fitted: {reason}. Allow more time, more models, or see the cause below.{first}"
