"""Intervals: from predicted values, or quantiles, to the ends between which the true value lies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.fitted.score_curve import ScoreCurve
from automl.fitted.spread import Spread
from automl.vocabulary.arrays import Array


@dataclass(frozen=True, slots=True)
class Achieved:
    """What a coverage came to on held-out rows: the share that is covered, and the mean width or number of classes."""

    asked: float
    covered: float
    size: float


@dataclass(frozen=True, slots=True)
class Reach:
    """How far ends lie beyond two outputs of a row, in units of the row's.

    low, high: the numbers of the outputs, the same one for a value; between: the share of values that the two have
    between them by themselves. below, above: curves of how far true values lie below the one and above the other.
    two_sided: whether each side has a curve of its own, and misses as often as the other; else both are the curve of
    the greater of the two. by_spread: whether a row's unit is its spread; by_width: whether it is the distance of the
    two outputs, and `floor` more.
    """

    low: int
    high: int
    between: float
    below: ScoreCurve
    above: ScoreCurve
    two_sided: bool = False
    by_spread: bool = False
    by_width: bool = False
    floor: float = 0.0

    @property
    def promised(self) -> float:
        """The highest coverage that can be promised."""
        most = min(self.below.most, self.above.most)
        return 2.0 * most - 1.0 if self.two_sided else most

    def units(self, outputs: Array, spreads: Array) -> Array:
        """Return the unit of each row, `(n_rows,)`; outputs: `(n_rows, n_outputs)`, spreads: `(n_rows,)`."""
        if self.by_width:
            return np.asarray(outputs[:, self.high] - outputs[:, self.low] + self.floor)
        return spreads if self.by_spread else np.ones(len(outputs))

    def ends(self, outputs: Array, spreads: Array, coverage: float) -> Array:
        """Return `(n_rows, 2)`, lower and upper ends; the widest that are known where no more can be promised."""
        level = (1.0 + coverage) / 2.0 if self.two_sided else coverage
        units = self.units(outputs, spreads)
        low = outputs[:, self.low] - _known(self.below, level) * units
        high = outputs[:, self.high] + _known(self.above, level) * units
        return np.sort(np.column_stack([low, high]), axis=1)


@dataclass(frozen=True, slots=True)
class Intervals:
    """What makes intervals.

    reaches: one, or one for each pair of quantiles, of which the one serves whose share between is nearest to what is
    asked. spread: the model of a row's spread, None where no reach goes by it. least, most: what values never are
    beyond, infinite where that is not certain. n_units: held-out rows, or groups of them where rows come in groups
    (`by_group`). achieved: for usual coverages.
    """

    reaches: tuple[Reach, ...]
    spread: Spread | None
    least: float
    most: float
    n_units: int
    by_group: bool
    achieved: tuple[Achieved, ...] = ()

    @property
    def promised(self) -> float:
        """The highest coverage that can be promised."""
        return self.reach(1.0).promised

    def reach(self, coverage: float) -> Reach:
        """Return the one that serves a coverage."""
        return min(self.reaches, key=lambda each: abs(each.between - coverage))

    def spreads(self, frame: pd.DataFrame, outputs: Array) -> Array:
        """Return the spread of rows as the user gives them, `(n_rows,)`; ones where it is the same for all."""
        return np.ones(len(outputs)) if self.spread is None else self.spread.of(frame, outputs[:, 0])

    def ends(self, outputs: Array, spreads: Array, coverage: float) -> Array:
        """Return `(n_rows, 2)`, the lower and the upper end, of predictions `(n_rows, n_outputs)`."""
        return np.clip(self.reach(coverage).ends(outputs, spreads, coverage), self.least, self.most)


def _known(curve: ScoreCurve, level: float) -> float:
    found = curve.within(level)
    return found if math.isfinite(found) else curve.greatest
