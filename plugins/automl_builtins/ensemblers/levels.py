"""Weights and shifts by level: members good for the tails weigh there, and each level covers what it should."""

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
    hookimpl,
)
from automl_builtins.ensemblers._candidates import (
    LIGHTEST,
    add_up,
    best_voters,
    equal_shares,
    make_objective,
    rank_candidates,
)
from automl_builtins.kinds import QUANTILE

MOST_MEMBERS = 12
WEIGHT_SPREAD = 0.15
"""Standard deviation of the prior of a member's weight at a level around its share in the average."""
SHIFT_SPREAD = 0.1
"""Standard deviation of the prior of a level's shift around 0, in widths of the row's own quantiles."""
WIDE = 4.0
"""Mean absolute errors that stand for a width where there is one level."""
ROUNDED = 0.05
"""Width over which the kink of the loss is rounded off, in units of the mean loss."""
PASSES = 120


@hookimpl
def automl_ensemblers() -> Sequence[EnsemblerSpec]:
    """Offer it, for quantiles alone."""
    tasks = frozenset({QUANTILE})
    return (EnsemblerSpec("stacking_levels", LevelStacking, family="stacking", complexity=10, tasks=tasks),)


@dataclass(frozen=True, slots=True)
class LevelPool:
    """Adds up members by weights of each level, `(n_members, n_levels)`, and shifts them by widths of the row's own.

    The width is the distance of the outermost two levels; of a single level it is 1.
    """

    by_level: Array
    shifts: Array

    def combine(self, predictions: Array, features: Features | None = None) -> Array:  # noqa: ARG002  not asked for
        """Return `(n_rows, n_levels)`, the same for a row alone as among others."""
        total = np.sort(add_up(self.by_level, predictions), axis=1)
        return np.sort(total + width_of(total) * self.shifts, axis=1)

    def weights(self) -> Array:
        """Return each member's share, the mean over the levels."""
        return np.asarray(self.by_level.mean(axis=1))


def width_of(outputs: Array) -> Array:
    """Return the distance of the outermost two levels, `(n_rows, 1)`; 1 where there is one level."""
    return outputs[:, -1:] - outputs[:, :1] if outputs.shape[1] > 1 else np.ones((len(outputs), 1))


class LevelStacking:
    """Fits weights by level, and shifts, by the pinball loss, drawn towards those of soft voting and to none."""

    def __init__(self, request: EnsembleRequest) -> None:
        """Keep the task and the metric."""
        self._request = request

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Minimise the loss with a normal prior around the plain average of the best few."""
        objective = make_objective(out_of_fold, self._request, context.seed)
        ranked = rank_candidates(objective.single_losses())
        start = equal_shares(best_voters(objective, ranked), objective.n_candidates)
        members = ranked[:MOST_MEMBERS]
        levels = np.asarray(self._request.task.blocks[0].levels)
        fitting = _Fitting(objective.stack[members].transpose(0, 2, 1), objective.target, levels, start[members])
        found, shifts = fitting.run(objective.row_weights, context)
        by_level = np.zeros((objective.n_candidates, len(levels)))
        by_level[members] = found
        light = by_level.mean(axis=1) < LIGHTEST
        if not light.all():
            lost = by_level[light].sum(axis=0)
            by_level[light] = 0.0
            kept = by_level.sum(axis=0)
            by_level *= np.where(kept > 0, 1.0 + lost / np.where(kept > 0, kept, 1.0), 1.0)
        return LevelPool(by_level, shifts)


@dataclass(frozen=True, slots=True)
class _Fitting:
    """What is fitted: members `(n_members, n_rows, n_levels)`, target `(n_rows,)`, levels, and each member's share."""

    members: Array
    target: Array
    levels: Array
    shares: Array

    def run(self, row_weights: Array | None, context: FitContext) -> tuple[Array, Array]:
        """Return weights `(n_members, n_levels)` and shifts `(n_levels,)`."""
        from scipy.optimize import minimize

        n_members, n_rows, n_levels = self.members.shape
        mass = np.ones(n_rows) if row_weights is None else np.asarray(row_weights, dtype=np.float64)
        mass = mass / (mass.sum() * n_levels)
        average = np.einsum("m,mrk->rk", self.shares, self.members)
        missing = self.target[:, None] - average
        width = width_of(average) * (1.0 if n_levels > 1 else WIDE * np.abs(missing).mean())
        scale = float((mass[:, None] * np.maximum(self.levels * missing, (self.levels - 1.0) * missing)).sum()) or 1.0
        shares = np.repeat(self.shares[:, None], n_levels, axis=1)
        split = n_members * n_levels

        def loss(point: Array) -> tuple[float, Array]:
            weights, shifts = point[:split].reshape(n_members, n_levels), point[split:]
            off = self.target[:, None] - np.einsum("mk,mrk->rk", weights, self.members) - width * shifts
            size, rounded = np.abs(off), ROUNDED * scale
            soft = np.where(size < rounded, 0.5 * (off * off / rounded + rounded), size)
            value = float((mass[:, None] * ((self.levels - 0.5) * off + 0.5 * soft)).sum()) / scale
            slope = -mass[:, None] * ((self.levels - 0.5) + 0.5 * np.clip(off / rounded, -1.0, 1.0)) / scale
            away, prior = (weights - shares) / WEIGHT_SPREAD**2, shifts / SHIFT_SPREAD**2
            value += 0.5 * float((away * (weights - shares)).sum() + (prior * shifts).sum()) / n_rows
            by_weight = np.einsum("rk,mrk->mk", slope, self.members) + away / n_rows
            by_shift = (slope * width).sum(axis=0) + prior / n_rows
            return value, np.concatenate([by_weight.ravel(), by_shift])

        def watch(point: Array) -> None:  # noqa: ARG001  the clock alone ends it
            if context.seconds_left() <= 0:
                raise StopIteration

        point = np.concatenate([shares.ravel(), np.zeros(n_levels)])
        bounds = [(0.0, None)] * split + [(None, None)] * n_levels
        options = {"maxiter": PASSES}
        found = minimize(loss, point, jac=True, method="L-BFGS-B", bounds=bounds, callback=watch, options=options).x
        shifts = found[split:] * (1.0 if n_levels > 1 else float(width[0, 0]))
        return found[:split].reshape(n_members, n_levels), shifts
