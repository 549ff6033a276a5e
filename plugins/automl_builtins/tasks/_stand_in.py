"""Stand-in: quick trees whose errors tell where values scatter, so that a regressor need be fitted only once.

How far a good regressor is off depends more on the place than on the regressor. The quick trees are cross-fitted, so
their errors are those on rows that they have not seen; all candidates that are given the same rows share them. As they
are a little worse than what they stand in for, quantiles are a little wide; ensembles move them by shifts of their own.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import Array, ColumnKind, Dataset, FitContext, as_matrix
from automl_builtins.tasks._scatter import MOST_COLUMNS, Scatter, are_numbers, level_seconds, size_seconds

LEAST_ROWS, MOST_ROWS = 6_000, 100_000
"""Rows from which on there is a stand-in: of fewer a regressor is quick, and its own errors are better. Of more a part
may be held out without harm."""
ROUNDS, PATIENCE, USUAL_ROUNDS = 400, 12, 150
"""The most rounds, how many without a gain on rows held out end it, and how many there mostly are."""
SHAPE = {
    "objective": "regression", "num_leaves": 31, "learning_rate": 0.12, "min_data_in_leaf": 10, "lambda_l2": 5.0,
    "feature_fraction": 0.7, "max_bin": 255, "max_cat_to_onehot": 4, "cat_l2": 10.0, "deterministic": True,
    "force_col_wise": True, "metric": "l2", "verbosity": -1,
}  # fmt: skip
SEED = 815
"""The same for all candidates: which of them comes first must not matter."""
SAMPLED_ROWS = 200
"""Rows whose values tell one preparation of a table from another."""


def can_stand_in(train: Dataset, n_levels: int, context: FitContext, share: float) -> bool:
    """Tell whether trees can read the features, there are rows for it, and it takes at most this share of the time."""
    if not has_size_for_stand_in(train.n_rows, train.n_features) or not are_numbers(train.features):
        return False
    return stand_in_seconds(train, n_levels) <= share * context.seconds_left()


def has_size_for_stand_in(n_rows: int, n_features: int) -> bool:
    """Tell whether tables of this size have a stand-in, where trees can read them."""
    return LEAST_ROWS < n_rows <= MOST_ROWS and n_features <= MOST_COLUMNS


def stand_in_seconds(train: Dataset, n_levels: int) -> float:
    """Estimate how long it takes to make one."""
    trees = 0.1 + 2 * USUAL_ROUNDS * (2e-4 + 1.5e-8 * train.n_rows / 2 * train.n_features + 3e-5 * train.n_features)
    return trees + size_seconds(train) + level_seconds(train, n_levels)


def stand_in(train: Dataset, held: Array, levels: Array, context: FitContext) -> Scatter:
    """Return how values scatter around those of trees that were fitted without the row.

    train: the target on the scale on which it is learnt. held: `(n_rows,)`, the part that each row is held out in.
    """
    neutral = replace(context, seed=SEED)
    key = ("stand_in", _fingerprint(train), tuple(levels))
    found: Scatter = context.cache.get_or_build(
        key, lambda: Scatter.of(train, _cross_fitted(train, held, neutral), levels, neutral)
    )
    return found


def _cross_fitted(train: Dataset, held: Array, context: FitContext) -> Array:
    import lightgbm

    matrix, found = as_matrix(train.features), np.zeros(train.n_rows)
    kinds = [column.kind for column in train.schema.columns]
    categories = [place for place, kind in enumerate(kinds) if kind is ColumnKind.CATEGORICAL]
    params: dict[str, Any] = {**SHAPE, "seed": SEED, "num_threads": context.threads}
    for part in range(int(held.max()) + 1):
        rows, others = np.flatnonzero(held != part), np.flatnonzero(held == part)
        own = None if train.weights is None else train.weights[rows]
        known = categories if len(kinds) == matrix.shape[1] else []
        data = lightgbm.Dataset(matrix[rows], train.target[rows], weight=own, params=params, categorical_feature=known)
        watched = lightgbm.Dataset(matrix[others], train.target[others], reference=data, params=params)
        enough = lightgbm.early_stopping(PATIENCE, verbose=False)
        trees = lightgbm.train(params, data, ROUNDS, valid_sets=[watched], callbacks=[enough])
        found[others] = trees.predict(matrix[others], num_iteration=trees.best_iteration, num_threads=1)
    return found


def _fingerprint(train: Dataset) -> str:
    """Return what tells these rows, so prepared and weighted, from others."""
    places = np.linspace(0, train.n_rows - 1, SAMPLED_ROWS).astype(np.int64)
    features = train.features
    sample = features[places].toarray() if hasattr(features, "tocsr") else as_matrix(features.iloc[places])
    made = hashlib.sha256(np.ascontiguousarray(sample).tobytes())
    for each in (train.rows, train.target, train.weights):
        made.update(b"" if each is None else np.ascontiguousarray(each).tobytes())
    return f"{train.n_features}/{made.hexdigest()}"
