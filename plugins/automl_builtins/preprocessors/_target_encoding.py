"""Target encoding: replaces a category by the mean target of its training rows, cross-fitted and smoothed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import (
    Array,
    Column,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    PreprocessRequest,
    Task,
    TaskKind,
)
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns
from automl_builtins.preprocessors._held_out_folds import held_out_folds

FOLDS = 5
USUAL_SMOOTHING = 10.0
"""Counts as this many rows at the overall mean, where the data cannot tell how many it should be."""
SMOOTHING_RANGE = (1.0, 1000.0)


class TargetEncoding:
    """Gives each category the smoothed mean of the target; for several classes one share for each class.

    In training a row is encoded from the rows of the other folds alone, so that neither its own target nor, where rows
    have groups, that of its group is in its features; other rows are encoded from all training rows. A category not
    seen in training gets the overall mean; missing values count as a category. The mean of n rows is drawn to the
    overall mean as if `smoothing` further rows lay there. Params: `smoothing`; by default the ratio of the variance
    within categories to that between them (the best linear prediction in the one-way random effects model, with the
    analysis-of-variance estimators).
    Sources: Micci-Barreca, SIGKDD Explorations 2001; scikit-learn's `TargetEncoder` for the cross-fitting.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        smoothing = request.params.get("smoothing")
        self._smoothing = None if smoothing is None else float(smoothing)
        self._n_levels = [len(column.categories) for column in request.columns]
        self._columns = named_columns(
            (f"{column.name}.{suffix}", ColumnKind.NUMERIC)
            for column in request.columns
            for suffix in target_names(request.task)
        )
        self._names = name_index(self._columns)
        self._encodings: tuple[Array, ...] = ()

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Learn the means, and return the training rows encoded from the other folds' rows."""
        outputs = target_matrix(data)
        folds = assign_folds(data, context.seed)
        codes = data.features.to_numpy()
        blocks, encodings = [], []
        for i, known in enumerate(self._n_levels):
            sums = FoldSums.of(codes[:, i], known, outputs, folds)
            smoothing = np.full(outputs.shape[1], self._smoothing or 0.0)
            if self._smoothing is None:
                smoothing = estimate_smoothing(codes[:, i], outputs, sums)
            encodings.append(sums.encoding(smoothing))
            blocks.append(sums.other_folds_encoding(smoothing)[folds, codes[:, i] + 1])
        self._encodings = tuple(encodings)
        return float_frame(self._join(blocks, data.n_rows), self._names)

    def transform(self, features: Features) -> Features:
        """Return other rows encoded from all training rows."""
        return float_frame(self.transform_array(features.to_numpy()), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return other rows encoded from all training rows, as an array."""
        return self._join([encoding[values[:, i] + 1] for i, encoding in enumerate(self._encodings)], len(values))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the means, named "<column>.target" or "<column>.target_<class>"."""
        return self._columns

    def _join(self, blocks: list[Array], n_rows: int) -> Array:
        made = np.empty((n_rows, len(self._columns)), dtype=np.float32)
        if blocks:
            np.concatenate(blocks, axis=1, out=made, casting="same_kind")
        return made


@dataclass(frozen=True, slots=True)
class FoldSums:
    """Count and target sum of each category in each fold.

    counts: `(n_folds, n_codes)`; sums: `(n_folds, n_codes, n_outputs)`. The first code is that of missing values.
    """

    counts: Array
    sums: Array

    @staticmethod
    def of(codes: Array, n_levels: int, outputs: Array, folds: Array) -> FoldSums:
        """Add up one column."""
        n_folds, n_codes = int(folds.max(initial=0)) + 1, n_levels + 1
        cells = folds * n_codes + codes + 1
        size = n_folds * n_codes
        counts = np.bincount(cells, minlength=size)
        sums = [np.bincount(cells, weights=output, minlength=size) for output in outputs.T]
        shape = (n_folds, n_codes)
        return FoldSums(counts.reshape(shape), np.stack(sums, axis=1).reshape(*shape, len(sums)))

    def encoding(self, smoothing: Array) -> Array:
        """Return `(n_codes, n_outputs)` smoothed means over all folds."""
        return smoothed_means(self.counts.sum(axis=0), self.sums.sum(axis=0), smoothing)

    def other_folds_encoding(self, smoothing: Array) -> Array:
        """Return `(n_folds, n_codes, n_outputs)`: for each fold the smoothed means over all others."""
        if len(self.counts) == 1:  # a single row: there is no other fold
            return self.encoding(smoothing)[None]
        return smoothed_means(self.counts.sum(axis=0) - self.counts, self.sums.sum(axis=0) - self.sums, smoothing)


def smoothed_means(counts: Array, sums: Array, smoothing: Array) -> Array:
    """Return the mean of each category drawn to the overall mean; codes and outputs are the last two axes of `sums`."""
    total = np.maximum(counts.sum(axis=-1), 1)[..., None, None]
    overall = sums.sum(axis=-2, keepdims=True) / total
    weights = counts[..., None] + smoothing
    means = (sums + smoothing * overall) / np.where(weights > 0, weights, 1.0)
    return np.asarray(np.where(weights > 0, means, overall))


def estimate_smoothing(codes: Array, outputs: Array, sums: FoldSums) -> Array:
    """Return the ratio of the variance within categories to that between them, for each output."""
    counts = sums.counts.sum(axis=0)
    seen, n_rows = np.count_nonzero(counts), len(codes)
    if seen < 2 or n_rows == seen:
        return np.full(outputs.shape[1], USUAL_SMOOTHING)
    means = sums.sums.sum(axis=0) / np.maximum(counts, 1)[:, None]
    within = ((outputs - means[codes + 1]) ** 2).sum(axis=0) / (n_rows - seen)
    spread = (counts[:, None] * (means - outputs.mean(axis=0)) ** 2).sum(axis=0) / (seen - 1)
    rows_each = (n_rows - (counts**2).sum() / n_rows) / (seen - 1)
    between = np.maximum((spread - within) / rows_each, 0.0)
    smallest, largest = SMOOTHING_RANGE
    return np.asarray(np.clip(within / np.maximum(between, within / largest + np.finfo(float).tiny), smallest, largest))


def target_matrix(data: Dataset) -> Array:
    """Return `(n_rows, n_outputs)` float64: the values, whether it is the second of two classes, or one column each.

    Of several targets those of each, side by side.
    """
    if data.task.targets:
        return np.hstack([target_matrix(each) for each in data.by_target()])
    target = np.asarray(data.target)
    if data.task.like is TaskKind.MULTICLASS:
        return np.asarray(target[:, None] == np.arange(data.task.n_outputs), dtype=np.float64)
    return np.asarray(target, dtype=np.float64)[:, None]


def target_names(task: Task) -> list[str]:
    """Return what the encodings of a column are called."""
    if task.targets:
        return [f"{name}_of_{each.target}" for each in task.targets for name in target_names(each)]
    if task.like is TaskKind.MULTICLASS:
        return [f"target_{label}" for label in task.classes]
    return ["target"]


def assign_folds(data: Dataset, seed: int) -> Array:
    """Return each row's fold at random, groups whole, or else the rows of each class spread evenly."""
    strata = np.asarray(data.target) if data.task.has_classes else np.zeros(data.n_rows)
    return held_out_folds(data.n_rows, FOLDS, seed, data.groups, strata)
