"""Scatter: how far values are off, by where the row lies: small trees of the size of errors, and of their quantiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset, Features, FitContext, as_matrix
from automl_builtins.models._shared.sample_quantiles import quantiles_of

LEAST_ROWS, MOST_ROWS = 150, 20_000
"""Rows from which on the size of errors is learnt by place, and how many are enough for it."""
ROWS_OF_LEVELS, MOST_LEVELS = 500, 9
"""Rows from which on the quantiles of scaled errors are learnt by place too, and the most levels of which they are."""
MOST_COLUMNS = 400
"""With more columns, or others than numbers, only the value itself tells how far it may be off."""
LEAST_SIZE = 0.2
"""No row's errors are taken to be smaller than this share of the median one."""
PLAIN = {"feature_fraction": 0.7, "lambda_l2": 5.0, "max_bin": 63, "deterministic": True, "force_col_wise": True}
SIZES = {"objective": "regression", "num_leaves": 12, "bagging_fraction": 0.8, "bagging_freq": 1}
LEVELS = {"objective": "quantile", "num_leaves": 8}


@dataclass(frozen=True, slots=True)
class Effort:
    """What is spent on learning from a table of so many rows: the fits do it, and the estimate reckons with it.

    blind_parts: into so many parts rows are dealt, whose errors are divided by sizes that were learnt without them, of
    the other parts: else they would seem small. rate_of_sizes, rounds_of_sizes: how fast trees of sizes learn, and how
    many there are; rate_of_levels, rounds_of_levels: those of quantiles of scaled errors.
    """

    blind_parts: int
    rate_of_sizes: float
    rounds_of_sizes: int
    rate_of_levels: float
    rounds_of_levels: int = 60

    @staticmethod
    def of(n_rows: int) -> Effort:
        """Return what is spent on a table of so many rows."""
        return OF_FEW if n_rows < MANY_ROWS else OF_MANY


MANY_ROWS = 5_000
OF_FEW = Effort(blind_parts=3, rate_of_sizes=0.07, rounds_of_sizes=90, rate_of_levels=0.05)
OF_MANY = Effort(blind_parts=2, rate_of_sizes=0.14, rounds_of_sizes=45, rate_of_levels=0.17)
"""Of so many rows sizes are learnt in half the rounds, with half of the rows held out: as good, at a third of it. Trees
of levels learn sooner: what a few thousand rows tell of tails they would miss."""


@dataclass(slots=True)
class Scatter:
    """Quantiles of errors, each divided by the usual size of errors where the row lies.

    quantiles: `(n_levels,)`. trees: the root of that size, as LightGBM's text; "" where it is the same everywhere.
    by_level: trees of the quantiles, one text a level; empty where they are the same everywhere. columns: whether trees
    see the columns beside the value. least, most: bounds of the size.
    """

    quantiles: Array = field(default_factory=lambda: np.zeros(0))
    trees: str = ""
    by_level: tuple[str, ...] = ()
    columns: bool = False
    least: float = 0.0
    most: float = 0.0
    _boosters: dict[str, Any] = field(default_factory=dict, repr=False)

    @staticmethod
    def of(data: Dataset, values: Array, levels: Array, context: FitContext) -> Scatter:
        """Learn from rows that the values `(n_rows,)` were predicted for by models that had not seen them."""
        errors, made = (
            data.target - values,
            Scatter(columns=data.n_features <= MOST_COLUMNS and are_numbers(data.features)),
        )
        middle, seconds = float(np.median(np.abs(errors))), context.seconds_left
        if data.n_rows < LEAST_ROWS or middle <= 0 or seconds() <= size_seconds(data):
            made.quantiles = quantiles_of(errors, levels, data.weights)
            return made
        made.least, made.most = LEAST_SIZE * middle, float(np.abs(errors).max())
        inputs = made.inputs(values, data.features)
        size = made.learn_sizes(inputs, np.sqrt(np.abs(errors)), data.weights, context)
        scaled = errors / size
        made.quantiles = quantiles_of(scaled, levels, data.weights)
        if (
            data.n_rows >= ROWS_OF_LEVELS
            and len(levels) <= MOST_LEVELS
            and seconds() > level_seconds(data, len(levels))
        ):
            made.by_level = _levels(beside(inputs, size), scaled, data.weights, context, levels)
        return made

    def learn_sizes(self, inputs: Any, roots: Array, weights: Array | None, context: FitContext) -> Array:
        """Learn the size of errors of all rows; return that of each row as trees say that have not seen it."""
        size = np.ones(len(roots))
        effort = Effort.of(len(roots))
        part = np.random.default_rng([context.seed, 813]).permutation(len(roots)) % effort.blind_parts
        for number in range(effort.blind_parts):
            rows, others = np.flatnonzero(part != number), np.flatnonzero(part == number)
            own = None if weights is None else weights[rows]
            size[others] = self._size_by(_sizes(inputs[rows], roots[rows], own, context, effort), inputs[others])
        self._boosters.clear()
        self.trees = _sizes(inputs, roots, weights, context, effort)
        return size

    def around(self, values: Array, features: Features) -> Array:
        """Return the quantiles around values, `(n_rows, n_levels)`, rising in each row."""
        if not self.trees:
            return np.asarray(values[:, None] + self.quantiles)
        inputs = self.inputs(values, features)
        size = self._size_by(self.trees, inputs)
        scaled = self.quantiles
        if self.by_level:
            inputs = beside(inputs, size)
            scaled = np.sort(np.column_stack([self._predict(each, inputs) for each in self.by_level]), axis=1)
        return np.asarray(values[:, None] + size[:, None] * scaled)

    def inputs(self, values: Array, features: Features) -> Any:
        """Return what the trees see: the columns, and the value."""
        own = np.asarray(values, dtype=np.float64)
        return beside(as_matrix(features), own) if self.columns else own[:, None]

    def _size_by(self, trees: str, inputs: Any) -> Array:
        root = np.maximum(self._predict(trees, inputs), 0.0)
        return np.asarray(np.clip(root * root, self.least, self.most))

    def _predict(self, trees: str, inputs: Any) -> Array:
        if trees not in self._boosters:
            from lightgbm import Booster

            self._boosters[trees] = Booster(model_str=trees)
        found = self._boosters[trees].predict(inputs, raw_score=True, num_threads=1)
        return np.asarray(found, dtype=np.float64).reshape(inputs.shape[0])

    def __getstate__(self) -> dict[str, Any]:
        """Keep the text of the trees, from which the rest is read again when it is needed."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "_boosters"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what `__getstate__` returned."""
        for name, value in state.items():
            setattr(self, name, value)
        self._boosters = {}


