"""Combine what was tried: from results to the ensemble, with the fitted members that predict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import nlargest

import numpy as np

from automl.errors import SearchError
from automl.fitted.member import Member
from automl.plugin_api.protocols import FitContext
from automl.plugin_api.specs import EnsemblerSpec
from automl.predictor import Predictor
from automl.steps.ensemble.build_ensemble import Ensemble
from automl.steps.ensemble.collect_out_of_fold import out_of_fold
from automl.steps.ensemble.combine_candidates import combine_candidates, decide_labels, judge_out_of_fold
from automl.steps.ensemble.compare_generations import compare_generations
from automl.steps.ensemble.gather_readable import gather_readable
from automl.steps.ensemble.limit_prediction_time import Limited, limit_prediction_time
from automl.steps.ensemble.renew_members import Renewed, renew_members
from automl.steps.ensemble.restore_members import restore_members
from automl.steps.ensemble.scoring_time import ScoringTime
from automl.steps.ensemble.select_candidates import select_candidates
from automl.steps.plan.choose_models import constant_models
from automl.steps.trials.reserve_time import FORESEEN, calibrate_seconds, refit_seconds, wants_refit
from automl.steps.trials.setup import Setup
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.events import EnsembleBuilt
from automl.vocabulary.results import CandidateResult, Failure
from automl.vocabulary.states import Ended

LOAD_SECONDS_PER_MB, LOAD_MOST = 0.004, 0.25
"""Time to read and unpickle a megabyte of a fitted member, kept free at the end, up to a share of what is left."""


@dataclass(frozen=True, slots=True)
class Combined:
    """The ensemble of a search and what became of its members."""

    predictor: Predictor
    ensemble: Ensemble
    """Its score and interval are those of the labels as they are decided, and of the members as they were renewed."""
    covered: Rows
    """`(n_covered,)`: the rows that its cross-fitted predictions are for."""
    limited: Limited
    renewed: Renewed

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What broke, or was left out, on the way."""
        return (*self.ensemble.failures, *self.limited.failures, *self.renewed.failures)


@dataclass(frozen=True, slots=True)
class _Joining:
    """The candidates that may join, and the time there is for them."""

    selected: Sequence[CandidateResult]
    n_folds: int
    predictions: Array
    """`(n_candidates, n_covered, n_outputs)`, out of the first `n_folds` folds."""
    rows: Rows
    """`(n_covered,)`."""
    scoring: ScoringTime
    ensemble_by: Deadline
    """When the ensemble must be built."""
    members_by: Deadline
    """When fits on all rows must have ended, and the loading of members begins."""
    refits: bool
    """Whether members are fitted on all rows."""


def combine(tried: Tried, ensemblers: Sequence[EnsemblerSpec]) -> Combined:
    """Build the ensemble over the out-of-fold predictions, load its members, and tell the watchers.

    A SearchError is raised where no candidate can join.
    """
    setup = tried.setup
    joining, limited, members = _joined(tried, ensemblers)
    selected = [joining.selected[position] for position in limited.kept]
    seed = setup.search.settings.random_state
    decision = decide_labels(setup.table, limited.ensemble, joining.rows, seed, joining.ensemble_by)
    if decision is not None:
        decided = replace(limited.ensemble, score=decision.score, interval=decision.interval)
        limited = replace(limited, ensemble=decided)
    predictor = _predictor(setup, limited.ensemble, members, len(selected))
    compare = partial(
        compare_generations,
        predictor.predict_by_fold,
        joining.n_folds,
        setup.table.dataset,
        setup.table.judge,
        joining.members_by,
    )
    renewed = renew_members(tried, selected, limited, members, compare, joining.members_by if joining.refits else None)
    ensemble = replace(limited.ensemble, interval=renewed.interval)
    n_members, factors = len(renewed.members), None if decision is None else decision.factors
    setup.search.registry.tell(
        EnsembleBuilt(setup.search.elapsed(), ensemble.kind, ensemble.score, ensemble.interval, n_members)
    )
    predictor = replace(predictor, members=renewed.members, factors=factors)
    return Combined(predictor, ensemble, joining.rows, limited, renewed)


def _joined(tried: Tried, ensemblers: Sequence[EnsemblerSpec]) -> tuple[_Joining, Limited, tuple[Member, ...]]:
    """Build the ensemble of those whose models are at hand, or can be fitted again, and load them."""
    setup, notes, gone = tried.setup, list[str](), frozenset[str]()
    while True:
        joining = _join(tried, gone)
        build = partial(_build, joining, setup, ensemblers)
        limited = _within_limits(joining, setup, build)
        weights = _weights(limited, len(joining.selected))
        restored = restore_members(joining.selected, weights, tried, joining.members_by)
        notes += [note] if (note := restored.note()) else []
        if not restored.gone:
            break
        gone |= restored.gone | _lost_elsewhere(joining.selected, setup)
    joining = replace(joining, selected=restored.selected)
    limited = replace(limited, notes=(*limited.notes, *notes))
    return joining, *gather_readable(joining.selected, limited, build, setup.fetch)


