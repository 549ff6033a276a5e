"""Tiny tables with a signal in them, for tests of models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from automl.plugin_api import BuildRequest, Column, ColumnKind, Dataset, FitContext, ModelSpec, Schema, Task, TaskKind

TASKS = {
    TaskKind.BINARY: Task(TaskKind.BINARY, "y", ("no", "yes")),
    TaskKind.MULTICLASS: Task(TaskKind.MULTICLASS, "y", ("a", "b", "c")),
    TaskKind.REGRESSION: Task(TaskKind.REGRESSION, "y"),
}


def make_table(
    kind: TaskKind, n_rows: int = 300, n_features: int = 5, seed: int = 0, categorical: bool = False
) -> Dataset:
    """Return rows whose target follows from the first two features, and from a category where there is one."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    columns = [Column(f"x{place}", ColumnKind.NUMERIC) for place in range(n_features)]
    signal = 2 * matrix[:, 0] + matrix[:, 1]
    if categorical:
        codes = rng.integers(0, 6, n_rows)
        matrix[:, -1] = codes
        matrix[rng.random(n_rows) < 0.05, -1] = np.nan
        columns[-1] = Column("colour", ColumnKind.CATEGORICAL, n_distinct=6, categories=tuple("abcdef"))
        signal = signal + 3 * np.isin(codes, (1, 4))
    if kind is TaskKind.REGRESSION:
        target = 50 + 10 * signal + rng.normal(size=n_rows)
    else:
        cuts = np.quantile(signal, [0.5] if kind is TaskKind.BINARY else [0.33, 0.66])
        target = np.digitize(signal + 0.3 * rng.normal(size=n_rows), cuts).astype(np.int64)
    frame = pd.DataFrame(matrix, columns=[column.name for column in columns])
    return Dataset(frame, target, Schema(tuple(columns)), TASKS[kind], np.arange(n_rows), fingerprint=f"{kind}/{seed}")


def take(data: Dataset, rows, base: bool = False) -> Dataset:
    """Return some rows, with the whole table as their base where asked."""
    return replace(
        data,
        features=data.features.iloc[rows],
        target=data.target[rows],
        rows=data.rows[rows],
        weights=None if data.weights is None else data.weights[rows],
        base=data if base else None,
    )


def halves(data: Dataset, base: bool = False) -> tuple[Dataset, Dataset]:
    """Return two thirds of the rows to learn from and the rest."""
    rows = np.arange(data.n_rows)
    return take(data, rows[rows % 3 > 0], base), take(data, rows[rows % 3 == 0], base)


def fit(spec: ModelSpec, train: Dataset, valid: Dataset | None = None, context: FitContext | None = None, params=None):
    """Return a fitted learner; its params are the first configuration's where none are given."""
    chosen = spec.defaults[0] if params is None else params
    own = {name: value for name, value in chosen.items() if not name.startswith("prepare.")}
    learner = spec.build(BuildRequest(train.task, own))
    learner.fit(train, valid, context or FitContext(seed=1))
    return learner


def loss(data: Dataset, predictions: np.ndarray) -> float:
    """Return the log loss, or the root mean squared error."""
    assert predictions.shape == (data.n_rows, data.task.n_outputs)
    assert np.isfinite(predictions).all()
    if data.task.kind is TaskKind.REGRESSION:
        return float(np.sqrt(np.mean((data.target - predictions[:, 0]) ** 2)))
    np.testing.assert_allclose(predictions.sum(axis=1), 1.0, atol=1e-5)
    return float(-np.log(np.maximum(predictions[np.arange(data.n_rows), data.target], 1e-15)).mean())
