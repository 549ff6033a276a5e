"""Quantiles of any regressor: its value, and how far such values are off on rows that it has not seen.

The distances are divided by their usual size where the row lies, which small trees learn, and others what quantiles are
left: where values scatter more, or lean to one side, quantiles do so too (locally scaled conformal regression: Lei et
al., JASA 2018; out-of-fold residuals: Barber et al., "Predictive inference with the jackknife+", 2021).

Of some thousand rows and more the regressor is fitted once, on all of them, and quick trees stand in for it where
errors are learnt.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Dataset,
    Features,
    FitContext,
    FitSize,
    Learner,
    Refittable,
    Task,
)
from automl_builtins.models._shared.levels import as_one_value
from automl_builtins.models._shared.stretch import Stretch
from automl_builtins.tasks._scatter import Scatter
from automl_builtins.tasks._stand_in import SEED, can_stand_in, has_size_for_stand_in, stand_in

PARTS_BY_ROWS = ((6_000, 4), (30_000, 3), (100_000, 2))
"""Rows up to which the regressor is fitted so many times, each time without another part of them; with more rows it is
fitted once, without `HELD_SHARE` of them."""
MOST_PARTS, HALVES = 4, 2
HELD_SHARE = 0.2
LENT_FITS, STOOD_IN_FITS = 2.0, 1.25
"""What it costs, in fits of the regressor on all rows: three on two thirds, or one and what stands in for it."""
STAND_IN_SHARE = 0.3
"""The most of the time that what stands in may take."""
KEPT_SHARE = 0.2
"""Share of the time that is kept for learning how values scatter, and for predicting."""


class SpreadLearner:
    """Regressors of the target on its own scale, each blind for a part of the rows, and quantiles of their errors."""

    def __init__(self, learners: Sequence[Learner], task: Task, inner: Task) -> None:
        """Keep as many regressors as may be wanted; nothing is fitted yet."""
        self.learners = list(learners)
        self.task, self.inner_task = task, inner
        self.stretch = Stretch()
        self.scatter = Scatter()

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Fit a regressor on all rows where another stands in for its errors, else without each part of them."""
        self.stretch = Stretch.of(train.target)
        turned, watched = self._turned(train), None if valid is None else self._turned(valid)
        if not can_stand_in(turned, len(self.levels), context, STAND_IN_SHARE):
            self._fit_in_parts(turned, watched, context)
            return
        self.scatter = stand_in(turned, deal(turned, SEED, HALVES), self.levels, context)
        left = (1.0 - KEPT_SHARE) * context.seconds_left()
        self.learners = self.learners[:1]
        self.learners[0].fit(turned, watched, replace(context, deadline=context.deadline.within(left)))

    def _fit_in_parts(self, turned: Dataset, watched: Dataset | None, context: FitContext) -> None:
        """Fit a regressor without each part of the rows, and learn from what it makes of that part.

        Where the time is short the rows of fewer parts have to do.
        """
        held = deal(turned, context.seed, parts_of(turned.n_rows))
        found, n_parts, done, longest = np.zeros(turned.n_rows), int(held.max()) + 1, 0, 0.0
        until = KEPT_SHARE * context.seconds_left() if np.isfinite(context.seconds_left()) else 0.0
        while done < n_parts and (done == 0 or context.seconds_left() - until > longest):
            started, others = time.monotonic(), np.flatnonzero(held == done)
            rows = np.flatnonzero(held != done) if n_parts > 1 or (held < 0).any() else others
            left = max(context.seconds_left() - until, 0.0) / (n_parts - done)
            own = replace(context, seed=context.seed + done, deadline=context.deadline.within(left))
            self.learners[done].fit(pick(turned, rows), watched, own)
            found[others] = self.learners[done].predict(_rows_of(turned.features, others))[:, 0]
            done, longest = done + 1, max(longest, time.monotonic() - started)
        self.learners = self.learners[:done]
        judged = np.flatnonzero((held >= 0) & (held < done))
        self.scatter = Scatter.of(pick(turned, judged), found[judged], self.levels, context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_levels)`, rising in each row."""
        values = np.zeros(features.shape[0])
        for learner in self.learners:
            values = values + np.asarray(learner.predict(features), dtype=np.float64)[:, 0]
        values = values / len(self.learners)
        found = self.stretch.back(self.scatter.around(values, features))
        return np.asarray(np.maximum.accumulate(found, axis=1))

    def refit_params(self) -> Mapping[str, Any]:
        """Return what the regressors ask for when they are fitted on more rows; of numbers the median."""
        asked = [each.refit_params() for each in self.learners if isinstance(each, Refittable)]
        return {name: _middle([each[name] for each in asked]) for name in (asked[0] if asked else ())}

    @property
    def levels(self) -> Array:
        """The levels of the quantiles."""
        return np.asarray(self.task.blocks[0].levels, dtype=np.float64)

    def _turned(self, data: Dataset) -> Dataset:
        return replace(data, task=self.inner_task, target=self.stretch.to(data.target))


def lend(request: BuildRequest, build: Any) -> Learner:
    """Return the learner for quantiles that holds regressors of a model."""
    inner = as_one_value(request.task)
    wanted = BuildRequest(inner, request.params)
    return SpreadLearner([build(wanted) for _ in range(MOST_PARTS)], request.task, inner)


def fits_of(size: FitSize) -> float:
    """Return what one costs, as fits of the regressor on all rows."""
    return STOOD_IN_FITS if has_size_for_stand_in(size.n_rows, size.n_features) else LENT_FITS


def parts_of(n_rows: int) -> int:
    """Return how many times the regressor is fitted where nothing stands in for it."""
    return next((count for rows, count in PARTS_BY_ROWS if n_rows <= rows), 1)


def deal(train: Dataset, seed: int, n_parts: int) -> Array:
    """Return the part that each row is held out in, `(n_rows,)`, -1 for none; rows of a group are of one part.

    Neighbours in the order of the target are of different parts, so that each has its share of large values.
    """
    n_rows, rng = train.n_rows, np.random.default_rng([seed, 811])
    dealt = n_parts if n_parts > 1 else round(1.0 / HELD_SHARE)
    if n_rows < 2 * dealt:
        return np.zeros(n_rows, dtype=np.int64) if n_rows < 4 else np.arange(n_rows) % 2
    if train.groups is not None and len(np.unique(train.groups)) >= dealt:
        names, group = np.unique(train.groups, return_inverse=True)
        part = (rng.permutation(len(names)) % dealt)[group]
    else:
        part = np.empty(n_rows, dtype=np.int64)
        order = np.argsort(train.target, kind="stable")
        blocks = -(-n_rows // dealt)
        part[order] = np.concatenate([rng.permutation(dealt) for _ in range(blocks)])[:n_rows]
    return part if n_parts > 1 else np.where(part == 0, 0, -1)


def pick(data: Dataset, rows: Array) -> Dataset:
    """Return some rows of a dataset."""
    return replace(
        data,
        features=_rows_of(data.features, rows),
        target=data.target[rows],
        rows=data.rows[rows],
        weights=None if data.weights is None else data.weights[rows],
        groups=None if data.groups is None else data.groups[rows],
    )


def _rows_of(features: Features, rows: Array) -> Features:
    return features[rows] if hasattr(features, "tocsr") else features.iloc[rows]


def _middle(values: list[Any]) -> Any:
    numbers = [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(numbers) < len(values):
        return values[0]
    middle = float(np.median(numbers))
    return round(middle) if all(isinstance(each, int) for each in numbers) else middle
