"""Learn the spread: a small model of how far values lie from predictions, cross-fitted like the predictions."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from automl.fitted.spread import Spread, SpreadModel, spread_features
from automl.steps.review.held_out import HeldOut
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.schema import Column

FEWEST_ROWS = 300
"""Fewer rows than this say too little of where predictions are less sure."""
MANY_ROWS, AMPLE_SECONDS = 10_000, 5.0
"""From so many rows on, where there is so much time left, models are larger."""
MOST_COLUMNS = 40
LOOKED_AT = 200
"""Columns, the first ones, that are looked at to choose those."""
RATE = 0.15
FLOOR = 0.05
"""Share of the mean distance that is added to each, so that none is zero."""
OUTERMOST = 0.005
"""Share of the spreads at each end beyond which none is believed."""
LEAST_SECONDS = 0.25
"""With less time left than this nothing is learned."""
RANGES = 8


@dataclass(frozen=True, slots=True)
class _Size:
    """How large a model is: rows that it is fitted on, at most, trees, and leaves of each."""

    rows: int
    trees: int
    leaves: int


SMALL, LARGE = _Size(4_000, 50, 4), _Size(12_000, 80, 8)


def learn_spread(held: HeldOut, predicted: Array, residuals: Array) -> tuple[Spread, Array] | None:
    """Return a spread, and that of each row, `(n_rows,)`, by models that have not seen it; None where none can be.

    predicted, residuals: `(n_rows,)`. Each model is fitted to the distances by the deviance of a gamma distribution,
    for which only their ratios count.
    """
    distances, folds = np.abs(residuals), held.folds()
    mean = float(distances.mean())
    if held.n_rows < FEWEST_ROWS or not folds or not 0.0 < mean < np.inf or held.deadline.left() < LEAST_SECONDS:
        return None
    columns, target = held.schema.columns, distances / mean + FLOOR
    size = LARGE if held.n_rows >= MANY_ROWS and held.deadline.left() >= AMPLE_SECONDS else SMALL
    models = []
    with _one_thread():
        for number, fold in enumerate(folds):
            rows = _some(fold.train, size.rows, [held.seed, 807, number])
            features = spread_features(held.stored.iloc[rows], columns, predicted[rows])
            models.append(_fit(held.at(rows), features, target[rows], size))
            if held.deadline.left() < LEAST_SECONDS:
                return None
    columns, models = _without_unused(columns, models)
    spreads = np.empty(held.n_rows)
    for fold, model in zip(folds, models, strict=True):
        stored = held.stored.iloc[fold.valid]
        spreads[fold.valid] = model.of(spread_features(stored, columns, predicted[fold.valid]))
    least, most = np.quantile(spreads, [OUTERMOST, 1.0 - OUTERMOST]).tolist()
    return Spread(columns, tuple(models), least, most), np.clip(spreads, least, most)


def _one_thread() -> AbstractContextManager[Any]:
    """Have models fitted by one thread: several are hardly faster here, and far slower where others use the machine.

    They wait for each other some ten thousand times a model, each time until the last of them is given a core.
    """
    from threadpoolctl import threadpool_limits

    return cast("AbstractContextManager[Any]", threadpool_limits(1, "openmp"))


def _fit(held: HeldOut, features: Array, target: Array, size: _Size) -> SpreadModel:
    """Fit a model to the distances of some rows, by the features that tell the most of them."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    places = _telling(features, target)
    model = HistGradientBoostingRegressor(
        loss="gamma",
        max_iter=size.trees,
        max_leaf_nodes=size.leaves,
        learning_rate=RATE,
        l2_regularization=1.0,
        max_bins=63,
        early_stopping=False,
        random_state=held.seed,
    )
    return _as_arrays(places, model.fit(features[:, places], target, held.weights))


def _as_arrays(places: Rows, boosted: Any) -> SpreadModel:
    """Return a fitted model as plain arrays, which any version of scikit-learn, and none, can predict with."""
    trees = [predictors[0].nodes for predictors in boosted._predictors]
    most = max(len(nodes) for nodes in trees)

    def gather(name: str, kind: Any) -> Array:
        return np.array(
            [np.resize(nodes[name], most) for nodes in trees], dtype=kind
        )  # what is past the end is not met

    is_leaf, itself = gather("is_leaf", bool), np.arange(most)
    return SpreadModel(
        places=places,
        base=float(np.ravel(boosted._baseline_prediction)[0]),
        depth=max(int(nodes["depth"].max()) for nodes in trees),
        features=gather("feature_idx", np.intp),
        thresholds=gather("num_threshold", np.float64),
        missing_left=gather("missing_go_to_left", bool),
        left=np.where(is_leaf, itself, gather("left", np.intp)),
        right=np.where(is_leaf, itself, gather("right", np.intp)),
        values=gather("value", np.float64),
    )


def _without_unused(
    columns: tuple[Column, ...], models: list[SpreadModel]
) -> tuple[tuple[Column, ...], list[SpreadModel]]:
    """Return the columns that any of the models looks at, and the models with the places that those have then."""
    used = np.unique(np.concatenate([model.places for model in models]))  # the prediction, at place 0, always is
    kept = tuple(columns[place - 1] for place in used[1:].tolist())
    return kept, [replace(model, places=np.searchsorted(used, model.places)) for model in models]


def _some(rows: Rows, most: int, seed: list[int]) -> Rows:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _telling(features: Array, target: Array) -> Rows:
    """Return the places of the features that distances differ by the most; the prediction is always one of them."""
    if features.shape[1] <= MOST_COLUMNS:
        return np.arange(features.shape[1])
    ranks = np.argsort(np.argsort(target, kind="stable"), kind="stable") / len(target) - 0.5
    told = [np.inf, *(_told(features[:, place], ranks) for place in range(1, features.shape[1]))]
    return np.sort(np.argsort(-np.array(told), kind="stable")[:MOST_COLUMNS])


def _told(values: Array, ranks: Array) -> float:
    """Return the variance of mean ranks over ranges of a feature's values."""
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, RANGES + 1)[1:-1])) if len(known) else np.zeros(0)
    part = np.searchsorted(edges, values, side="right")  # what is missing comes last
    counts = np.bincount(part)
    means = np.bincount(part, ranks) / np.maximum(counts, 1)
    return float((counts * means**2).sum())
