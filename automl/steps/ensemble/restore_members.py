"""Restore the members: fold models that were lost with their machine are fitted again, as far as time allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from automl.steps.ensemble.gather_members import Fetch
from automl.steps.trials.reserve_time import MARGIN
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.arrays import Array
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.results import CandidateResult, FoldResult

OUT_OF_TIME = "stopped, the time limit was reached"


@dataclass(slots=True)
class Restored:
    """The candidates, with the fold models that were fitted again, and how many were lost."""

    selected: Sequence[CandidateResult]
    n_lost: int = 0
    again: dict[tuple[str, int], FoldResult] = field(default_factory=dict)

    def note(self) -> str:
        """Say what was lost and what was done; "" where nothing was lost."""
        if not self.n_lost:
            return ""
        left = self.n_lost - len(self.again)
        rest = f"; {left} could not be, and their candidates are left out" if left else ""
        return (
            f"machines: {self.n_lost} fitted models were lost with the machines that they were on; {len(self.again)} "
            f"of them were fitted again{rest}."
        )


def restore_members(selected: Sequence[CandidateResult], weights: Array, tried: Tried, deadline: Deadline) -> Restored:
    """Fit again, on the fold that it was of, each weighted model that lies elsewhere and cannot be fetched any more.

    One that would not end by the deadline is not begun. What a fit predicts is known, so only its model is taken.
    """
    used = [selected[position] for position in np.flatnonzero(weights).tolist()]
    lost = [(result, fold) for result in used for fold in result.folds if is_lost(fold, tried.setup.fetch)]
    done = Restored(selected, len(lost))
    if not lost:
        return done
    waiting, slots = list(lost), tried.slots
    while waiting or slots.running:
        for slot in slots.idle():
            _begin(slot, waiting, tried, deadline)
        if not slots.running:
            break
        for finished in slots.wait(deadline.left()):
            if isinstance(finished.result, FoldResult):
                done.again[finished.result.candidate_id, finished.result.fold] = finished.result
        if deadline.left() <= 0:
            slots.kill_all(OUT_OF_TIME)
    done.selected = [_with(result, done) for result in selected]
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


def _begin(slot: int, waiting: list[tuple[CandidateResult, FoldResult]], tried: Tried, deadline: Deadline) -> None:
    """Start the first waiting fit that this slot takes and that fits the time."""
    trials, slots = tried.trials, tried.slots
    for result, fold in list(waiting):
        if not slots.suits(slot, trials.models[result.candidate.model]):
            continue
        waiting.remove((result, fold))
        left = deadline.left()
        if MARGIN * fold.seconds <= left:
            job = trials.fold_job(result.candidate, fold.fold, left)
            slots.submit(slot, replace(job, rows_share=fold.rows_share))
            return


def _with(result: CandidateResult, done: Restored) -> CandidateResult:
    folds = tuple(_found(fold, done.again.get((result.candidate.id, fold.fold))) for fold in result.folds)
    return replace(result, folds=folds)


def _found(fold: FoldResult, again: FoldResult | None) -> FoldResult:
    if again is None:
        return fold
    return replace(fold, member=again.member, member_mb=again.member_mb, member_sha256=again.member_sha256)
