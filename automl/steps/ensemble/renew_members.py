"""Renew the members: models fitted on all rows in the place of fold models, or before them, where that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from automl.fitted.member import Member
from automl.steps.ensemble.compare_generations import Generations
from automl.steps.ensemble.gather_members import gather_members
from automl.steps.ensemble.limit_prediction_time import Limited
from automl.steps.ensemble.refit_members import Refitted, refit_members
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.results import CandidateResult, Failure


@dataclass(frozen=True, slots=True)
class Renewed:
    """The members that predict, the interval of their score, what was not fitted again, and what a user should know."""

    members: tuple[Member, ...]
    interval: tuple[float, float]
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()


def renew_members(
    tried: Tried,
    selected: Sequence[CandidateResult],
    limited: Limited,
    members: tuple[Member, ...],
    compare: Callable[[], Generations],
    deadline: Deadline | None,
) -> Renewed:
    """Fit the members on all rows until the deadline, or not at all where it is None.

    Where folds are in order of time, `compare` says how many of the newest models predict for each member; a member
    that is not fitted on all rows predicts with those of its newest folds.
    """
    judge, weights = tried.trials.judge, limited.ensemble.weights
    generations = compare() if judge.plan.ordered else None
    refitted = Refitted() if deadline is None else refit_members(selected, weights, tried, deadline)
    if refitted.members or generations is not None:
        count = None if generations is None else generations.count
        fetch = tried.setup.fetch
        members = gather_members(selected, weights, fetch, refitted.members, limited.fold_models, count)
    notes = [] if deadline is None else [refitted.note(len(members), len(judge.target), ordered=judge.plan.ordered)]
    interval = limited.ensemble.interval
    if generations is not None:
        interval = generations.widen(interval)
        notes += [aging] if (aging := generations.note(judge.metric.name)) else []
    return Renewed(members, interval, tuple(refitted.failures), tuple(notes))
