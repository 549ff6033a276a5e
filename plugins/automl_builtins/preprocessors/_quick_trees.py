"""Quick trees: small boosted trees on a sample of rows, which tell what the columns as they are can explain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.plugin_api import Array, ColumnKind, Dataset, FitContext, TaskKind
from automl_builtins.first_component import first_component
from automl_builtins.mean_one import mean_one
from automl_builtins.preprocessors._held_out_folds import held_out_folds
from automl_builtins.preprocessors._target_encoding import target_matrix

SAMPLE_ROWS = 8000
"""At most this many rows are looked at, which bounds the time to about a second."""
FOLDS = 3
ROUNDS = 60
SHAPE = {"num_leaves": 31, "learning_rate": 0.1, "min_data_in_leaf": 10, "feature_fraction": 0.7, "max_bin": 63}


@dataclass(frozen=True, slots=True)
class Explained:
    """What the columns explain as they are.

    scores: `(n_rows, n_outputs)`, the raw score of each row by trees that have not seen it, or by nothing at all; for
    two classes and for values one output. target: `(n_rows,)`, class numbers, or values standardised as the scores are.
    kind: of the task that the trees are fitted to; of several targets it is their first principal component, a value.
    weights: `(n_rows,)`, 1 on average; groups: `(n_rows,)`, which rows are never parted; None where all rows count
    alike, and each for itself.
    """

    scores: Array
    target: Array
    kind: TaskKind
    weights: Array | None = None
    groups: Array | None = None


def sample_rows(data: Dataset, seed: int) -> Dataset:
    """Return at most `SAMPLE_ROWS` rows at random, in order."""
    if data.n_rows <= SAMPLE_ROWS:
        return data
    rows = sampled_rows(data.n_rows, seed)
    return replace(
        data,
        features=data.features.iloc[rows],
        target=data.target[rows],
        rows=data.rows[rows],
        weights=None if data.weights is None else data.weights[rows],
        groups=None if data.groups is None else data.groups[rows],
    )


def sampled_rows(n_rows: int, seed: int) -> Array:
    """Return the positions of at most `SAMPLE_ROWS` of so many rows, in order."""
    if n_rows <= SAMPLE_ROWS:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(seed).choice(n_rows, SAMPLE_ROWS, replace=False))


def explain(data: Dataset, context: FitContext) -> tuple[Explained, Array]:
    """Fit small boosted trees to raw columns, in folds.

    Return what they explain, and `(n_columns,)` the loss that splits of each column saved.
    """
    import lightgbm

    target, kind = goal_of(data)
    settings = _settings(data, kind) | {"seed": context.seed, "num_threads": context.threads}
    values = data.features.to_numpy(dtype=np.float64)
    codes = [i for i, column in enumerate(data.schema.columns) if column.kind is ColumnKind.CATEGORICAL]
    folds = held_out_folds(data.n_rows, FOLDS, context.seed, data.groups)
    whole = lightgbm.Dataset(
        values, target, weight=data.weights, categorical_feature=codes, params=settings, free_raw_data=False
    )
    gains, scores = np.zeros(values.shape[1]), np.zeros((data.n_rows, n_scores(data, kind)))
    for fold in np.unique(folds):
        held = folds == fold
        booster = lightgbm.train(settings, whole.subset(np.flatnonzero(~held)), ROUNDS)
        gains += booster.feature_importance("gain")
        found: Any = booster.predict(values[held], raw_score=True, num_threads=1)
        scores[held] = np.asarray(found).reshape(-1, scores.shape[1])
    weights = None if data.weights is None else mean_one(data.weights)
    return Explained(scores, target, kind, weights, data.groups), gains


def goal_of(data: Dataset) -> tuple[Array, TaskKind]:
    """Return what trees are fitted to, class numbers or a standardised value, and the kind of task that it is."""
    of_classes = data.task.has_classes and not data.task.targets
    kind = data.task.like if of_classes else TaskKind.REGRESSION
    target = first_component(target_matrix(data)) if data.task.targets else np.asarray(data.target, dtype=np.float64)
    return ((target - target.mean()) / (target.std() or 1.0) if kind is TaskKind.REGRESSION else target), kind


def n_scores(data: Dataset, kind: TaskKind) -> int:
    """Return how many raw scores explain a row, by the kind of task that `goal_of` makes of the data."""
    return 1 if kind in (TaskKind.REGRESSION, TaskKind.BINARY) else data.task.n_outputs


def _settings(data: Dataset, kind: TaskKind) -> dict[str, Any]:
    fixed = {"verbosity": -1, "deterministic": True, "force_col_wise": True, "feature_pre_filter": False}
    if kind is TaskKind.REGRESSION:
        return {**SHAPE, **fixed, "objective": "regression"}
    if kind is TaskKind.BINARY:
        return {**SHAPE, **fixed, "objective": "binary"}
    return {**SHAPE, **fixed, "objective": "multiclass", "num_class": n_scores(data, kind)}
