"""Held-out rows: cross-fitted predictions beside the truth, and how often coverages hold on parts of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from automl.fitted.intervals import Achieved
from automl.steps.ensemble.cross_fit import plan_cross_fit
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.folds import Fold
from automl.vocabulary.schema import Schema

COVERAGES = (0.5, 0.8, 0.9, 0.95)
"""Those that reports show."""
FOLDS = 3
"""Parts that a spread is learned without, and that coverages are tried on."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rows that neither the members nor their weights have seen.

    target: `(n_rows,)`, encoded. outputs: `(n_rows, n_outputs)`. decided: `(n_rows,)`, the number of the class that
    `predict` gives; zeros for numbers. Both are `(n_rows, n_targets)` of several targets, until each is looked at.
    stored: the rows' columns, as `schema` has them. weights, groups: `(n_rows,)` or None.
    """

    target: Array
    outputs: Array
    decided: Array
    stored: pd.DataFrame
    schema: Schema
    weights: Array | None = None
    groups: Array | None = None
    seed: int = 0
    deadline: Deadline = field(default_factory=partial(Deadline, None))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.target)

    @property
    def n_units(self) -> int:
        """How many may be taken as drawn each for itself: groups where there are some, else rows."""
        return self.n_rows if self.groups is None else len(np.unique(self.groups))

    def at(self, rows: Rows) -> HeldOut:
        """Return some of the rows."""
        return replace(
            self,
            target=self.target[rows],
            outputs=self.outputs[rows],
            decided=self.decided[rows],
            stored=self.stored.iloc[rows],
            weights=None if self.weights is None else self.weights[rows],
            groups=None if self.groups is None else self.groups[rows],
        )

    def folds(self) -> tuple[Fold, ...]:
        """Return parts of the rows, with groups whole; none of few rows."""
        return plan_cross_fit(self.target, self.groups, False, self.seed, FOLDS)

    def mean(self, values: Array) -> float:
        """Return the mean of values, `(n_rows,)`, each row by its weight."""
        return float(np.average(values, weights=self.weights))


def achieve(held: HeldOut, judge: Callable[[Rows, Rows, float], tuple[Array, Array]]) -> tuple[Achieved, ...]:
    """Return what coverages come to on rows that the curves have not seen; nothing of few rows.

    judge: is given the rows that curves are to be of, those to judge, and a coverage; it returns whether each of those
    is covered, and how wide its interval, or how large its set, is.
    """
    folds, found = held.folds(), []
    for coverage in COVERAGES if folds else ():
        covered, sizes = np.zeros(held.n_rows), np.zeros(held.n_rows)
        for fold in folds:
            covered[fold.valid], sizes[fold.valid] = judge(fold.train, fold.valid, coverage)
        found.append(Achieved(coverage, held.mean(covered), held.mean(sizes)))
    return tuple(found)