def _lost_elsewhere(selected: Sequence[CandidateResult], setup: Setup) -> frozenset[str]:
    """Return the ids of all candidates some of whose models are known to be lost with a machine."""
    return frozenset(
        result.candidate.id for result in selected if any(setup.is_lost(fold.member) for fold in result.folds)
    )


def _join(tried: Tried, gone: frozenset[str] = frozenset()) -> _Joining:
    """Select the candidates that may join, and keep time for loading and, where they are wanted, fits on all rows.

    gone: ids of those that may not, as their models are lost.
    """
    trials = tried.trials
    judge = trials.judge
    select = partial(
        select_candidates,
        [result for result in trials.results if result.candidate.id not in gone],
        tried.setup.table.dataset.n_rows,
        judge.plan.n_folds,
        constant_models(trials.models),
    )
    selected, n_folds = select()
    if not selected:
        raise SearchError(_nothing_usable(tried))
    predictions, rows = out_of_fold(selected, judge, n_folds)
    scoring = ScoringTime.of(judge_out_of_fold(judge, rows), predictions[0])
    most = scoring.most_compared(len(selected), tried.deadline.left())
    if most < len(selected):
        selected, n_folds = select(most=most)
        predictions, rows = out_of_fold(selected, judge, n_folds)
    left = tried.deadline.left()
    load = min(0.1 + LOAD_SECONDS_PER_MB * _megabytes(selected), LOAD_MOST * left)
    load += calibrate_seconds(trials.settings.time_limit, left)
    refits = wants_refit(trials.settings, judge.plan) and tried.reason is not Ended.INTERRUPTED
    ensemble_by = tried.deadline.earlier(load + (refit_seconds(trials) if refits else 0.0))
    return _Joining(selected, n_folds, predictions, rows, scoring, ensemble_by, tried.deadline.earlier(load), refits)


def _build(
    joining: _Joining,
    setup: Setup,
    ensemblers: Sequence[EnsemblerSpec],
    positions: Sequence[int],
    share: float = 1.0,
) -> Ensemble:
    """Build the ensemble of the candidates at some positions, in a share of the time left."""
    ensemblers = ensemblers if len(positions) > 1 else ()  # else there is nothing to combine
    until = joining.ensemble_by
    deadline = until if share == 1.0 else until.within(share * until.left())
    context = FitContext(seed=setup.search.settings.random_state, deadline=deadline)
    predictions = joining.predictions[list(positions)]
    return combine_candidates(predictions, joining.rows, ensemblers, setup.table, joining.scoring, context)


def _within_limits(joining: _Joining, setup: Setup, build: Callable[..., Ensemble]) -> Limited:
    """Build the ensemble, without members that are too slow."""
    limit, everybody = setup.search.settings.predict_time_limit, tuple(range(len(joining.selected)))
    limited = Limited(everybody, build(everybody, share=1.0 if limit is None else 0.5))
    if limit is not None:
        plan = setup.table.judge.plan
        limited = limit_prediction_time(joining.selected, limited.ensemble, plan, limit, build)
    return limited


def _weights(limited: Limited, n_selected: int) -> Array:
    """Return the weight of each candidate that could join, 0 for those that were left out."""
    weights = np.zeros(n_selected)
    weights[list(limited.kept)] = limited.ensemble.weights
    return weights


def _predictor(setup: Setup, ensemble: Ensemble, members: tuple[Member, ...], n_positions: int) -> Predictor:
    dataset = setup.table.dataset
    asks = setup.search.registry.task_spec(dataset.task.kind)
    return Predictor(
        schema=dataset.schema,
        task=dataset.task,
        members=members,
        combiner=ensemble.combiner,
        n_positions=n_positions,
        wants_features=ensemble.uses_features,
        decide=asks.decide,
        decides_by_group=asks.decides_by_group,
        widen=asks.widen,
        in_lists=asks.in_lists,
    )


def _megabytes(selected: Sequence[CandidateResult]) -> float:
    """Return what the models of the largest take, of as many candidates as may have weight in the end."""
    return sum(nlargest(FORESEEN, (sum(fold.member_mb for fold in result.folds) for result in selected)))


def _nothing_usable(tried: Tried) -> str:
    failures = tried.trials.failures
    broken = [failure for failure in failures if failure.traceback] or failures
    first = f" The first failure was in {broken[0].model}: {broken[0].cause}\n{broken[0].traceback}" if broken else ""
    return f"No model was fitted: {tried.reason}. Allow more time, more models, or see the cause below.{first}"
