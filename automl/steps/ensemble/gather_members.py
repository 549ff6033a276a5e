"""Gather members: load the fold models of the candidates that the ensemble weights."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from automl.fitted.member import FittedMember, Member
from automl.fitted.preparation import FittedPreparation
from automl.steps.ensemble.deal_folds import FOLD_MODELS, deal_folds, deal_generations
from automl.vocabulary.arrays import Array
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import CandidateResult, FoldResult

Fetch: TypeAlias = Callable[[Ref], bytes]
ANY_FOLD = -2
"""In the place of a fold's number: a row-wise preparation is the same for all."""


def gather_members(
    selected: Sequence[CandidateResult],
    weights: Array,
    fetch: Fetch,
    refitted: Mapping[str, FoldResult] | None = None,
    fold_models: float = FOLD_MODELS,
    generations: int | None = None,
) -> tuple[Member, ...]:
    """Return the members with weight. Equal preparations of a fold become one object, so they transform once.

    `fetch` brings what was pickled. A candidate that is in `refitted` has that one model in the place of its fold
    models. About `fold_models` of all fold models are dealt to the members to predict with. Where folds are in order of
    time, `generations` of models predict for each member, the newest: the one of all rows, where there is one, and then
    those of the newest folds.
    """
    refitted = refitted or {}
    preparations: dict[tuple[str, int, float], FittedPreparation] = {}
    weights = np.asarray(weights)
    used = np.flatnonzero(weights).tolist()
    fits = [_fits(selected[position], refitted, generations is not None) for position in used]
    available = [len(each) for each in fits]
    if generations is None:
        dealt = deal_folds(weights[used], available, fold_models)
    else:
        whole = [selected[position].candidate.id in refitted for position in used]
        dealt = deal_generations(weights[used], available, whole, generations, fold_models)
    members = []
    for position, own, hand in zip(used, fits, dealt, strict=True):
        candidate = selected[position].candidate
        members.append(
            Member(
                candidate_id=candidate.id,
                model=candidate.model,
                params=dict(candidate.params),
                weight=float(weights[position]),
                position=position,
                folds=tuple(_load(fit, candidate.preparation.id, preparations, fetch) for fit in own),
                refitted=candidate.id in refitted,
                dealt=None if len(hand) == len(own) else hand,
            )
        )
    return tuple(members)


def _fits(result: CandidateResult, refitted: Mapping[str, FoldResult], keep: bool) -> tuple[FoldResult, ...]:
    again = refitted.get(result.candidate.id)
    if again is None:
        return result.folds
    return (*result.folds, again) if keep else (again,)


def _load(
    fit: FoldResult,
    preparation_id: str,
    preparations: dict[tuple[str, int, float], FittedPreparation],
    fetch: Fetch,
) -> FittedMember:
    """Read a fold model. What was prepared depends on the preparation and the fold's rows, not on who asked for it."""
    member = read_member(fit, fetch)
    row_wise = member.preparation.row_wise
    key = (preparation_id, ANY_FOLD, 1.0) if row_wise else (preparation_id, fit.fold, fit.rows_share)
    return FittedMember(preparations.setdefault(key, member.preparation), member.learner)


def read_member(fit: FoldResult, fetch: Fetch) -> FittedMember:
    """Return what a fit has left; what a plugin's classes raise on being loaded goes through."""
    if fit.member is None:
        raise LookupError("nothing is known of where it lies")
    member: FittedMember = pickle.loads(fetch(fit.member))
    return member
