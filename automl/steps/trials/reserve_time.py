"""Reserve time: what candidates leave of it for the ensemble, the members, and fits on all rows."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from heapq import nsmallest

from automl.steps.trials.trials import Trials
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import CandidateResult
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.states import Status

SCORINGS = 12
"""How often the metric is computed at the end, at least."""
CALIBRATE_SHARE, CLOSE_SECONDS = 0.01, 0.5
"""Share of the time limit that is kept for intervals and sets, and seconds for what comes after them."""
CALIBRATE_MOST = 0.25
"""The most of the time that is left which is kept for both."""
REFIT_SHARE = 0.2
"""Share of the time limit that is kept for fits on all rows, at most."""
FETCH_SHARE = 0.2
"""Share of the time limit that is kept for bringing members from other machines, at most."""
FORESEEN = 12
"""Candidates, the best, whose fits on all rows are foreseen: about as many have weight in an ensemble."""
MARGIN = 1.3
"""What a fit may take in the place of what the folds make expect."""


def finish_seconds(time_limit: float | None, n_rows: int, n_outputs: int, score_seconds: float = 0.0) -> float:
    """Return the seconds to keep for the ensemble and the members after the last fit.

    `score_seconds` is how long the metric takes on one fold: one that is slow has to be waited for at the end, too.
    """
    if time_limit is None:
        return 0.0
    wanted = 1.0 + 0.03 * time_limit + 1.5e-5 * n_rows * n_outputs
    return min(min(wanted, 0.3 * time_limit) + SCORINGS * score_seconds, 0.6 * time_limit)


def calibrate_seconds(time_limit: float | None, left: float = math.inf) -> float:
    """Return the seconds of those to keep for intervals and sets, which are calibrated once the members are there.

    Of what is left, which may be little after an interrupt, most is the ensemble's.
    """
    return 0.0 if time_limit is None else min(CALIBRATE_SHARE * time_limit + CLOSE_SECONDS, CALIBRATE_MOST * left)


def wants_refit(settings: SearchSettings, plan: ResamplingPlan) -> bool:
    """Tell whether members are to be fitted on all rows: as was asked, else where folds are in order of time."""
    return plan.ordered if settings.refit is None else settings.refit


def refit_seconds(trials: Trials) -> float:
    """Return the seconds to keep for fits on all rows: what those of the best candidates should take, up to a share."""
    judge, limit = trials.judge, trials.settings.time_limit
    if limit is None or not wants_refit(trials.settings, judge.plan):
        return 0.0
    best = foreseen(trials)
    if not best:
        return REFIT_SHARE * limit
    each = [expected_seconds(result, judge.plan, len(judge.target)) for result in best]
    return min(REFIT_SHARE * limit, MARGIN * (sum(each) / trials.n_slots + max(each)))


def foreseen(trials: Trials) -> list[CandidateResult]:
    """Return the candidates that may have weight in the end, as it looks now, best first."""
    complete = (each for each in trials.results if each.status == Status.COMPLETE)
    return nsmallest(FORESEEN, complete, key=lambda each: each.loss)


def fetch_seconds(trials: Trials) -> float:
    """Return the seconds to keep for bringing here the members of the best candidates that lie on other machines."""
    if not trials.setup.offer.comes_and_goes:
        return 0.0
    members = [fold.member for result in foreseen(trials) for fold in result.folds if fold.member is not None]
    return min(FETCH_SHARE * (trials.settings.time_limit or 0.0), trials.setup.seconds_to_fetch(members))


@dataclass(slots=True)
class BeforeRefit:
    """The time that candidates have: up to the deadline, less what is still to be done for the best of them.

    That is to fit them on all rows where that is wanted, and to bring their members here where they lie elsewhere.
    """

    deadline: Deadline
    trials: Trials
    _to_fetch: float = 0.0
    _asked: float = -math.inf

    def left(self) -> float:
        """Seconds left, never negative; infinity without a limit."""
        now = time.monotonic()
        if now - self._asked >= 1.0:
            self._to_fetch, self._asked = fetch_seconds(self.trials), now
        return max(0.0, self.deadline.left() - refit_seconds(self.trials) - self._to_fetch)


def expected_seconds(result: CandidateResult, plan: ResamplingPlan, n_rows: int) -> float:
    """Return how long a fit on all rows should take, from what the folds' fits took for each of their rows."""
    trained = sum(len(plan.folds[fold.fold].train) for fold in result.folds)
    return result.seconds / max(1, trained) * n_rows
