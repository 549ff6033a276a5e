"""Build the ensemble: cross-fit what is allowed, average what noise cannot tell apart, and fit that on all rows."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from automl.aside import Aside
from automl.errors import NothingToCombineError, error_line
from automl.fitted.mean_of_combiners import MeanOfCombiners
from automl.fitted.one_member import OneMember
from automl.plugin_api.protocols import Combiner, FitContext, OutOfFold
from automl.plugin_api.specs import EnsembleRequest, EnsemblerSpec
from automl.steps.ensemble.choose_ensemble import judge_trials
from automl.steps.ensemble.cross_fit import (
    CrossFitted,
    OutOfTime,
    build_ensembler,
    checked_combine,
    cross_fit,
    plan_cross_fit,
    request_features,
)
from automl.steps.ensemble.scoring_time import ScoringTime
from automl.steps.score.judge import Judge
from automl.steps.score.resample_scores import count_draws, draw_resamples, percentile_interval
from automl.vocabulary.arrays import Array, Features
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.folds import Fold
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Stage

INTERVAL_DRAWS = 200
CHECKED_ROWS = 2_000
"""Rows on which candidates are compared where there is no time for anything else."""
RESERVE = 0.15
"""Share of the time left that is kept for the fit on all rows, the interval, and what was judged wrongly."""
FIT_GRACE = 0.3
"""Seconds past its deadline after which a fit on all rows is not waited for."""
TINY_SECONDS = 1e-9
ONE_MEMBER = "best_single"
"""What an ensemble is called that is the best member alone, as nothing else worked."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A fitted ensemble and how good it is.

    kind: the name of its spec, or the names of those that are averaged. weights: `(n_candidates,)`, each one's share.
    score: on rows that its fit had not seen where `considered` is not empty, else on the rows it was fitted on;
    interval: 95 % around it. cross_fitted: `(n_rows, n_outputs)`, the predictions behind the score. considered: name,
    cross-fitted score, its standard error and seconds of every ensembler tried, first the one that was taken, which may
    be the mean of several. failures: those that broke or were left out, with the reason. uses_features: whether it is
    given the raw columns.
    """

    kind: str
    combiner: Combiner
    weights: Array
    score: float
    interval: tuple[float, float]
    in_sample_score: float
    cross_fitted: Array
    considered: tuple[tuple[str, float, float, float], ...]
    failures: tuple[Failure, ...]
    uses_features: bool = False


def build_ensemble(
    predictions: Array,
    judge: Judge,
    ensemblers: Sequence[EnsemblerSpec],
    features: Features | None = None,
    context: FitContext | None = None,
    scoring: ScoringTime | None = None,
) -> Ensemble:
    """Return the ensemble that the candidates' out-of-fold predictions speak for.

    predictions: `(n_candidates, n_rows, n_outputs)` without missing numbers; judge and features (the raw stored
    columns) are those of the same rows. Rows of one unit are never split between fitting and judging. Of few rows the
    ensembles that noise cannot tell from the best are averaged; of more the simplest of them is taken, or the best
    where scores are the mean over parts of the rows, since a mean of several models holds better as time goes on. The
    context gives seed, threads and deadline; `scoring`, what a scoring takes, is measured where it is not given.
    Something valid is always returned: with little time left it is fitted without being cross-fitted.
    """
    rows = OutOfFold(predictions, judge.target, judge.weights, features, judge.groups)
    context = replace(context or FitContext(), metric=judge.metric.name, objective=judge.metric.objective)
    scoring = scoring or ScoringTime.of(judge, predictions[0])
    work = _Work(rows, EnsembleRequest(judge.task, judge.metric), context, judge, scoring)
    ordered = sorted(ensemblers, key=lambda spec: spec.complexity)
    folds = plan_cross_fit(judge.target, judge.units, judge.task.has_classes, context.seed)
    if not folds or not scoring.allows_cross_fit(len(predictions), context.seconds_left()):
        return _without_cross_fit(work, ordered, ())
    trials, failures = _cross_fit_all(work, ordered, folds)
    judged, unscored = judge_trials(judge, trials, context)
    considered = tuple((each.name, each.score, each.error, each.seconds) for each in judged)
    fits: dict[str, _Fitted | Failure] = {}
    taken = next(((each, fitted) for each in judged if (fitted := _fit_trials(work, each.trials, fits))), None)
    failures = (*failures, *unscored, *(fit for fit in fits.values() if isinstance(fit, Failure)))
    if taken is None:
        return _without_cross_fit(work, ordered, failures)
    best, fitted = taken
    return _report(work, best.name, fitted, best.predictions, considered, failures)


@dataclass(frozen=True, slots=True)
class _Work:
    """What there is to work with, passed whole."""

    rows: OutOfFold
    request: EnsembleRequest
    context: FitContext
    judge: Judge
    scoring: ScoringTime


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A combiner fitted on all rows, what it gives for them, and whether it takes the raw columns."""

    combiner: Combiner
    combined: Array
    uses_features: bool


