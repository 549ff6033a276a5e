"""Nearest neighbours: weighted votes or means of the closest training rows, on scaled features."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Choice,
    Dataset,
    Features,
    FitContext,
    FitSize,
    Int,
    ModelSpec,
    Resources,
    as_matrix,
    hookimpl,
)
from automl_builtins.kinds import WITH_SEVERAL
from automl_builtins.models._shared.output_codec import Coded, OutputCodec

TREE_FEATURES = 8
"""Up to this many features a tree of the training rows finds neighbours sooner than comparing with every row."""
MOST_CELLS = 5e6
"""Rows times features of a training fold above which one prediction would take too long."""
MOST_ROWS = 100_000
SPARE = 8
"""Neighbours looked at beyond those wanted, so that ties are broken by the place of a row alone."""
BLOCK_CELLS = 2**20
FEW_ROWS = 32
"""Up to so many rows are compared with every training row: what finds candidates takes longer to start."""
PROBE_ROWS = 50
LEAST_ROWS = 200
"""Where the time left is short, training rows are left out, but never below this many."""


class NearestNeighborsLearner(Coded):
    """Keeps the training rows; a prediction is the weighted share or mean of the closest.

    Params: `n_neighbors`; `weights`, "uniform" or "distance" (one over the distance); `metric`, "euclidean" or
    "manhattan".
    """

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._task = request.task
        self._neighbors = int(request.params.get("n_neighbors", 15))
        self._by_distance = request.params.get("weights", "distance") == "distance"
        self._metric = str(request.params.get("metric", "euclidean"))
        self._index: Any = None
        self._target: Array | None = None
        self._weights: Array | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Keep the training rows, as many as leave time to predict the validation rows."""
        self._codec = OutputCodec.of(train, scaled=False)
        matrix, rows = as_matrix(train.features), np.arange(train.n_rows)
        self._remember(train, matrix, rows)
        if valid is None or context.seconds_left() == np.inf:
            return
        share = self._affordable_share(as_matrix(valid.features), context)
        if share < 1.0:
            keep = min(train.n_rows, max(LEAST_ROWS, int(share * train.n_rows)))
            chosen = np.random.default_rng(context.seed).choice(train.n_rows, keep, replace=False)
            self._remember(train, matrix, np.sort(chosen))

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        assert self._target is not None
        distances, places = self._nearest(as_matrix(features))
        votes = 1.0 / (distances.astype(np.float64) + 1e-6) if self._by_distance else np.ones(places.shape)
        if self._weights is not None:
            votes = votes * self._weights[places]
        total = np.maximum(votes.sum(axis=1, keepdims=True), 1e-300)
        if self._target.ndim == 2:
            means = (votes[:, :, None] * self._target[places]).sum(axis=1) / total
            return codec.back(np.asarray(means), rows=self._neighbors)
        if not codec.classes:
            return codec.back(np.asarray((votes * self._target[places]).sum(axis=1, keepdims=True) / total))
        nearest = self._target[places]
        counts = [(votes * (nearest == number)).sum(axis=1) for number in range(self._task.n_outputs)]
        return codec.back(np.column_stack(counts) / total, rows=self._neighbors)

    def _nearest(self, matrix: Array) -> tuple[Array, Array]:
        """Return the distances and places of the neighbours, which for a row do not depend on the other rows.

        Euclidean distances from a matrix product differ in their last digits by how many rows there are, and equal
        ones then come in another order: they are computed anew, for a few more rows than are needed.
        """
        if self._index.algorithm != "brute":
            found: tuple[Array, Array] = self._index.kneighbors(matrix)
            return found
        if self._metric != "euclidean":
            return self._by_pairs(matrix)
        known, n_candidates = self._index._fit_X, self._index.n_neighbors + SPARE
        if len(matrix) <= FEW_ROWS or n_candidates >= len(known):
            places = np.broadcast_to(np.arange(len(known)), (len(matrix), len(known)))
        else:
            places = np.sort(self._index.kneighbors(matrix, n_candidates, return_distance=False), axis=1)
        distances = np.empty(places.shape)
        step = max(1, BLOCK_CELLS // max(1, places.shape[1] * matrix.shape[1]))
        for start in range(0, len(matrix), step):
            rows = slice(start, start + step)
            apart = np.ascontiguousarray(known[places[rows]] - matrix[rows, None, :], dtype=np.float64)
            distances[rows] = np.sqrt((apart * apart).sum(axis=2))
        return _smallest(distances, places, self._index.n_neighbors)

    def _by_pairs(self, matrix: Array) -> tuple[Array, Array]:
        """Return the same, where each distance is worked out by itself."""
        from scipy.spatial.distance import cdist

        known = self._index._fit_X.astype(np.float64)
        found = []
        step = max(1, BLOCK_CELLS // len(known))
        for start in range(0, max(1, len(matrix)), step):
            distances = cdist(matrix[start : start + step].astype(np.float64), known, "cityblock")
            candidates = min(len(known), self._index.n_neighbors + SPARE)
            places = np.sort(np.argpartition(distances, candidates - 1, axis=1)[:, :candidates], axis=1)
            found.append(_smallest(np.take_along_axis(distances, places, axis=1), places, self._index.n_neighbors))
        return np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found])

    def _remember(self, train: Dataset, matrix: Array, rows: Array) -> None:
        from sklearn.neighbors import NearestNeighbors

        algorithm = "kd_tree" if matrix.shape[1] <= TREE_FEATURES else "brute"
        neighbors = min(self._neighbors, len(rows))
        self._index = NearestNeighbors(n_neighbors=neighbors, algorithm=algorithm, metric=self._metric)
        self._index.fit(matrix[rows])
        self._target = train.target[rows]
        self._weights = None if train.weights is None else np.maximum(train.weights[rows], 1e-12)

    def _affordable_share(self, queries: Array, context: FitContext) -> float:
        started = time.monotonic()
        self._nearest(queries[:PROBE_ROWS])
        needed = (time.monotonic() - started) * len(queries) / max(1, min(PROBE_ROWS, len(queries)))
        return 0.7 * context.seconds_left() / max(needed, 1e-9)


