"""Scatter: how far values are off, by where the row lies: small trees of the size of errors, and their quantiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset, Features, FitContext, as_matrix
from automl_builtins.models._shared.sample_quantiles import quantiles_of

LEAST_ROWS, MOST_ROWS = 150, 20_000
"""Rows from which on the size of errors is learnt by place, and how many are enough for it."""
MOST_COLUMNS = 400
"""With more columns only the value itself tells how far it may be off."""
ROUNDS = 70
BLIND_PARTS = 3
"""Errors are divided by sizes that were learnt without them, of other parts of the rows: else they would seem small."""
SHAPE = {"num_leaves": 8, "learning_rate": 0.07, "feature_fraction": 0.7, "lambda_l2": 5.0, "max_bin": 63}
FLOOR = 0.05
"""Errors below this share of the median one count as this, so that none is infinitely small."""


@dataclass(slots=True)
class Scatter:
    """Quantiles of errors, each divided by the usual size of errors where the row lies.

    quantiles: `(n_levels,)`. trees: the logarithm of that size, as LightGBM's text; "" where it is the same everywhere.
    columns: whether the trees see the columns beside the value. least, most: bounds of the logarithm.
    """

    quantiles: Array = field(default_factory=lambda: np.zeros(0))
    trees: str = ""
    columns: bool = False
    least: float = 0.0
    most: float = 0.0
    _booster: Any = field(default=None, repr=False)

    @staticmethod
    def of(data: Dataset, values: Array, levels: Array, context: FitContext) -> Scatter:
        """Learn from rows that the values `(n_rows,)` were predicted for by models that had not seen them."""
        errors = data.target - values
        made = Scatter()
        size = np.abs(errors)
        middle = float(np.median(size))
        if data.n_rows >= LEAST_ROWS and middle > 0 and context.seconds_left() > scatter_seconds(data):
            logs = np.log(np.maximum(size, FLOOR * middle))
            made = Scatter(columns=data.n_features <= MOST_COLUMNS, least=float(np.percentile(logs, 5)))
            made.most = float(np.percentile(logs, 99))
            errors = errors / made.learn(data, values, logs, context)
        made.quantiles = quantiles_of(errors, levels, data.weights)
        return made

    def learn(self, data: Dataset, values: Array, logs: Array, context: FitContext) -> Array:
        """Learn the size of errors of all rows; return that of each row as trees say that have not seen it."""
        inputs, size = self.inputs(values, data.features), np.ones(data.n_rows)
        half = np.random.default_rng([context.seed, 813]).permutation(data.n_rows) % BLIND_PARTS
        for part in range(BLIND_PARTS):
            rows, others = np.flatnonzero(half != part), np.flatnonzero(half == part)
            self.trees = _fit(inputs[rows], logs[rows], None if data.weights is None else data.weights[rows], context)
            self._booster = None
            size[others] = self._size_of(inputs[others])
        self.trees, self._booster = _fit(inputs, logs, data.weights, context), None
        return size

    def around(self, values: Array, features: Features) -> Array:
        """Return the quantiles around values, `(n_rows, n_levels)`."""
        return np.asarray(values[:, None] + self.size(values, features)[:, None] * self.quantiles)

    def size(self, values: Array, features: Features) -> Array:
        """Return the usual size of errors, `(n_rows,)`; 1 where it is the same everywhere."""
        return self._size_of(self.inputs(values, features)) if self.trees else np.ones(len(values))

    def _size_of(self, inputs: Any) -> Array:
        if self._booster is None:
            from lightgbm import Booster

            self._booster = Booster(model_str=self.trees)
        found = self._booster.predict(inputs, raw_score=True, num_threads=1)
        logs = np.asarray(found, dtype=np.float64).reshape(inputs.shape[0])
        return np.asarray(np.exp(np.clip(logs, self.least, self.most)))

    def inputs(self, values: Array, features: Features) -> Any:
        """Return what the trees see: the value, and the columns."""
        own = np.asarray(values, dtype=np.float64)[:, None]
        if not self.columns:
            return own
        matrix = as_matrix(features)
        if hasattr(matrix, "tocsr"):
            from scipy.sparse import csr_matrix, hstack

            return hstack([csr_matrix(own), matrix], format="csr")
        return np.hstack([own, matrix])

    def __getstate__(self) -> dict[str, Any]:
        """Keep the text of the trees, from which the rest is read again when it is needed."""
        return {name: getattr(self, name) for name in ("quantiles", "trees", "columns", "least", "most")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what `__getstate__` returned."""
        for name, value in state.items():
            setattr(self, name, value)
        self._booster = None


def scatter_seconds(data: Dataset) -> float:
    """Estimate how long it takes to learn the size of errors by place."""
    rows, columns = min(data.n_rows, MOST_ROWS), 1 + (data.n_features if data.n_features <= MOST_COLUMNS else 0)
    return (1 + BLIND_PARTS) * (0.02 + ROUNDS * (1e-4 + 1.2e-8 * rows * columns + 8e-6 * columns))


def _fit(inputs: Any, logs: Array, weights: Array | None, context: FitContext) -> str:
    import lightgbm

    rows = np.arange(len(logs))
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(context.seed).choice(rows, MOST_ROWS, replace=False))
    params = {
        **SHAPE, "objective": "regression", "min_data_in_leaf": max(20, len(rows) // 100), "seed": context.seed,
        "deterministic": True, "force_col_wise": True, "num_threads": context.threads, "verbosity": -1,
    }  # fmt: skip
    data = lightgbm.Dataset(inputs[rows], logs[rows], weight=None if weights is None else weights[rows], params=params)
    return str(lightgbm.train(params, data, ROUNDS).model_to_string())
