"""Calibrate intervals: how far true values lie from cross-fitted predictions, by row where that makes better ends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.fitted.intervals import Intervals, Reach
from automl.fitted.score_curve import score_curve
from automl.fitted.spread import Spread
from automl.steps.review.held_out import COVERAGES, HeldOut, achieve
from automl.steps.review.learn_spread import learn_spread
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.task import NO_ENDS

BETTER = 0.99
"""What a less simple way may lose, at most, of what a simpler one does."""
TWO_SIDED_UNITS = 200
"""Fewer rows, or groups, than this say too little about each side by itself."""
FLOOR = 0.05
"""Share of the mean distance of two quantiles that is added to each, so that none is zero."""


def calibrate_intervals(
    held: HeldOut, pairs: Sequence[tuple[int, int, float]], bounds: tuple[float, float] = NO_ENDS
) -> Intervals:
    """Return what makes intervals of values, from rows that were held out.

    pairs: two outputs each, the same one for a value, and the share of values that should lie between them. bounds:
    where the values of the target end; no interval reaches beyond.

    Conformal prediction over cross-fitted residuals (cross-conformal prediction: Vovk, 2015; CV+: Barber, Candès,
    Ramdas and Tibshirani, 2021), scaled by a model of the residuals (Papadopoulos, Vovk and Gammerman, 2011); of
    quantiles, over what values lie outside of them (Romano, Patterson and Candès, 2019). Scaled or not, with a curve
    for each side or one for both: whichever has the better interval score (Gneiting and Raftery, 2007).
    """
    same = np.ones(held.n_rows)
    learned = None
    if all(low == high for low, high, _ in pairs):
        predicted = np.asarray(held.outputs[:, 0], dtype=np.float64)
        learned = learn_spread(held, predicted, held.target - predicted)
    spread, spreads = (None, same) if learned is None else learned
    chosen = [_best(held, pair, pairs, spread, spreads, bounds) for pair in pairs]
    uses_spread = any(way.by_spread for way in chosen)

    def made(rows: Rows | None = None) -> Intervals:
        part = held if rows is None else held.at(rows)
        some = spreads if rows is None else spreads[rows]
        reaches = tuple(way.calibrated(part, some) for way in chosen)
        return Intervals(reaches, spread if uses_spread else None, *bounds, part.n_units, held.groups is not None)

    def judge(known: Rows, new: Rows, coverage: float) -> tuple[Array, Array]:
        ends, target = made(known).ends(held.outputs[new], spreads[new], coverage), held.target[new]
        return (ends[:, 0] <= target) & (target <= ends[:, 1]), ends[:, 1] - ends[:, 0]

    return replace(made(), achieved=achieve(held, judge))


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to reach beyond a pair of outputs; its fields are those of `Reach`."""

    low: int
    high: int
    between: float
    two_sided: bool
    by_spread: bool = False
    by_width: bool = False
    floor: float = 0.0

    def calibrated(self, held: HeldOut, spreads: Array) -> Reach:
        """Return the reach by rows; spreads: `(n_rows,)`."""
        none = score_curve(np.zeros(1))
        bare = Reach(
            self.low, self.high, self.between, none, none, self.two_sided, self.by_spread, self.by_width, self.floor
        )
        units = bare.units(held.outputs, spreads)
        down = (held.outputs[:, self.low] - held.target) / units
        up = (held.target - held.outputs[:, self.high]) / units
        if self.two_sided:
            below, above = (score_curve(each, held.weights, held.n_units) for each in (down, up))
        else:
            below = above = score_curve(np.maximum(down, up), held.weights, held.n_units)
        return replace(bare, below=below, above=above)


def _best(
    held: HeldOut,
    pair: tuple[int, int, float],
    pairs: Sequence[tuple[int, int, float]],
    spread: Spread | None,
    spreads: Array,
    bounds: tuple[float, float],
) -> _Way:
    """Return the simplest of the ways to reach beyond a pair of outputs that loses little to the best."""
    serves = [each for each in COVERAGES if min(pairs, key=lambda other: abs(other[2] - each)) == pair]
    chosen, least = None, math.inf
    for way in _ways(held, pair, spread is not None):
        lost = _lost(held, way.calibrated(held, spreads), spreads, serves or [max(pair[2], COVERAGES[0])], bounds)
        if chosen is None or lost < BETTER * least:
            chosen, least = way, lost
    return chosen  # type: ignore[return-value]  # there is one way at least


def _ways(held: HeldOut, pair: tuple[int, int, float], has_spread: bool) -> Iterator[_Way]:
    """Yield the ways to reach beyond a pair of outputs, the simplest first."""
    sides = (False, True) if held.n_units >= TWO_SIDED_UNITS else (False,)
    width = held.mean(held.outputs[:, pair[1]] - held.outputs[:, pair[0]])
    for two_sided in sides:
        yield _Way(*pair, two_sided)
    for two_sided in sides if has_spread else ():
        yield _Way(*pair, two_sided, by_spread=True)
    for two_sided in sides if width > 0 else ():
        yield _Way(*pair, two_sided, by_width=True, floor=FLOOR * width)


def _lost(
    held: HeldOut, reach: Reach, spreads: Array, coverages: Sequence[float], bounds: tuple[float, float]
) -> float:
    """Return the mean interval score, as the geometric mean over coverages: width, and what misses are off by."""
    scores = []
    for coverage in coverages:
        low, high = np.clip(reach.ends(held.outputs, spreads, coverage), *bounds).T
        missed = np.maximum(low - held.target, 0.0) + np.maximum(held.target - high, 0.0)
        scores.append(held.mean(high - low + 2.0 / (1.0 - coverage) * missed))
    return math.exp(float(np.mean(np.log(np.maximum(scores, np.finfo(np.float64).tiny)))))
