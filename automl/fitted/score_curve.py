"""ScoreCurve: within which score a share of new rows lies, as held-out rows tell; a few numbers that name no row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from automl.vocabulary.arrays import Array

LEVELS = np.unique(
    np.round(np.r_[np.arange(1, 1000) / 1000, np.arange(0.99, 0.9995, 0.0005), np.arange(0.999, 1.0, 0.0001)], 4)
)
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class ScoreCurve:
    """Scores, greater for what is less usual, that a new row stays within.

    levels, scores: `(n_levels,)`, neither ever falling. A new row has the score at a level, or less, at least so often;
    the last level is the highest that the held-out rows can promise, and the greatest score of them stands there.
    """

    levels: Array
    scores: Array

    def within(self, level: float) -> float:
        """Return the score that a new row stays within at least so often; infinity where that cannot be promised."""
        place = int(np.searchsorted(self.levels, level - TOLERANCE))
        return float(self.scores[place]) if place < len(self.scores) else math.inf

    @property
    def most(self) -> float:
        """The highest level that can be promised."""
        return float(self.levels[-1])

    @property
    def greatest(self) -> float:
        """The greatest score of the held-out rows."""
        return float(self.scores[-1])


def score_curve(scores: Array, weights: Array | None = None, n_units: int | None = None) -> ScoreCurve:
    """Return the curve of the scores of held-out rows, `(n_rows,)`, at least one.

    A new row is as likely to have each place among the `n` others, so a share `c` is within the one at `(n + 1) c`,
    rounded up (Vovk, Gammerman and Shafer: Algorithmic Learning in a Random World, 2005). Where rows come in `n_units`
    groups, a new row comes with a group of its own: all rows count, and one more group of the usual size beside them.
    weights: `(n_rows,)`, how much each row counts.
    """
    order = np.argsort(scores, kind="stable")
    ordered = np.asarray(scores, dtype=np.float64)[order]
    counts = np.ones(len(ordered)) if weights is None else np.asarray(weights, dtype=np.float64)[order]
    units = len(ordered) if n_units is None else n_units
    reached = np.cumsum(counts) / counts.sum() * (units / (units + 1))
    most = units / (units + 1)
    levels = np.append(LEVELS[most - TOLERANCE > LEVELS], most)
    places = np.minimum(np.searchsorted(reached, levels - TOLERANCE), len(ordered) - 1)
    return ScoreCurve(levels, ordered[places])
