"""Weigh recent rows more: training weights that halve with each stretch of time that a row is older."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automl.plugin_api.specs import PREPARE_PREFIX
from automl.vocabulary.arrays import Rows
from automl.vocabulary.dataset import Dataset

RECENCY = f"{PREPARE_PREFIX}recency"
"""The hyperparameter: the share of the training rows' time in which a row's weight halves."""


def weigh_recent(train: Dataset, stretches: Rows | None, params: Mapping[str, Any]) -> Dataset:
    """Return the training rows with their weights times what their age leaves, of mean 1; as they are if not asked.

    stretches: `(n_table_rows,)`, the stretch of time of each row of the table, None where rows have no order.
    """
    half_life = params.get(RECENCY)
    if not half_life or stretches is None:
        return train
    own = stretches[train.rows]
    age = (own.max() - own) / max(1, int(own.max() - own.min()))
    weights = 0.5 ** (age / float(half_life))
    if train.weights is not None:
        weights = weights * train.weights
    return replace(train, weights=weights / weights.mean())
