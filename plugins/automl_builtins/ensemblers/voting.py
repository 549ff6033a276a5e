"""Voting ensembles, the best few candidates with one vote each, and the best candidate alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl.plugin_api import (
    Array,
    Combiner,
    EnsembleRequest,
    EnsemblerSpec,
    Features,
    FitContext,
    OutOfFold,
    Rows,
    TaskKind,
    Trait,
    hookimpl,
)
from automl_builtins.ensemblers._candidates import (
    MAX_VOTERS,
    WeightedAverage,
    best_voters,
    equal_shares,
    make_objective,
    rank_candidates,
)

GRID_POINTS = 1000
EVERY_FORM = frozenset(Trait)
"""A mean keeps whatever form outputs have."""


@hookimpl
def automl_ensemblers() -> Sequence[EnsemblerSpec]:
    """Offer the best candidate alone, and soft, hard and rank voting."""
    return (
        EnsemblerSpec("best_single", BestSingle, family="none", complexity=0, forms=EVERY_FORM),
        EnsemblerSpec("soft_voting", SoftVoting, family="voting", complexity=2, forms=EVERY_FORM),
        EnsemblerSpec("hard_voting", HardVoting, family="voting", complexity=3, in_auto=False),
        EnsemblerSpec(
            "rank_voting",
            RankVoting,
            family="voting",
            complexity=4,
            tasks=frozenset({TaskKind.BINARY}),
            in_auto=False,
        ),
    )


class BestSingle:
    """Keeps the candidate with the least loss and nothing else."""

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Return a combiner that gives the best candidate all the weight."""
        objective = make_objective(out_of_fold, self._request, context.seed)
        best = rank_candidates(objective.single_losses())[:1]
        return WeightedAverage(equal_shares(best, objective.n_candidates))


class SoftVoting:
    """Averages the probabilities or values of the best few candidates."""

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Choose how many of the best candidates vote, by the metric."""
        objective = make_objective(out_of_fold, self._request, context.seed)
        voters = best_voters(objective, rank_candidates(objective.single_losses()))
        return WeightedAverage(equal_shares(voters, objective.n_candidates))


class HardVoting:
    """Lets the best few candidates vote for one class each, or takes the median of their values."""

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Choose how many of the best candidates vote, by the metric."""
        objective = make_objective(out_of_fold, self._request, context.seed)
        ranked = rank_candidates(objective.single_losses())[:MAX_VOTERS]
        losses, by_rows = [], objective.stack.transpose(0, 2, 1)
        for count in range(1, len(ranked) + 1):
            shares = equal_shares(ranked[:count], objective.n_candidates)
            losses.append(objective.loss(self._combiner(shares).combine(by_rows).T))
        members = ranked[: int(np.argmin(losses)) + 1]
        return self._combiner(equal_shares(members, objective.n_candidates))

    def _combiner(self, shares: Array) -> Combiner:
        return HardVotes(shares) if self._request.task.has_classes else MedianValue(shares)


@dataclass(frozen=True, slots=True)
class HardVotes:
    """Gives each class the share of the members that find it the most likely."""

    shares: Array

    def combine(self, predictions: Array, features: Features | None = None) -> Array:  # noqa: ARG002  not asked for
        """Return `(n_rows, n_classes)` shares of votes."""
        votes = np.zeros(predictions.shape[1:])
        rows = np.arange(predictions.shape[1])
        for member in np.flatnonzero(self.shares):
            votes[rows, predictions[member].argmax(axis=1)] += self.shares[member]
        return votes

    def weights(self) -> Array:
        """Return each member's share of the votes."""
        return self.shares


@dataclass(frozen=True, slots=True)
class MedianValue:
    """Takes the median of the members' values."""

    shares: Array

    def combine(self, predictions: Array, features: Features | None = None) -> Array:  # noqa: ARG002  not asked for
        """Return `(n_rows, 1)` medians."""
        return np.median(predictions[self.shares > 0].astype(np.float64), axis=0)

    def weights(self) -> Array:
        """Return each member's share, equal for all that count."""
        return self.shares


class RankVoting:
    """Averages the ranks that the best few candidates give a row, so that none counts more for being bolder."""

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Choose the voters as soft voting does, then store how each one's predictions are distributed."""
        objective = make_objective(out_of_fold, self._request, context.seed)
        voters = best_voters(objective, rank_candidates(objective.single_losses()))
        positive = objective.stack[:, 1].astype(np.float64)
        grids = tuple(rank_grid(positive[member]) for member in voters)
        ranks = np.mean([to_rank(positive[member], grid) for member, grid in zip(voters, grids, strict=True)], axis=0)
        steps = np.linspace(0.0, 1.0, min(GRID_POINTS, len(ranks)))
        average = positive[voters].mean(axis=0)
        back = np.quantile(ranks, steps), np.quantile(average, steps)
        return RankVotes(equal_shares(voters, objective.n_candidates), voters, grids, back)


@dataclass(frozen=True, slots=True)
class RankVotes:
    """Ranks each member's probability among its out-of-fold ones and averages the ranks.

    The mean rank is turned back into a probability with the distribution of the members' average, which changes no
    order and keeps thresholds and probabilities meaningful.
    """

    shares: Array
    voters: Rows
    grids: tuple[tuple[Array, Array], ...]
    back: tuple[Array, Array]

    def combine(self, predictions: Array, features: Features | None = None) -> Array:  # noqa: ARG002  not asked for
        """Return `(n_rows, 2)`, the same for a row alone as among others."""
        total = np.zeros(predictions.shape[1])
        for member, grid in zip(self.voters, self.grids, strict=True):
            total += to_rank(predictions[member, :, 1], grid)
        positive = np.clip(np.interp(total / len(self.voters), *self.back), 0.0, 1.0)
        return np.column_stack([1.0 - positive, positive])

    def weights(self) -> Array:
        """Return each member's share, equal for all that count."""
        return self.shares


def rank_grid(values: Array) -> tuple[Array, Array]:
    """Return at most `GRID_POINTS` distinct values in order, and the share of values below each (ties: half)."""
    distinct, counts = np.unique(values, return_counts=True)
    ranks = (np.cumsum(counts) - 0.5 * counts) / len(values)
    if len(distinct) > GRID_POINTS:
        keep = np.unique(np.searchsorted(ranks, np.linspace(ranks[0], ranks[-1], GRID_POINTS)))
        distinct, ranks = distinct[keep], ranks[keep]
    return distinct, ranks


def to_rank(values: Array, grid: tuple[Array, Array]) -> Array:
    """Return the rank of each value in the stored distribution, between 0 and 1."""
    return np.asarray(np.interp(values, *grid))
