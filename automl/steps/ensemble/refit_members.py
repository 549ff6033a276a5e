"""Refit the members: one model fitted on all rows in the place of a member's fold models, as far as time allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

import numpy as np

from automl.steps.fit.fit_fold import ALL_ROWS
from automl.steps.trials.reserve_time import MARGIN, expected_seconds
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.arrays import Array
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.results import CandidateResult, Failure, FoldResult
from automl.vocabulary.states import Stage

OUT_OF_TIME = "keeps its fold models: stopped, the time limit was reached"
NO_MACHINE = "keeps its fold models: no machine is left that can fit it"


@dataclass(slots=True)
class Refitted:
    """The fits on all rows, by candidate, and why other members keep their fold models."""

    members: dict[str, FoldResult] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def note(self, n_members: int, n_rows: int, *, ordered: bool = False) -> str:
        """Say what was done, and what the scores are of."""
        ending = "which end earlier" if ordered else "which no longer predict"
        return (
            f"refit: {len(self.members)} of {n_members} members were fitted again on all {n_rows} rows; all scores are "
            f"those of the fold models, {ending}."
        )


def refit_members(selected: Sequence[CandidateResult], weights: Array, tried: Tried, deadline: Deadline) -> Refitted:
    """Fit every weighted member on all rows, the heaviest first; one that would not end in time is not begun."""
    order = np.argsort(-np.abs(np.asarray(weights)), kind="stable")
    waiting = [selected[place] for place in order if weights[place] != 0]
    by_id = {result.candidate.id: result for result in waiting}
    slots, done = tried.slots, Refitted()
    while waiting or slots.running:
        for slot in slots.idle():
            _begin(slot, waiting, tried, deadline, done)
        if not slots.running:
            break
        for finished in slots.wait(deadline.left()):
            if isinstance(finished.result, Failure) and finished.result.stage == Stage.MACHINE:
                waiting.insert(0, by_id[finished.job.candidate.id])  # lost with its machine: others do it again
            else:
                _keep(finished.result, done)
        if deadline.left() <= 0:
            for finished in slots.kill_all(OUT_OF_TIME):
                _keep(finished.result, done)
    cause = OUT_OF_TIME if deadline.left() <= 0 else NO_MACHINE
    done.failures += [_not_run(result, cause) for result in waiting]
    return done


def agreed_params(folds: Sequence[FoldResult], *, ordered: bool = False) -> dict[str, Any]:
    """Return what the fold models ask a fit on all rows to keep to: the median of numbers, else the first one's.

    Where the folds are in order of time, the newest half of them is asked, whose models have the most rows.
    """
    if ordered:
        folds = folds[: (len(folds) + 1) // 2]
    asked = [fold.info.get("refit_params", {}) for fold in folds]
    return {name: _agreed([each[name] for each in asked if name in each]) for name in (asked[0] if asked else {})}


def _agreed(values: Sequence[Any]) -> Any:
    if isinstance(values[0], bool) or not isinstance(values[0], Real):
        return values[0]
    middle = float(np.median([float(value) for value in values]))
    return round(middle) if isinstance(values[0], int) else middle


def _begin(slot: int, waiting: list[CandidateResult], tried: Tried, deadline: Deadline, done: Refitted) -> None:
    """Start the first waiting member that this slot takes and that fits the time."""
    trials, slots, judge = tried.trials, tried.slots, tried.trials.judge
    for result in list(waiting):
        if not slots.suits(slot, trials.models[result.candidate.model], trials.all[result.candidate.id].memory_mb):
            continue
        waiting.remove(result)
        pace = trials.costs.pace_of(slots.host(slot))
        needed, left = MARGIN * pace * expected_seconds(result, judge.plan, len(judge.target)), deadline.left()
        if needed > left:
            cause = f"keeps its fold models: a fit on all rows would need about {needed:.1f} s; {left:.1f} s were left"
            done.failures.append(_not_run(result, cause))
            continue
        job = trials.fold_job(result.candidate, ALL_ROWS, left)
        slots.submit(slot, replace(job, fixed=agreed_params(result.folds, ordered=judge.plan.ordered)))
        return


def _keep(result: FoldResult | Failure, done: Refitted) -> None:
    if isinstance(result, Failure):
        done.failures.append(replace(result, stage=Stage.REFIT, fold=None))
    else:
        done.members[result.candidate_id] = result


def _not_run(result: CandidateResult, cause: str) -> Failure:
    candidate = result.candidate
    return Failure(candidate.model, Stage.REFIT, cause, candidate_id=candidate.id, params=dict(candidate.params))
