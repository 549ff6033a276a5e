"""Gather members: load the fold models of the candidates that the ensemble weights."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.steps.fit_fold import FittedMember
from automl.steps.prepare_fold import FittedPreparation
from automl.vocabulary.arrays import Array
from automl.vocabulary.results import CandidateResult, FoldResult

ANY_FOLD = -2
"""In the place of a fold's number: a row-wise preparation is the same for all."""


@dataclass(frozen=True, slots=True)
class Member:
    """One candidate of the ensemble: its fold models, whose mean it predicts, and its place among the combined."""

    candidate_id: str
    model: str
    params: Mapping[str, Any]
    weight: float
    position: int
    folds: tuple[FittedMember, ...]
    refitted: bool = False
    """Whether it is one model fitted on all rows, rather than one for each fold."""


def gather_members(
    selected: Sequence[CandidateResult], weights: Array, refitted: Mapping[str, FoldResult] | None = None
) -> tuple[Member, ...]:
    """Return the members with weight. Equal preparations of a fold become one object, so they transform once.

    A candidate that is in `refitted` has that one model in the place of its fold models.
    """
    refitted = refitted or {}
    preparations: dict[tuple[str, int, float], FittedPreparation] = {}
    members = []
    for position, (result, weight) in enumerate(zip(selected, np.asarray(weights).tolist(), strict=True)):
        if weight == 0:
            continue
        candidate = result.candidate
        fits = (refitted[candidate.id],) if candidate.id in refitted else result.folds
        folds = tuple(_load(fit, candidate.preparation.id, preparations) for fit in fits)
        members.append(
            Member(
                candidate_id=result.candidate.id,
                model=result.candidate.model,
                params=dict(result.candidate.params),
                weight=float(weight),
                position=position,
                folds=folds,
                refitted=candidate.id in refitted,
            )
        )
    return tuple(members)


def _load(
    fit: FoldResult, preparation_id: str, preparations: dict[tuple[str, int, float], FittedPreparation]
) -> FittedMember:
    """Read a fold model. What was prepared depends on the preparation and the fold's rows, not on who asked for it."""
    member: FittedMember = pickle.loads(Path(fit.member).read_bytes())
    row_wise = member.preparation.row_wise
    key = (preparation_id, ANY_FOLD, 1.0) if row_wise else (preparation_id, fit.fold, fit.rows_share)
    return FittedMember(preparations.setdefault(key, member.preparation), member.learner)
