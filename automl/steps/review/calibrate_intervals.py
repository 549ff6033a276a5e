"""Calibrate intervals: how far true values lie from cross-fitted predictions, by row where that makes them narrower."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from automl.fitted.intervals import Intervals
from automl.fitted.score_curve import score_curve
from automl.fitted.spread import Spread
from automl.steps.review.held_out import HeldOut, achieve
from automl.steps.review.learn_spread import learn_spread
from automl.vocabulary.arrays import Array, Rows

COMPARED = (0.8, 0.9, 0.95)
"""Coverages at which ways to make intervals are compared."""
NARROWER = 0.99
"""How wide the intervals of a less simple way may be, at most, in those of a simpler one."""
TWO_SIDED_UNITS = 200
"""Fewer rows, or groups, than this say too little about each side by itself."""
BOUNDED_UNITS = 100
"""From so many rows, or groups, on, values that all lie on one side of zero are taken always to."""


def calibrate_intervals(held: HeldOut) -> Intervals:
    """Return what makes intervals of values, from rows that were held out.

    Conformal prediction over cross-fitted residuals (cross-conformal prediction: Vovk, 2015; CV+: Barber, Candès,
    Ramdas and Tibshirani, 2021), scaled by a model of the residuals (Papadopoulos, Vovk and Gammerman, 2011), and with
    a curve for each side, where either makes the intervals narrower.
    """
    predicted = np.asarray(held.outputs[:, 0], dtype=np.float64)
    residuals = np.asarray(held.target, dtype=np.float64) - predicted
    learned = learn_spread(held, predicted, residuals)
    same = np.ones(held.n_rows)
    spreads = [(None, same), *([] if learned is None else [learned])]
    sides = (False, True) if held.n_units >= TWO_SIDED_UNITS else (False,)
    ways = [_Way(predicted, residuals, each, spread, two) for spread, each in spreads for two in sides]
    chosen, least = ways[0], math.inf
    for way in ways:
        width = _typical_width(held, way)
        if width < NARROWER * least:
            chosen, least = way, width

    def judge(known: Rows, new: Rows, coverage: float) -> tuple[Array, Array]:
        ends = chosen.calibrated(held, known).ends(predicted[new], chosen.spreads[new], coverage)
        return (ends[:, 0] <= held.target[new]) & (held.target[new] <= ends[:, 1]), ends[:, 1] - ends[:, 0]

    return replace(chosen.calibrated(held), achieved=achieve(held, judge))


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to make intervals; predicted, residuals, spreads: `(n_rows,)`, the last as `spread` gives them."""

    predicted: Array
    residuals: Array
    spreads: Array
    spread: Spread | None
    two_sided: bool

    def calibrated(self, held: HeldOut, rows: Rows | None = None) -> Intervals:
        """Return the intervals by some of the rows, all by default."""
        scaled, part = self.residuals / self.spreads, held
        if rows is not None:
            scaled, part = scaled[rows], held.at(rows)
        units = part.n_units
        if self.two_sided:
            below, above = (score_curve(each, part.weights, units) for each in (-scaled, scaled))
        else:
            below = above = score_curve(np.abs(scaled), part.weights, units)
        bounds = _bounds(held)
        return Intervals(below, above, self.two_sided, self.spread, *bounds, units, held.groups is not None)


def _bounds(held: HeldOut) -> tuple[float, float]:
    """Return beyond what no value lies: zero, where all of many lie on one side of it.

    One more of `n` values is beyond all of them once in `n + 1` times at most, so little coverage can be lost by that.
    """
    is_known = held.n_units >= BOUNDED_UNITS
    return (
        0.0 if is_known and held.target.min() >= 0 else -math.inf,
        0.0 if is_known and held.target.max() <= 0 else math.inf,
    )


def _typical_width(held: HeldOut, way: _Way) -> float:
    """Return the mean width, as the geometric mean over some coverages."""
    made = way.calibrated(held)
    ends = [made.ends(way.predicted, way.spreads, coverage) for coverage in COMPARED]
    widths = [held.mean(each[:, 1] - each[:, 0]) for each in ends]
    return math.exp(float(np.mean(np.log(np.maximum(widths, np.finfo(np.float64).tiny)))))
