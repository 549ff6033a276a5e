"""Limit the prediction time: predict with fewer fold models, or else build the ensemble of cheaper candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.steps.ensemble.build_ensemble import Ensemble
from automl.steps.ensemble.deal_folds import FOLD_MODELS, count_fold_models
from automl.vocabulary.arrays import Array
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import CandidateResult, Failure
from automl.vocabulary.states import Stage

FEWER = (FOLD_MODELS, FOLD_MODELS // 2, 0)
"""Fold models to predict with, the most accurate first; with 0 each member has one."""


@dataclass(frozen=True, slots=True)
class Limited:
    """The candidates that an ensemble was built of, as positions among those there were, and what was left out.

    `fold_models`: about how many the ensemble is to predict with.
    """

    kept: tuple[int, ...]
    ensemble: Ensemble
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    fold_models: int = FOLD_MODELS


def limit_prediction_time(
    selected: Sequence[CandidateResult],
    ensemble: Ensemble,
    plan: ResamplingPlan,
    limit: float,
    combine: Callable[[Sequence[int]], Ensemble],
) -> Limited:
    """Return an ensemble whose members take at most `limit` seconds a row, or of the cheapest candidate alone.

    `ensemble`, built without the limit, predicts with fewer fold models where that is enough: it costs no score. Else
    each member has one, the members are dropped that are dearest for their weight until the rest fits, candidates
    without weight, the best first, may join while everything still fits, and `combine` builds anew from the positions
    that are left. So whatever weights it finds, the limit holds.
    """
    before = seconds_to_predict(selected, ensemble.weights, plan, FOLD_MODELS)
    whole, after = _with_fold_models(Limited(tuple(range(len(selected))), ensemble), selected, plan, limit)
    if after <= limit:
        usual = "" if whole.fold_models == FOLD_MODELS else f" With as many fold models as usual: {before:.2g} s a row."
        return replace(whole, notes=(_held(limit, after) + usual,))
    weights = np.asarray(ensemble.weights)
    costs = np.array([seconds_of_one_model(result, plan) for result in selected])
    kept = affordable(costs, weights, limit)
    limited, after = _with_fold_models(Limited(tuple(kept), combine(kept)), selected, plan, limit)
    lost = tuple(_left_out(selected[i], costs[i], limit) for i in np.flatnonzero(weights).tolist() if i not in kept)
    text = (
        f"{_held(limit, after) if after <= limit else _missed(limit, after)} Without the limit: {before:.2g} s a row "
        f"and a score of {ensemble.score:.6g}; with it {limited.ensemble.score:.6g}."
    )
    return replace(limited, failures=lost, notes=(text,))


def seconds_per_row(result: CandidateResult, plan: ResamplingPlan) -> float:
    """Return what a candidate takes to predict a row with all of its fold models, as measured on validation rows."""
    return sum(fold.predict_seconds / max(1, len(plan.folds[fold.fold].valid)) for fold in result.folds)


def seconds_of_one_model(result: CandidateResult, plan: ResamplingPlan) -> float:
    """Return what a candidate takes to predict a row with one of its fold models."""
    return seconds_per_row(result, plan) / max(1, len(result.folds))


def seconds_to_predict(
    selected: Sequence[CandidateResult], weights: Array, plan: ResamplingPlan, fold_models: int
) -> float:
    """Return what an ensemble takes to predict a row with about so many fold models."""
    used = np.flatnonzero(weights).tolist()
    available = [len(selected[position].folds) for position in used]
    counts = count_fold_models(np.asarray(weights)[used], available, fold_models)
    return sum(
        seconds_of_one_model(selected[position], plan) * count for position, count in zip(used, counts, strict=True)
    )


def _with_fold_models(
    limited: Limited, selected: Sequence[CandidateResult], plan: ResamplingPlan, limit: float
) -> tuple[Limited, float]:
    """Return it with the most fold models that the limit allows, else the fewest, and the seconds a row takes."""
    kept = [selected[position] for position in limited.kept]
    for count in FEWER:
        seconds = seconds_to_predict(kept, limited.ensemble.weights, plan, count)
        if seconds <= limit:
            break
    return replace(limited, fold_models=count), seconds


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
    return Failure(candidate.model, Stage.ENSEMBLE, cause, candidate_id=candidate.id, params=dict(candidate.params))