def _smallest(distances: Array, places: Array, wanted: int) -> tuple[Array, Array]:
    """Return the smallest distances of each row in ascending order, and their places; of equal ones the first."""
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :wanted]
    return np.take_along_axis(distances, nearest, axis=1), np.take_along_axis(places, nearest, axis=1)


def nearest_neighbors_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold: chiefly of predicting a quarter as many rows as were learnt."""
    pairs = 0.25 * float(size.n_rows) ** 2
    if size.n_features <= TREE_FEATURES:
        seconds = 2e-6 * size.n_rows * np.log2(size.n_rows + 2)
    elif size.params.get("metric") == "manhattan":
        seconds = pairs * (6e-9 + 1e-9 * size.n_features)
    else:
        seconds = pairs * (6e-9 + 5e-11 * size.n_features)
    votes = 1e-9 * size.n_rows * float(size.params.get("n_neighbors", 15)) * (4 + size.task.n_outputs)
    return Resources(seconds=0.01 + seconds + votes, memory_mb=20 + 8 * size.n_rows * size.n_features / 2**20)


def nearest_neighbors_limits(size: FitSize) -> str:
    """Tell why a fit of this size makes no sense."""
    if size.n_rows > MOST_ROWS:
        return (
            f"{size.n_rows} rows; nearest neighbours take up to {MOST_ROWS}, as they search them for every prediction"
        )
    if size.n_features > TREE_FEATURES and size.n_rows * size.n_features > MOST_CELLS:
        return (
            f"{size.n_rows} rows of {size.n_features} features; nearest neighbours take up to {MOST_CELLS:.0f} values"
        )
    return ""


NEAREST_NEIGHBORS = ModelSpec(
    name="nearest_neighbors",
    aliases=("knn",),
    build=NearestNeighborsLearner,
    tasks=WITH_SEVERAL,
    space={
        "n_neighbors": Int(2, 150, log=True),
        "weights": Choice(("uniform", "distance")),
        "metric": Choice(("euclidean", "manhattan")),
        "prepare.numeric": Choice(("standard", "quantile", "robust")),
        "prepare.categorical": Choice(("auto", "one_hot", "target_encoding")),
    },
    defaults=(
        {
            "n_neighbors": 40,
            "weights": "distance",
            "metric": "manhattan",
            "prepare.numeric": "quantile",
            "prepare.categorical": "target_encoding",
        },
        {
            "n_neighbors": 15,
            "weights": "distance",
            "metric": "euclidean",
            "prepare.numeric": "standard",
            "prepare.categorical": "auto",
        },
    ),
    scaling="standard",
    requires=("sklearn",),
    resources=nearest_neighbors_resources,
    limits=nearest_neighbors_limits,
    keeps_rows=True,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer nearest neighbours."""
    return (NEAREST_NEIGHBORS,)
