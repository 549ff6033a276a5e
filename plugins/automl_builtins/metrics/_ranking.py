"""Ranking: what metrics of an order, of rows or of classes, are worked out from."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array


def cumulated_by_block(counted: Array, scores: Array, weights: Array | None) -> tuple[Array, Array]:
    """Return what was counted, and the weight of all rows, up to the end of each block of equal scores, ascending.

    counted: `(n_rows,)`, what each row counts for: whether it is positive, or its value.
    """
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    each = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)[order]
    return np.cumsum(each * counted[order])[ends], np.cumsum(each)[ends]


def mean_average_precision(target: Array, predictions: Array, weights: Array | None = None, *, k: int) -> float:
    """Mean of one over the rank of the true class, 0 where it is not among the first `k`: MAP@k with one true class.

    Of classes with equal probabilities the one with the lower number ranks first, as in a submission that lists them.
    """
    given = predictions[np.arange(len(target)), target][:, None]
    before = (predictions == given) & (np.arange(predictions.shape[1]) < np.asarray(target)[:, None])
    rank = 1 + (predictions > given).sum(axis=1) + before.sum(axis=1)
    return float(np.average(np.where(rank <= k, 1.0 / rank, 0.0), weights=weights))
