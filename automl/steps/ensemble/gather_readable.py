"""Gather what is readable: members that cannot be loaded are left out, and the ensemble is built without them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace

from automl.errors import SearchError
from automl.fitted.member import Member
from automl.steps.ensemble.build_ensemble import Ensemble
from automl.steps.ensemble.gather_members import Fetch, gather_members, read_member
from automl.steps.ensemble.limit_prediction_time import Limited
from automl.vocabulary.results import CandidateResult, Failure
from automl.vocabulary.states import Stage


def gather_readable(
    selected: Sequence[CandidateResult], limited: Limited, combine: Callable[[Sequence[int]], Ensemble], fetch: Fetch
) -> tuple[Limited, tuple[Member, ...]]:
    """Return the members, and the ensemble that they make up.

    Where a plugin's fitted model breaks on being loaded, `combine` builds anew from the positions of the others, and
    the failures say so. A SearchError is raised where no candidate is left.
    """
    while True:
        try:
            chosen = [selected[position] for position in limited.kept]
            return limited, gather_members(chosen, limited.ensemble.weights, fetch, fold_models=limited.fold_models)
        except Exception:
            weights = limited.ensemble.weights.tolist()
            used = [position for position, weight in zip(limited.kept, weights, strict=True) if weight]
            broken = {position: failure for position in used if (failure := unreadable(selected[position], fetch))}
            kept = tuple(position for position in limited.kept if position not in broken)
            if not broken:
                raise
            if not kept:
                first = next(iter(broken.values()))
                raise SearchError(f"No fitted model can be loaded again: {first.cause}\n{first.traceback}") from None
            limited = replace(
                limited, kept=kept, ensemble=combine(kept), failures=(*limited.failures, *broken.values())
            )


def unreadable(result: CandidateResult, fetch: Fetch) -> Failure | None:
    """Return why a candidate's fold models cannot be loaded; None where they can."""
    for fold in result.folds:
        try:
            read_member(fold, fetch)
        except Exception as error:
            return Failure(
                model=result.candidate.model,
                stage=Stage.LOAD,
                cause=f"its fitted model cannot be loaded again: {type(error).__name__}: {error}",
                traceback=traceback.format_exc(),
                candidate_id=result.candidate.id,
                params=result.candidate.params,
                fold=fold.fold,
            )
    return None
