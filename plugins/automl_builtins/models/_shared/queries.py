"""Queries: rows laid out by the group that they are ranked in, and scores that are comparable from model to model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset, Learner, gives_scores
from automl_builtins.models._shared.output_codec import OutputCodec

MOST_ROWS = 10_000
"""Of a query, for pairs of its rows are compared; a longer one is cut into several, at random."""
MOST_LEVELS = 256
"""Different relevances that are told apart; of more, those between two levels count as the nearer one."""
MOST_RELEVANT = 60.0
SPREAD = "score_spread"
"""The hyperparameter by which a fit on all rows is told how far the scores of the folds' models spread."""


def by_query(data: Dataset) -> Dataset:
    """Return rows query by query, those of one in an order that says nothing of them, numbered in `groups`.

    What learners make of a query can depend on which of two equal rows comes first, and files are often sorted by
    relevance. Without groups all rows are of one query.
    """
    groups = np.zeros(data.n_rows, dtype=np.int64) if data.groups is None else np.asarray(data.groups)
    order = np.random.default_rng(0).permutation(data.n_rows)
    order = order[np.argsort(groups[order], kind="stable")]
    starts = np.append(True, groups[order][1:] != groups[order][:-1])
    place = np.arange(len(order)) - np.flatnonzero(starts)[np.cumsum(starts) - 1]
    return replace(
        data,
        features=data.features.iloc[order] if hasattr(data.features, "iloc") else data.features[order],
        target=data.target[order],
        rows=data.rows[order],
        weights=None if data.weights is None else data.weights[order],
        groups=np.cumsum(starts | (place % MOST_ROWS == 0)) - 1,
        base=None,
    )


def query_sizes(data: Dataset) -> Array:
    """Return how many rows each query has, of rows that are laid out by query."""
    return np.bincount(np.zeros(data.n_rows, dtype=np.int64) if data.groups is None else data.groups)


def query_weights(data: Dataset) -> Array | None:
    """Return the mean weight of each query's rows, of rows laid out by query; None where all weigh the same."""
    if data.weights is None:
        return None
    sizes = query_sizes(data)
    return np.bincount(np.repeat(np.arange(len(sizes)), sizes), weights=data.weights) / sizes


def spread_within(scores: Array, groups: Array | None) -> float:
    """Return how far scores of one query lie from their mean, as a standard deviation over all rows; 1 for none.

    Only differences within a query count in a ranking, so that scores divided by this are comparable between models.
    """
    values = np.asarray(scores, dtype=np.float64).ravel()
    number = np.zeros(len(values), dtype=np.int64) if groups is None else np.unique(groups, return_inverse=True)[1]
    if not len(values):
        return 1.0
    means = np.bincount(number, weights=values) / np.bincount(number)
    found = float(np.sqrt(np.mean((values - means[number]) ** 2)))
    return found if np.isfinite(found) and found > 1e-12 * (1.0 + float(np.abs(values).max())) else 1.0


def gains_of(relevance: Array) -> Array:
    """Return what rows contribute to a ranking's gain: 2^relevance - 1."""
    return np.asarray(np.exp2(np.minimum(relevance, MOST_RELEVANT)) - 1.0)


@dataclass(frozen=True, slots=True)
class RankCodec(OutputCodec):
    """The levels of relevance of the training rows, and the spread by which scores are divided."""

    levels: Array | None = None
    spread: float = 1.0

    @staticmethod
    def of_queries(train: Dataset) -> RankCodec:
        """Return the codec of training rows; the spread is not known yet."""
        levels = np.unique(np.asarray(train.target, dtype=np.float64))
        if len(levels) > MOST_LEVELS:
            levels = np.unique(np.quantile(levels, np.linspace(0.0, 1.0, MOST_LEVELS)))
        return RankCodec(False, levels=levels)

    def to(self, target: Array) -> Array:
        """Return the number of the level that is nearest to each relevance, from low to high."""
        levels = np.zeros(1) if self.levels is None else self.levels
        return np.asarray(np.abs(np.subtract.outer(np.asarray(target, dtype=np.float64), levels)).argmin(axis=1))

    def with_spread(
        self, learner: Learner, train: Dataset, valid: Dataset | None, params: Mapping[str, Any]
    ) -> RankCodec:
        """Return the codec of a fitted learner: scores are divided by how far they spread within a query.

        That is measured on the rows that validate; a fit on all rows takes what the folds have found (`refit_params`).
        """
        if valid is None and SPREAD in params:
            return replace(self, spread=float(params[SPREAD]))
        rows = train if valid is None else valid
        return replace(self, spread=spread_within(learner.predict(rows.features), rows.groups))

    def gains(self) -> Array:
        """Return the gain of each level."""
        return gains_of(np.zeros(1) if self.levels is None else self.levels)

    def back(self, outputs: Array, rows: float | None = None, bounded: bool = False) -> Array:  # noqa: ARG002  as others
        """Return scores `(n_rows, 1)` that vary by 1 within a query."""
        return np.asarray(outputs, dtype=np.float64).reshape(-1, 1) / self.spread

    def constant(self, n_rows: int) -> Array:
        """Return equal scores."""
        return np.zeros((n_rows, 1))


def codec_of(train: Dataset, objective: str) -> OutputCodec:
    """Return the codec of a training target, of a ranking that of its queries."""
    return RankCodec.of_queries(train) if gives_scores(train.task) else OutputCodec.of(train, objective)


def spread_of(codec: OutputCodec) -> dict[str, float]:
    """Return what a learner of rankings asks for, beside what else it does, when it is fitted on more rows."""
    return {SPREAD: codec.spread} if isinstance(codec, RankCodec) else {}