def beside(inputs: Any, column: Array) -> Any:
    """Return a dense or CSR matrix with one more column."""
    if hasattr(inputs, "tocsr"):
        from scipy.sparse import csr_matrix, hstack

        return hstack([inputs, csr_matrix(column[:, None])], format="csr")
    return np.column_stack([inputs, column])


def are_numbers(features: Features) -> bool:
    """Tell whether trees can read the features as they are."""
    return hasattr(features, "tocsr") or all(kind.kind in "fiub" for kind in features.dtypes)


def size_seconds(data: Dataset) -> float:
    """Estimate how long it takes to learn the size of errors by place."""
    effort = Effort.of(data.n_rows)
    return (1 + effort.blind_parts) * _seconds(data, effort.rounds_of_sizes)


def level_seconds(data: Dataset, n_levels: int) -> float:
    """Estimate how long it takes to learn the quantiles of scaled errors by place."""
    return n_levels * _seconds(data, Effort.of(data.n_rows).rounds_of_levels)


def _seconds(data: Dataset, rounds: int) -> float:
    rows, columns = min(data.n_rows, MOST_ROWS), 1 + (data.n_features if data.n_features <= MOST_COLUMNS else 0)
    return 0.02 + rounds * (1e-4 + 1.2e-8 * rows * columns + 8e-6 * columns)


def _sizes(inputs: Any, roots: Array, weights: Array | None, context: FitContext, effort: Effort) -> str:
    """Learn the root of the size of errors; return the trees as text."""
    shape = {**SIZES, "learning_rate": effort.rate_of_sizes}
    return _Sample.of(inputs, roots, weights, context).fit(shape, effort.rounds_of_sizes)


def _levels(inputs: Any, scaled: Array, weights: Array | None, context: FitContext, levels: Array) -> tuple[str, ...]:
    """Learn quantiles of scaled errors; return the trees of each level as text."""
    sample, effort = _Sample.of(inputs, scaled, weights, context), Effort.of(len(scaled))
    shape = {**LEVELS, "learning_rate": effort.rate_of_levels}
    return tuple(sample.fit({**shape, "alpha": float(level)}, effort.rounds_of_levels) for level in levels)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Rows, at most `MOST_ROWS` of them, as LightGBM reads them once for all trees that learn from them."""

    data: Any
    params: dict[str, Any]

    @staticmethod
    def of(inputs: Any, target: Array, weights: Array | None, context: FitContext) -> _Sample:
        """Draw rows, and bin them."""
        import lightgbm

        rows = np.arange(len(target))
        if len(rows) > MOST_ROWS:
            rows = np.sort(np.random.default_rng(context.seed).choice(rows, MOST_ROWS, replace=False))
        params = {
            **PLAIN, "min_data_in_leaf": max(20, len(rows) // 150), "seed": context.seed,
            "num_threads": context.threads, "verbosity": -1,
        }  # fmt: skip
        own = None if weights is None else weights[rows]
        data = lightgbm.Dataset(inputs[rows], target[rows], weight=own, params=params, free_raw_data=False)
        return _Sample(data, params)

    def fit(self, shape: dict[str, Any], rounds: int) -> str:
        """Return trees as text."""
        import lightgbm

        return str(lightgbm.train({**self.params, **shape}, self.data, rounds).model_to_string())