def _cross_fit_all(
    work: _Work, ordered: Sequence[EnsemblerSpec], folds: tuple[Fold, ...]
) -> tuple[tuple[CrossFitted, ...], tuple[Failure, ...]]:
    """Cross-fit one ensembler after another, the simple ones first, for as long as there is time."""
    trials: list[CrossFitted] = []
    failures: list[Failure] = []
    for spec in ordered:
        kept = max((trial.seconds_per_fit for trial in trials), default=0.0)
        available = work.context.seconds_left() * (1.0 - RESERVE) - 2.0 * kept
        expected = min((trial.seconds for trial in trials), default=0.0)
        try:
            if available <= expected:
                raise OutOfTime(f"{max(available, 0.0):.2g} s are left for it, and the fastest took {expected:.2g} s")
            context = replace(work.context, deadline=work.context.deadline.within(available))
            rows = request_features(spec, work.rows)
            trials.append(_aside(partial(cross_fit, spec, work.request, rows, folds, context), available))
        except OutOfTime as skipped:
            failures.append(Failure(spec.name, Stage.ENSEMBLE, f"Left out for lack of time: {skipped}."))
        except Exception as error:  # whatever a plugin raises costs that plugin alone
            failures.append(_failure(spec, error))
    return tuple(trials), tuple(failures)


def _fit_trials(work: _Work, trials: Sequence[CrossFitted], fits: dict[str, _Fitted | Failure]) -> _Fitted | None:
    """Fit on all rows, one ensembler or several whose combiners are averaged; None where one of them fails.

    Each has its part of the time. What has been fitted, or has failed, is in `fits` by name, and is not fitted again.
    """
    done: list[_Fitted] = []
    for number, trial in enumerate(trials):
        if trial.spec.name not in fits:
            to_fit = [each for each in trials[number:] if each.spec.name not in fits]
            fits[trial.spec.name] = _fit(work, trial.spec, _own_part(work.context, to_fit))
        fitted = fits[trial.spec.name]
        if isinstance(fitted, Failure):
            return None
        done.append(fitted)
    if len(done) == 1:
        return done[0]
    asks = tuple(each.uses_features for each in done)
    combiner = MeanOfCombiners(tuple(each.combiner for each in done), asks, work.request.task)
    return _Fitted(combiner, np.mean([each.combined for each in done], axis=0), any(asks))


def _own_part(context: FitContext, to_fit: Sequence[CrossFitted]) -> Deadline:
    """Return by when the first of those to be fitted must be done, so that each of them has its part of the time."""
    needed = [max(trial.seconds_per_fit, TINY_SECONDS) for trial in to_fit]
    return context.deadline.within(context.seconds_left() * needed[0] / sum(needed))


def _fit(work: _Work, spec: EnsemblerSpec, deadline: Deadline) -> _Fitted | Failure:
    """Fit on all rows."""
    rows = request_features(spec, work.rows)
    try:
        return _aside(partial(_fit_now, work, spec, rows, deadline), deadline.left() + FIT_GRACE)
    except Exception as error:  # whatever a plugin raises costs that plugin alone
        return _failure(spec, error)


def _fit_now(work: _Work, spec: EnsemblerSpec, rows: OutOfFold, deadline: Deadline) -> _Fitted:
    combiner = build_ensembler(spec, work.request).fit(rows, replace(work.context, deadline=deadline))
    return _Fitted(combiner, checked_combine(combiner, rows, work.request.task), spec.uses_features)


def _aside(function: Callable[[], T], seconds: float) -> T:
    """Call what runs a plugin's ensembler, and leave it where it ignores its deadline."""
    with closing(Aside(seconds)) as aside:
        return aside.call(function)


def _without_cross_fit(work: _Work, ordered: Sequence[EnsemblerSpec], failures: tuple[Failure, ...]) -> Ensemble:
    """Fit one that is for haste, or else the simplest, on all rows at once; take one member where that fails."""
    seconds, rows = work.context.seconds_left(), work.rows.predictions
    if work.scoring.allows_fit(len(rows), seconds):
        for spec in sorted(ordered, key=lambda spec: not spec.in_haste)[:2]:
            fitted = _fit(work, spec, work.context.deadline.within(seconds / 3))
            if not isinstance(fitted, Failure):
                return _report(work, spec.name, fitted, fitted.combined, (), failures)
            failures = (*failures, fitted)
    member = OneMember(_best_member(work), len(rows))
    combined = member.combine(rows)
    return _report(work, ONE_MEMBER, _Fitted(member, combined, uses_features=False), combined, (), failures)


def _best_member(work: _Work) -> int:
    """Return the candidate with the least loss on a few rows."""
    judge = work.judge
    rows = judge.some(np.arange(len(judge.target)), CHECKED_ROWS, work.context.seed)
    return int(np.argmin([judge.loss(each, rows) for each in work.rows.predictions]))


def _report(
    work: _Work,
    kind: str,
    fitted: _Fitted,
    predictions: Array,
    considered: tuple[tuple[str, float, float, float], ...],
    failures: tuple[Failure, ...],
) -> Ensemble:
    """Score the predictions, with an interval, and put everything together."""
    judge = work.judge
    count = count_draws(judge, predictions, INTERVAL_DRAWS, work.context.seconds_left() / 2)
    resamples = draw_resamples(judge, count, work.context.seed + 1)
    score = judge.score(predictions)
    resampled = resamples.scores(judge, predictions)
    return Ensemble(
        kind=kind,
        combiner=fitted.combiner,
        weights=np.asarray(fitted.combiner.weights(), dtype=np.float64),
        score=score,
        interval=percentile_interval(score, resampled, resamples.shrink, judge.metric),
        in_sample_score=judge.score(fitted.combined),
        cross_fitted=predictions,
        considered=considered,
        failures=failures,
        uses_features=fitted.uses_features,
    )


def _failure(spec: EnsemblerSpec, error: Exception) -> Failure:
    if isinstance(error, NothingToCombineError):
        return Failure(spec.name, Stage.ENSEMBLE, f"Left out: {error}")
    trace = "".join(traceback.format_exception(error))
    return Failure(spec.name, Stage.ENSEMBLE, error_line(error), trace)
