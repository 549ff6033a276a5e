"""run_search: the main path of a search, from a table to a scored ensemble. Read this first.

Each line calls one room of `automl/steps/`, in the order of the rooms. What a room has made is one frozen record, which
is handed on whole.
"""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from automl.aside import HOOK_SECONDS
from automl.fitted.by_target import Calibrated
from automl.machine.keep_process import kept_process
from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.steps.audit.audit_given import Audit, audit_given
from automl.steps.ensemble.build_ensemble import Ensemble
from automl.steps.ensemble.combine import combine
from automl.steps.plan.encode_given import encode_given
from automl.steps.plan.given import Given, Search
from automl.steps.plan.start_trackers import start_trackers
from automl.steps.plan.understand import Understood, understand
from automl.steps.resume.keep_run import Run, has_finished, run_for
from automl.steps.review.calibrate import calibrate
from automl.steps.review.look_back import look_back
from automl.steps.review.note_run import breaks_repeatability, notes_of
from automl.steps.trials.bring_up import workers_for
from automl.steps.trials.open_trials import open_trials
from automl.steps.trials.try_candidates import Tried, finish_despite_interrupt, try_candidates
from automl.vocabulary.arrays import Array, usual_errors
from automl.vocabulary.events import SearchFinished
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import CandidateResult, Failure
from automl.vocabulary.review import Looked
from automl.vocabulary.schema import Schema
from automl.vocabulary.states import Ended


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What a search gives back."""

    predictor: Predictor
    ensemble: Ensemble
    results: tuple[CandidateResult, ...]
    failures: tuple[Failure, ...]
    metric: MetricSpec
    plan: ResamplingPlan
    reason: Ended
    """Why no more candidates were tried."""
    notes: tuple[str, ...]
    covered: Array
    """`(n_covered,)`: the row numbers that `cross_fitted` is for, among the rows that have a target."""
    audit: Audit
    """What was noticed of the table before the first fit."""
    looked_back: Looked
    """What a report will need of the predictions and the rows."""
    calibrated: Calibrated | None
    """What makes intervals of values or sets of classes; None for outputs of another form."""
    unrepeatable: tuple[str, ...] = ()
    """Why the same call may give another result."""
    run: Run | None = None
    """The folder that the search went on in, which still has all that it needs to go on there again."""

    @property
    def schema(self) -> Schema:
        """The columns."""
        return self.predictor.schema

    @property
    def cross_fitted(self) -> Array:
        """`(n_covered, n_outputs)`: the ensemble's out-of-fold predictions, each row by weights chosen without it."""
        return self.ensemble.cross_fitted


def run_search(given: Given, search: Search) -> SearchOutcome | Run:
    """Search for the best ensemble inside the time limit.

    Where the same search has finished in the folder that the settings name, that folder's `Run` is all that comes back.
    """
    settings, registry = search.settings, search.registry
    registry.wait_for_hooks(math.inf if settings.time_limit is None else HOOK_SECONDS)
    with usual_errors(), closing(registry.aside):
        asked = understand(given, search)
        run = run_for(asked, search)
        if run is not None and has_finished(run):
            return run
        try:
            start_trackers(settings.track, registry)
            with kept_process():
                outcome = _search(asked, search, run)
        except BaseException as error:
            name = type(error).__name__
            registry.tell(SearchFinished(search.elapsed(), f"it failed: {name}", 0, float("nan"), name))
            raise
        registry.tell(SearchFinished(search.elapsed(), outcome.reason, len(outcome.results), outcome.ensemble.score))
        return outcome


def _search(asked: Understood, search: Search, run: Run | None) -> SearchOutcome:
    """Search for what was asked: all that can be refused has been."""
    with workers_for(asked, search, run) as workers:
        table = encode_given(asked, search, workers.data)
        setup = open_trials(table, workers, search)
        audit = audit_given(asked, table, search)
        tried = try_candidates(setup)
        return finish_despite_interrupt(tried, partial(_finish, asked, audit))


def _finish(asked: Understood, audit: Audit, tried: Tried) -> SearchOutcome:
    """Combine what was tried, and look back at it."""
    setup, results, failures = tried.setup, tried.trials.results, tried.trials.failures
    registry, judge = setup.search.registry, setup.table.judge
    combined = combine(tried, asked.ensemblers)
    notes = notes_of(asked, tried, combined)
    calibrated, uncalibrated = calibrate(tried, combined)
    looked_back, broken = look_back(asked, tried, combined)
    return SearchOutcome(
        predictor=combined.predictor,
        ensemble=combined.ensemble,
        results=tuple(results),
        failures=(
            *registry.failures,
            *asked.left_out,
            *setup.table.left_out,
            *failures,
            *combined.failures,
            *uncalibrated,
            *broken,
        ),
        metric=asked.metric,
        plan=judge.plan,
        reason=tried.reason,
        notes=notes,
        covered=combined.covered,
        audit=audit,
        looked_back=looked_back,
        calibrated=calibrated,
        unrepeatable=tuple(breaks_repeatability(setup.search.settings, tried.reason, failures)),
        run=setup.run,
    )
