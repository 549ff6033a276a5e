"""Limit the prediction time: build the ensemble of candidates that together predict a row within the time allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from automl.steps.build_ensemble import Ensemble
from automl.vocabulary.arrays import Array
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import CandidateResult, Failure


@dataclass(frozen=True, slots=True)
class Limited:
    """The candidates that an ensemble was built of, as positions among those there were, and what was left out."""

    kept: tuple[int, ...]
    ensemble: Ensemble
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()


def limit_prediction_time(
    selected: Sequence[CandidateResult],
    ensemble: Ensemble,
    plan: ResamplingPlan,
    limit: float,
    combine: Callable[[Sequence[int]], Ensemble],
) -> Limited:
    """Return an ensemble whose members take at most `limit` seconds a row, or of the cheapest candidate alone.

    Of `ensemble`, built without the limit, the members are dropped that are dearest for their weight until the rest
    fits; candidates without weight, the best first, may then join while everything still fits, and `combine` builds
    anew from the positions that are left. So whatever weights it finds, the limit holds.
    """
    costs = np.array([seconds_per_row(result, plan) for result in selected])
    weights = np.asarray(ensemble.weights)
    before = float(costs[weights != 0].sum())
    if before <= limit:
        return Limited(tuple(range(len(selected))), ensemble, notes=(_held(limit, before),))
    kept = affordable(costs, weights, limit)
    limited = combine(kept)
    after = float(costs[[kept[place] for place in np.flatnonzero(limited.weights)]].sum())
    lost = tuple(_left_out(selected[i], costs[i], limit) for i in np.flatnonzero(weights).tolist() if i not in kept)
    text = (
        f"{_held(limit, after) if after <= limit else _missed(limit, after)} Without the limit: {before:.2g} s a row "
        f"and a score of {ensemble.score:.6g}; with it {limited.score:.6g}."
    )
    return Limited(tuple(kept), limited, lost, (text,))


def seconds_per_row(result: CandidateResult, plan: ResamplingPlan) -> float:
    """Return what a candidate takes to predict a row with all of its fold models, as measured on validation rows."""
    return sum(fold.predict_seconds / max(1, len(plan.folds[fold.fold].valid)) for fold in result.folds)


def affordable(costs: Array, weights: Array, limit: float) -> list[int]:
    """Return positions whose costs add up to the limit at most, in order; the cheapest alone where none fits."""
    members = np.flatnonzero(weights)
    dear_first = members[np.argsort(-costs[members] / np.abs(weights[members]), kind="stable")].tolist()
    while dear_first and costs[dear_first].sum() > limit:
        dear_first.pop(0)
    kept, total = list(dear_first), float(costs[dear_first].sum())
    for position in range(len(costs)):
        if position not in kept and total + costs[position] <= limit:
            kept.append(position)
            total += float(costs[position])
    return sorted(kept) if kept else [int(np.argmin(costs))]


def _held(limit: float, seconds: float) -> str:
    return f"predict_time_limit={limit:g}: the members take about {seconds:.2g} s a row."


def _missed(limit: float, seconds: float) -> str:
    return (
        f"predict_time_limit={limit:g}: no candidate is that fast; the fastest is kept, about {seconds:.2g} s a row. "
        f"Allow more time a row, or other models."
    )


def _left_out(result: CandidateResult, seconds: float, limit: float) -> Failure:
    cause = f"left out: takes {seconds:.2g} s a row; predict_time_limit allows {limit:.2g} s for all members together"
    candidate = result.candidate
    return Failure(candidate.model, "ensemble", cause, candidate_id=candidate.id, params=dict(candidate.params))
