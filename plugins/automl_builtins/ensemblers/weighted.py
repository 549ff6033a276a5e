"""Weighted ensembles by greedy forward selection (Caruana et al., 2004, "Ensemble selection from libraries")."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from automl.plugin_api import (
    Array,
    Combiner,
    EnsembleRequest,
    EnsemblerSpec,
    FitContext,
    OutOfFold,
    Rows,
    Trait,
    hookimpl,
)
from automl_builtins.ensemblers._candidates import (
    Objective,
    WeightedAverage,
    make_objective,
    rank_candidates,
    without_light,
)

STEPS, PATIENCE = 40, 10
"""The most additions of a selection, and those without a better loss after which it ends."""
BAG_STEPS, BAG_PATIENCE = 15, 5
"""The same for one of several selections: averaging them refines the weights."""
BAGS = 8
"""Selections that are averaged. On nine tables of 5,000 to 52,000 rows one alone is 0.35 % worse on rows that the
weights have not seen, and keeps a tenth fewer members."""
BAG_SHARE = 0.5
"""Share of the rows that each of several selections sees."""
POOL = 10
"""Candidates tried between the steps that try all of them."""
TOLERANCE = 1e-9
"""Relative differences of losses up to this are rounding."""


@hookimpl
def automl_ensemblers() -> Sequence[EnsemblerSpec]:
    """Offer the greedily weighted average."""
    return (
        EnsemblerSpec(
            "weighted", GreedyWeights, family="weighted", complexity=5, forms=frozenset(Trait), in_haste=True
        ),
    )


class GreedyWeights:
    """Adds, one step at a time and with replacement, the candidate that helps the average most.

    Param `bags`: the number of selections, each on a random half of the rows, whose weights are averaged (Caruana et
    al., 2006, bag models likewise); 1 is one selection on all rows.
    """

    def __init__(self, request: EnsembleRequest) -> None:
        """Read the params."""
        self._request = request
        self._bags = int(request.params.get("bags", BAGS))

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Select members; where time runs out, the best selection so far counts."""
        objective = make_objective(out_of_fold, self._request, context.seed)
        return WeightedAverage(without_light(select_in_bags(objective, self._bags, context)))


def select_in_bags(objective: Objective, bags: int, context: FitContext) -> Array:
    """Return the candidates' mean shares over selections on random halves of the rows; one bag is all rows."""
    if bags == 1:
        return select_greedily(objective, STEPS, PATIENCE, context.seconds_left)
    rng = np.random.default_rng(context.seed)
    total = np.zeros(objective.n_candidates)
    for bag in range(bags):
        if bag and context.seconds_left() <= 0:
            break
        total += _select_in_bag(objective, objective.draw(BAG_SHARE, rng), context.seconds_left)
    if not total.any():
        return select_greedily(objective, STEPS, PATIENCE, context.seconds_left)
    return np.asarray(total / total.sum())


def select_greedily(objective: Objective, steps: int, patience: int, seconds_left: Callable[[], float]) -> Array:
    """Return the candidates' shares: how often each was added, up to the step with the least loss."""
    single = objective.single_losses()
    ranked = rank_candidates(single)
    chosen = [int(ranked[0])]
    total = objective.stack[chosen[0]].copy()
    least, length, pool = float(single[chosen[0]]), 1, ranked
    for step in range(1, steps):
        if step - length >= patience or seconds_left() <= 0:
            break
        tries_all = step & (step - 1) == 0
        tried = ranked if tries_all else pool
        losses = _losses_with_one_more(objective, total, step, tried)
        if tries_all:
            pool = tried[np.sort(np.argsort(losses, kind="stable")[:POOL])]
        chosen.append(_pick(tried, losses, chosen))
        total += objective.stack[chosen[-1]]
        if losses.min() < least - TOLERANCE * abs(least):
            least, length = float(losses.min()), step + 1
    return np.bincount(chosen[:length], minlength=objective.n_candidates) / length


def _select_in_bag(objective: Objective, rows: Rows, seconds_left: Callable[[], float]) -> Array:
    """Return the shares found on some rows; all 0 where the metric has no value on them (a class may be absent)."""
    try:
        return select_greedily(objective.on_rows(rows), BAG_STEPS, BAG_PATIENCE, seconds_left)
    except ValueError:
        return np.zeros(objective.n_candidates)


def _losses_with_one_more(objective: Objective, total: Array, count: int, tried: Rows) -> Array:
    """Return the loss of the average of the `count` members in `total` and one of the tried candidates."""
    mixture, losses = np.empty_like(total), np.empty(len(tried))
    for position, candidate in enumerate(tried):
        np.add(total, objective.stack[candidate], out=mixture)
        mixture *= 1.0 / (count + 1)
        losses[position] = objective.loss(mixture)
    return losses


def _pick(tried: Rows, losses: Array, chosen: Sequence[int]) -> int:
    """Return the candidate with the least loss; of equal ones a member, else the one that is best alone."""
    least = losses.min()
    equal = tried[losses <= least + TOLERANCE * abs(least)] if np.isfinite(least) else tried
    members = [candidate for candidate in equal if candidate in chosen]
    return int((members or equal)[0])
