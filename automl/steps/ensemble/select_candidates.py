"""Select candidates: which of the results may join the ensemble, and over which folds they are compared."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import pairwise

from automl.vocabulary.results import CandidateResult
from automl.vocabulary.states import Status

MOST_BY_ROWS = ((100, 15), (500, 30), (2_500, 50), (10_000, 60), (100_000, 100))
"""Rows and the number of candidates that an ensemble may choose from: more choice fits the noise of few rows.

Of few rows ensembles are averaged, which bears more choice than one of them does. See `benchmarks/README.md`.
"""
LEAD = 0.01
"""Relative lead that a partial result must have over every complete one to shorten the comparison to its folds."""


def select_candidates(
    results: Sequence[CandidateResult],
    n_rows: int,
    n_folds: int,
    constants: Collection[str] = (),
    most: int | None = None,
) -> tuple[list[CandidateResult], int]:
    """Return the candidates that may join, best first, and the number of leading folds that all of them have.

    Complete results are compared over all folds. Where time ended early, partial ones are kept: when there is no
    complete one, or when one that has at least half of the folds leads clearly. `constants` names the models that
    predict the same for every row. `most` are taken, where that is fewer than so many rows allow.
    """
    able_to_join = (each for each in results if each.kept and each.status in (Status.COMPLETE, Status.PARTIAL))
    kept = [result for result in able_to_join if leading_folds(result)]
    if not kept:
        return [], 0
    complete = [result for result in kept if leading_folds(result) == n_folds]
    shared = n_folds if complete else max(leading_folds(result) for result in kept)
    for result in kept:
        own = leading_folds(result)
        if complete and n_folds / 2 <= own < shared and _leads(result, complete, own):
            shared = own
    able = [result for result in kept if leading_folds(result) >= shared]
    allowed = most_candidates(n_rows) if most is None else min(most, most_candidates(n_rows))
    return _cap(_distinct(_better_than_constant(able, shared, constants)), allowed, shared), shared


def _distinct(results: list[CandidateResult]) -> list[CandidateResult]:
    """Leave out a model's repeats: another seed, or a hyperparameter that changes nothing, gave the same losses."""
    first: dict[tuple[str, tuple[float, ...]], CandidateResult] = {}
    for result in sorted(results, key=lambda each: each.order):
        first.setdefault((result.candidate.model, result.fold_losses), result)
    return list(first.values())


def _better_than_constant(
    results: list[CandidateResult], n_folds: int, constants: Collection[str]
) -> list[CandidateResult]:
    """Leave out the constant model and what is no better, unless nothing else is there.

    A constant would only shrink predictions, which a ranking metric does not see and a user of probabilities does.
    """
    constant = [_loss(each, n_folds) for each in results if each.candidate.model in constants]
    better = [each for each in results if not constant or _loss(each, n_folds) < min(constant)]
    return better or results


def leading_folds(result: CandidateResult) -> int:
    """Return how many folds, counted from the first, are finished without a gap."""
    done = {fold.fold for fold in result.folds}
    return next((number for number in range(len(done) + 1) if number not in done), len(done))


def most_candidates(n_rows: int) -> int:
    """Return how many candidates may join at this many rows, interpolated on logarithmic scales."""
    if n_rows <= MOST_BY_ROWS[0][0]:
        return MOST_BY_ROWS[0][1]
    for (rows, most), (more_rows, more) in pairwise(MOST_BY_ROWS):
        if n_rows <= more_rows:
            share = math.log(n_rows / rows) / math.log(more_rows / rows)
            return int(math.exp(math.log(most) + share * math.log(more / most)))
    return MOST_BY_ROWS[-1][1]


def _leads(result: CandidateResult, complete: Sequence[CandidateResult], n_folds: int) -> bool:
    best = min(_loss(each, n_folds) for each in complete)
    own = _loss(result, n_folds)
    return math.isfinite(own) and (math.isinf(best) or own < best - LEAD * abs(best))


def _cap(results: Sequence[CandidateResult], most: int, n_folds: int) -> list[CandidateResult]:
    """Keep the best, with the best of each model first in line so that variety is not crowded out."""
    ranked = sorted(results, key=lambda result: (_loss(result, n_folds), result.order))
    seen: set[str] = set()
    champions = []
    for result in ranked:
        if result.candidate.model not in seen:
            champions.append(result)
            seen.add(result.candidate.model)
    others = [result for result in ranked if not any(result is champion for champion in champions)]
    line = champions + others
    chosen = line[:most]
    return sorted(chosen, key=lambda result: (_loss(result, n_folds), result.order))


def _loss(result: CandidateResult, n_folds: int) -> float:
    losses = result.fold_losses[:n_folds]
    return sum(losses) / len(losses)
