"""Calibrate sets: how unlikely the true class is by cross-fitted probabilities, by the rule that gives small sets."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from automl.fitted.class_sets import ClassSets, SetRule
from automl.fitted.score_curve import score_curve
from automl.steps.review.held_out import HeldOut, achieve
from automl.vocabulary.arrays import Array, Rows

COMPARED = (0.8, 0.9, 0.95)
"""Coverages at which rules are compared."""
SMALLER = 0.99
"""How large the sets of another rule may be, at most, in those of the first, whose size tells hard rows best."""
PENALTIES = (0.01, 0.1)
COMPARED_CELLS = 2_000_000
"""Probabilities, of all classes of some rows, on which rules are compared."""


def calibrate_sets(held: HeldOut) -> ClassSets:
    """Return what makes sets of classes, from rows that were held out.

    Conformal prediction over cross-fitted probabilities, by one of three rules, which `SetRule` tells apart. Whichever,
    the class that `predict` gives is in every set, so none is empty; the curve takes account of that.
    """
    rule = _smallest(held)
    scores = rule.scores(held.outputs, held.decided)
    own = scores[np.arange(held.n_rows), held.target]

    def judge(known: Rows, new: Rows, coverage: float) -> tuple[Array, Array]:
        within = score_curve(own[known], *_counted(held.at(known))).within(coverage)
        return own[new] <= within, (scores[new] <= within).sum(axis=1)

    curve = score_curve(own, *_counted(held))
    found = ClassSets(rule, curve, held.n_units, held.groups is not None)
    return replace(found, achieved=achieve(held, judge))


def _counted(held: HeldOut) -> tuple[Array | None, int]:
    return held.weights, held.n_units


def _smallest(held: HeldOut) -> SetRule:
    """Return the rule of the smallest sets; one by mass where others are no smaller to speak of."""
    n_rows, n_classes = held.outputs.shape
    first = SetRule(by_mass=True)
    if n_classes == 2:  # all rules are one: the less likely class is in or not
        return first
    step = max(1, math.ceil(n_rows * n_classes / COMPARED_CELLS))
    part = held.at(np.arange(0, n_rows, step))
    ranks = (part.outputs > part.outputs[np.arange(part.n_rows), part.target][:, None]).sum(axis=1)
    free = 1 + int(np.quantile(ranks, max(COMPARED[:-1])))
    others = [*(SetRule(True, penalty, free) for penalty in PENALTIES), SetRule(by_mass=False)]
    chosen, least = first, SMALLER * _typical_size(part, first)
    for rule in others:
        size = _typical_size(part, rule)
        if size < least:
            chosen, least = rule, size
    return chosen


def _typical_size(held: HeldOut, rule: SetRule) -> float:
    """Return the mean number of classes in a set, as the geometric mean over some coverages."""
    scores = rule.scores(held.outputs, held.decided)
    curve = score_curve(scores[np.arange(held.n_rows), held.target], *_counted(held))
    sizes = [held.mean((scores <= curve.within(coverage)).sum(axis=1)) for coverage in COMPARED]
    return math.exp(float(np.mean(np.log(sizes))))
