"""The learner on patch features: filters learnt without labels, and ridge regression on what they find."""

from __future__ import annotations

import time

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    stack_images,
)
from automl_builtins.models._shared.cells_and_numbers import CellsAndNumbers
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models._shared.ridge import fit_ridge, fit_softmax, softmax
from automl_builtins.models.patches.features import N_COLOURS, FilterSettings, PatchFilters, learn_filters

FEWEST_FILTERS = 16
MOST_MEGABYTES = 800.0
"""Of the features of all rows, to which the number of filters is cut."""
PROBED = 8
FEATURES_SHARE = 0.5
"""Share of the time left that the features may take."""
LATEST_SHARE = 0.7
"""Share of the time left after which no further row is taken in."""
COLOURS_WEIGHT = 0.3
"""Of the colours of an image, all together, beside those of its patches."""
CHUNK = 512


class PatchLearner(Coded):
    """Ridge regression on patch features of the images, and on the numbers beside them.

    Patches are compared with filters that are learnt without labels (Coates, Lee and Ng, "An analysis of single-layer
    networks in unsupervised feature learning", AISTATS 2011). With `mirror` an image and its mirror image are one.
    """

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._inputs: CellsAndNumbers | None = None
        self._filters: list[PatchFilters] = []
        self._centre, self._factor = np.zeros(0), np.zeros(0)
        self._weights, self._constant = np.zeros((0, 0)), np.zeros(0)
        self._slope, self._offsets = 1.0, np.zeros(0)
        self._side = 0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Learn filters, as many as the time allows, and the linear model."""
        self._codec = OutputCodec.of(train)
        if self._codec.one_class:
            return
        rng = np.random.default_rng(context.seed)
        self._inputs = CellsAndNumbers.of(train, ColumnKind.IMAGE)
        stored = [column.side for column in train.schema.of_kind(ColumnKind.IMAGE)]
        self._side = min([int(self._params.get("side", 32)), *(each for each in stored if each)])
        n_rows = train.n_rows + (0 if valid is None else valid.n_rows)
        n_images = n_rows * len(self._inputs.held)
        self._filters = [self._learn(cells, n_images, context, rng) for cells in self._inputs.cells(train.features)]
        features, rows = self._in_time(train.features, self._inputs, context, rng)
        self._standardise(features)
        self._solve(features, train.target[rows], None if train.weights is None else train.weights[rows], rng)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._inputs is None:
            return codec.constant(features.shape[0])
        parts = [self._scores(features.iloc[i : i + CHUNK]) for i in range(0, max(1, len(features)), CHUNK)]
        scores = np.concatenate(parts)
        if not codec.classes:
            return codec.back(scores, bounded=True)
        return codec.back(softmax(self._slope * scores + self._offsets))

    def _scores(self, features: Features) -> Array:
        """Return the linear model's values, worked out in float64: a row gets the same alone and among others."""
        assert self._inputs is not None
        made = self._made(features, self._inputs).astype(np.float64)
        standard = np.nan_to_num((made - self._centre) * self._factor)
        return np.asarray((standard[:, None, :] @ self._weights)[:, 0] + self._constant)

    def _learn(self, cells: Array, n_images: int, context: FitContext, rng: np.random.Generator) -> PatchFilters:
        """Learn the filters of one column; fewer of them where memory or time would not do."""
        side, grid = self._side, int(self._params.get("grid", 3))
        mirror = bool(self._params.get("mirror", True))
        known = np.array([cell is not None for cell in cells])
        pixels, _ = stack_images(cells[known] if known.any() else cells, side)
        size, threshold = int(self._params.get("size", 6)), float(self._params.get("threshold", 0.25))
        count = int(self._params.get("filters", 800))
        count = min(count, int(MOST_MEGABYTES * 2**20 / (4 * n_images * grid**2 * (1 if mirror else 2))))
        if context.seconds_left() < np.inf:
            pace = _seconds_each(pixels[:PROBED], size, count)
            count = int(count * min(1.0, FEATURES_SHARE * context.seconds_left() / (pace * n_images)))
        count = max(FEWEST_FILTERS, count // 2 * 2)
        return learn_filters(pixels, FilterSettings(count, size, grid, threshold, mirror), rng)

    def _in_time(
        self, features: Features, inputs: CellsAndNumbers, context: FitContext, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Return what `_made` makes of as many rows as the time allows, drawn at random, and which rows they are."""
        rows = np.arange(len(features))
        if context.seconds_left() == np.inf:
            return self._made(features, inputs), rows
        rows = rng.permutation(rows)
        until, blocks = (1.0 - LATEST_SHARE) * context.seconds_left(), []
        for start in range(0, len(rows), CHUNK // 4):
            blocks.append(self._made(features.iloc[rows[start : start + CHUNK // 4]], inputs))
            if context.seconds_left() <= until:  # both are 0 where learning took it all
                break
        made = np.concatenate(blocks)
        return made, rows[: len(made)]

    def _made(self, features: Features, inputs: CellsAndNumbers) -> Array:
        """Return, side by side, each image column's features and a flag for a missing one, and the numbers.

        The features of a missing image are NaN.
        """
        side, blocks = self._side, []
        for filters, cells in zip(self._filters, inputs.cells(features), strict=True):
            block = np.full((len(cells), filters.n_features + 1), np.nan, dtype=np.float32)
            pixels, known = stack_images(cells, side)
            for row in np.flatnonzero(known):
                block[row, :-1] = filters.features(pixels[row])
            block[:, -1] = ~known
            blocks.append(block)
        return np.concatenate([*blocks, inputs.numbers(features)], axis=1)

    def _standardise(self, features: Array) -> None:
        """Scale the training features in place: of equal variance within a block, and the blocks weigh alike."""
        known = np.isfinite(features)
        count = np.maximum(known.sum(axis=0), 1)
        np.nan_to_num(features, copy=False)
        self._centre = features.sum(axis=0, dtype=np.float64) / count
        for start in range(0, len(features), CHUNK):
            part = slice(start, start + CHUNK)
            features[part] = np.where(known[part], features[part] - self._centre, 0.0)
        spread = np.sqrt(np.einsum("ij,ij->j", features, features, dtype=np.float64) / count)
        weights = [w for filters in self._filters for w in (*_block_weights(filters), 1.0)]
        n_numbers = features.shape[1] - len(weights)
        weights += [1.0 / max(1, n_numbers) ** 0.5] * n_numbers
        self._factor = np.where(spread > 1e-6, weights / np.maximum(spread, 1e-6), 0.0)
        features *= self._factor.astype(np.float32)

    def _solve(self, features: Array, target: Array, weights: Array | None, rng: np.random.Generator) -> None:
        if not self.codec.classes:
            ridge = fit_ridge(features, self.codec.to(target)[:, None], weights, rng)
        else:
            hit = np.full((len(target), self._task.n_outputs), -1.0)
            hit[np.arange(len(target)), target] = 1.0
            ridge = fit_ridge(features, hit, weights, rng)
            judged = None if weights is None else weights[ridge.rows]
            self._slope, self._offsets = fit_softmax(ridge.honest, target[ridge.rows], judged)
        self._weights, self._constant = ridge.weights, ridge.constant


def _block_weights(filters: PatchFilters) -> list[float]:
    """Return the weight of each feature of an image, by which its patches weigh 1 together."""
    n_patches = filters.n_features - N_COLOURS
    return [n_patches**-0.5] * n_patches + [COLOURS_WEIGHT * N_COLOURS**-0.5] * N_COLOURS


def _seconds_each(pixels: Array, size: int, count: int) -> float:
    """Return what the features of an image take with so many filters."""
    weights = np.zeros((3 * size * size, count), dtype=np.float32)
    probe = PatchFilters(weights, np.zeros(count, dtype=np.float32), size, 3, 0.25, False)
    started = time.monotonic()
    for image in pixels:
        probe.features(image)
    return (time.monotonic() - started) / len(pixels)
