"""Arithmetic: products, ratios, differences and sums of numeric columns, those that tell more than the columns do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    Column,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    PreprocessorSpec,
    PreprocessRequest,
    hookimpl,
)
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns
from automl_builtins.preprocessors._held_out_folds import FEWEST_ROWS
from automl_builtins.preprocessors._held_out_gain import Unexplained, held_out_gains
from automl_builtins.preprocessors._quick_trees import explain, sample_rows

COLUMNS = 10
MAX_FEATURES = 15
LEAST_DEVIATIONS = 1.0
"""Standard errors by which a feature must better the trees: some will of a hundred that tell nothing."""
LARGEST = 1e18
"""Results are cut off here, so that their squares are finite float32 too."""


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer arithmetic features, to stand beside the columns that they are made of."""
    handles = frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL})
    return [PreprocessorSpec("arithmetic", Arithmetic, handles=handles, requires=("lightgbm",))]


@dataclass(frozen=True, slots=True)
class Term:
    """One operation on two columns, given by their positions."""

    sign: str
    left: int
    right: int


class Arithmetic:
    """Gives products, ratios, differences and sums of pairs of numeric columns.

    Small boosted trees on a sample of the training rows rank the numeric columns. Of what can be made of the best
    pairs those are kept that better these trees on rows not learned, and more so than any column does by itself; so
    there may be none. Missing values make missing results; a division by 0 gives 0.
    Params: `max_features` (15); `columns` (10), how many numeric columns are combined.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._max_features = int(request.params.get("max_features", MAX_FEATURES))
        self._n_columns = int(request.params.get("columns", COLUMNS))
        self._terms: list[Term] = []
        self._outputs: tuple[Column, ...] = ()
        self._names: Any = None

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Choose the terms, and return them for the training rows."""
        self._terms = self._choose(data, context)
        self._outputs = named_columns((self._name(term), ColumnKind.NUMERIC) for term in self._terms)
        self._names = name_index(self._outputs)
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return the chosen terms for other rows."""
        return float_frame(self.transform_array(features.to_numpy(dtype=np.float64)), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return the chosen terms for other rows, as an array."""
        return work_out(values, self._terms)

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the terms, named "<column> <sign> <column>"."""
        return self._outputs

    def _name(self, term: Term) -> str:
        return f"{self._columns[term.left].name} {term.sign} {self._columns[term.right].name}"

    def _choose(self, data: Dataset, context: FitContext) -> list[Term]:
        numeric = [i for i, column in enumerate(self._columns) if column.kind is ColumnKind.NUMERIC]
        if len(numeric) < 2 or data.n_rows < FEWEST_ROWS:
            return []
        sample = sample_rows(data, context.seed)
        explained, column_gains = explain(sample, context)
        by_gain = [i for i in np.argsort(-column_gains, kind="stable") if i in numeric and column_gains[i] > 0]
        best = [int(i) for i in by_gain[: self._n_columns]]
        values = sample.features.to_numpy(dtype=np.float64)
        terms = [Term(sign, left, right) for left, right in combinations(best, 2) for sign in SIGNS]
        made = np.hstack([values[:, best], work_out(values, terms)])
        gains = held_out_gains(made, Unexplained.beyond(explained, context.seed), LEAST_DEVIATIONS)
        alone, together = gains[: len(best)], gains[len(best) :]
        ranked = np.argsort(-together, kind="stable")[: self._max_features]
        return [terms[i] for i in ranked if together[i] > alone.max(initial=0.0)]


def divide(left: Array, right: Array) -> Array:
    """Return the ratio, 0 where it is divided by 0: rows without missing values give finite features."""
    return np.divide(left, right, out=np.zeros_like(left), where=right != 0)


SIGNS: dict[str, Callable[[Array, Array], Array]] = {
    "*": np.multiply,
    "/": divide,
    "-": np.subtract,
    "+": np.add,
}


def work_out(values: Array, terms: Sequence[Term]) -> Array:
    """Return `(n_rows, n_terms)` as finite float32 or NaN."""
    made = np.empty((len(values), len(terms)), dtype=np.float32)
    finite = np.where(np.isinf(values), np.nan, values)
    for sign, work in SIGNS.items():
        places = [k for k, term in enumerate(terms) if term.sign == sign]
        left, right = ([getattr(terms[k], side) for k in places] for side in ("left", "right"))
        made[:, places] = np.clip(work(finite[:, left], finite[:, right]), -LARGEST, LARGEST)
    return made
