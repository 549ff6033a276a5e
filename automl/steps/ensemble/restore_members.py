"""Restore the members: fold models that were lost with their machine are fitted again, as far as time allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from automl.steps.ensemble.gather_members import Fetch
from automl.steps.trials.reserve_time import MARGIN
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.arrays import Array
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.results import CandidateResult, FoldResult
from automl.vocabulary.states import Stage

Fit: TypeAlias = tuple[str, int]
"""A candidate's id and a fold."""
Lost: TypeAlias = tuple[CandidateResult, FoldResult]
OUT_OF_TIME = "stopped, the time limit was reached"


@dataclass(frozen=True, slots=True)
class Restored:
    """The candidates, with the fold models that were fitted again, and the ids of those that still lack some."""

    selected: Sequence[CandidateResult]
    n_lost: int = 0
    n_again: int = 0
    gone: frozenset[str] = frozenset()

    def note(self) -> str:
        """Say what was lost and what was done; "" where nothing was lost."""
        if not self.n_lost:
            return ""
        rest = f"; {len(self.gone)} candidates were left out, as some could not be" if self.gone else ""
        return (
            f"machines: {self.n_lost} fitted models were lost with the machines that they were on; {self.n_again} of "
            f"them were fitted again{rest}."
        )


def restore_members(selected: Sequence[CandidateResult], weights: Array, tried: Tried, deadline: Deadline) -> Restored:
    """Fit again, on the fold that it was of, each weighted model that lies elsewhere and cannot be fetched any more.

    One that would not end by the deadline is not begun. What a fit predicts is known, so only its model is taken.
    """
    if not tried.setup.may_lose:
        return Restored(selected)
    used = [selected[position] for position in np.flatnonzero(weights).tolist()]
    fetch = tried.setup.fetch
    lost = {
        (result.candidate.id, fold.fold): (result, fold)
        for result in used
        for fold in result.folds
        if is_lost(fold, fetch)
    }
    if not lost:
        return Restored(selected)
    again = _fit_again(lost, tried, deadline)
    gone = frozenset(candidate for candidate, fold in lost if (candidate, fold) not in again)
    return Restored([_with(result, again) for result in selected], len(lost), len(again), gone)


def _fit_again(lost: Mapping[Fit, Lost], tried: Tried, deadline: Deadline) -> dict[Fit, FoldResult]:
    waiting, slots, done = list(lost.values()), tried.slots, {}
    while waiting or slots.running:
        for slot in slots.idle():
            _begin(slot, waiting, tried, deadline)
        if not slots.running and (deadline.left() <= 0 or not waiting or not slots.await_others(deadline.left())):
            break
        for finished in slots.wait(deadline.left()):
            key, found = (finished.job.candidate.id, finished.job.fold), finished.result
            if isinstance(found, FoldResult):
                done[key] = found
            elif found.stage == Stage.MACHINE:
                waiting.append(lost[key])
        if deadline.left() <= 0:
            slots.kill_all(OUT_OF_TIME)
    return done


def is_lost(fold: FoldResult, fetch: Fetch) -> bool:
    """Tell whether a model that lies elsewhere cannot be fetched any more."""
    if fold.member is None or fold.member.path:
        return False
    try:
        fetch(fold.member)
    except OSError:
        return True
    return False


def _begin(slot: int, waiting: list[Lost], tried: Tried, deadline: Deadline) -> None:
    """Start the first waiting fit that this slot takes and that fits the time."""
    trials, slots = tried.trials, tried.slots
    for result, fold in list(waiting):
        if not slots.suits(slot, trials.models[result.candidate.model], trials.all[result.candidate.id].memory_mb):
            continue
        waiting.remove((result, fold))
        left = deadline.left()
        if MARGIN * trials.costs.pace_of(slots.host(slot)) * fold.seconds <= left:
            job = trials.fold_job(result.candidate, fold.fold, left)
            slots.submit(slot, replace(job, rows_share=fold.rows_share))
            return


def _with(result: CandidateResult, again: Mapping[Fit, FoldResult]) -> CandidateResult:
    folds = tuple(_found(fold, again.get((result.candidate.id, fold.fold))) for fold in result.folds)
    return replace(result, folds=folds)


def _found(fold: FoldResult, again: FoldResult | None) -> FoldResult:
    if again is None:
        return fold
    return replace(fold, member=again.member, member_mb=again.member_mb, member_sha256=again.member_sha256)
