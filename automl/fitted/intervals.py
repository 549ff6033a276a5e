"""Intervals: from a predicted value to the ends between which the true one lies."""

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
class Intervals:
    """What makes intervals around predicted values.

    below, above: curves of how far true values lie below and above predictions, in units of the row's spread where
    there is one. two_sided: whether each side has a curve of its own, and misses as often as the other; else both are
    the curve of the distance. least, most: what values never are beyond, infinite where that is not certain.
    n_units: held-out rows, or groups of them where rows come in groups (`by_group`). achieved: for usual coverages.
    """

    below: ScoreCurve
    above: ScoreCurve
    two_sided: bool
    spread: Spread | None
    least: float
    most: float
    n_units: int
    by_group: bool
    achieved: tuple[Achieved, ...] = ()

    @property
    def promised(self) -> float:
        """The highest coverage that can be promised."""
        most = min(self.below.most, self.above.most)
        return 2.0 * most - 1.0 if self.two_sided else most

    def spreads(self, frame: pd.DataFrame, predicted: Array) -> Array:
        """Return the spread of rows as the user gives them, `(n_rows,)`; ones where it is the same for all."""
        return np.ones(len(predicted)) if self.spread is None else self.spread.of(frame, predicted)

    def ends(self, predicted: Array, spreads: Array, coverage: float) -> Array:
        """Return `(n_rows, 2)`, the lower and the upper end; those of the widest known where no more can be promised.

        predicted, spreads: `(n_rows,)`.
        """
        level = (1.0 + coverage) / 2.0 if self.two_sided else coverage
        down, up = (_known(curve, level) for curve in (self.below, self.above))
        ends = np.column_stack([predicted - down * spreads, predicted + up * spreads])
        return np.clip(np.sort(ends, axis=1), self.least, self.most)


def _known(curve: ScoreCurve, level: float) -> float:
    found = curve.within(level)
    return found if math.isfinite(found) else curve.greatest
