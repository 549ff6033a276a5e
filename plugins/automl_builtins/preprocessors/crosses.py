"""Crosses: columns with repeating values, and pairs of them as one category, encoded by target and by count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

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
from automl_builtins.preprocessors._quick_trees import SAMPLE_ROWS, explain, sample_rows
from automl_builtins.preprocessors._target_encoding import (
    FoldSums,
    assign_folds,
    estimate_smoothing,
    target_matrix,
    target_names,
)

MAX_CROSSES = 12
COLUMNS = 12
LEAST_DEVIATIONS = 0.5
"""Standard errors by which the means of a cross must better the trees."""
REPEATED = 0.9
"""Share of distinct keys among the rows from which on a cross is too fine to have means."""
FEW_LEVELS = 20
"""Trees need no help with a single column of up to this many levels."""
DISTINCT = 0.5
"""Share of distinct values among whole numbers up to which they count as categories."""
Cross: TypeAlias = tuple[int, ...]


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer crosses, to stand beside the columns that they are made of."""
    handles = frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL})
    return [PreprocessorSpec("crosses", Crosses, handles=handles, requires=("lightgbm",))]


@dataclass(frozen=True, slots=True)
class Encoding:
    """A cross as fitted: its known keys in ascending order, and a row of outputs for each after that of all others."""

    cross: Cross
    keys: Array
    table: Array


class Crosses:
    """Gives single columns of many levels, and pairs of columns, as the mean target of their categories and as counts.

    Columns of categories, of truth values and of whole numbers that repeat take part. Means are smoothed, and for
    training rows taken from other folds, as `TargetEncoding` does; unseen categories get the overall mean and the
    count 0. Kept are those whose means better small boosted trees on rows not learned; so there may be none.
    Params: `max_crosses` (12); `columns` (12), how many columns are paired.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._suffixes = [*target_names(request.task), "count"]
        self._max_crosses = int(request.params.get("max_crosses", MAX_CROSSES))
        self._n_columns = int(request.params.get("columns", COLUMNS))
        self._levels: dict[int, Array] = {}
        self._encodings: list[Encoding] = []
        self._outputs: tuple[Column, ...] = ()
        self._names: Any = None

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Choose the crosses, and return the training rows encoded from the other folds' rows."""
        values = data.features.to_numpy(dtype=np.float64)
        self._levels = find_levels(values, self._columns) if data.n_rows >= FEWEST_ROWS else {}
        codes, outputs, folds = self._code(values), target_matrix(data), assign_folds(data, context.seed)
        self._encodings, blocks = [], []
        for cross in self._choose(data, codes, context):
            keys, places = np.unique(self._key(cross, codes), return_inverse=True)
            encoded, table = encode(places, outputs, folds)
            self._encodings.append(Encoding(cross, keys, table))
            blocks.append(encoded)
        names = ["&".join(self._columns[i].name for i in encoding.cross) for encoding in self._encodings]
        self._outputs = named_columns((f"{name}.{end}", ColumnKind.NUMERIC) for name in names for end in self._suffixes)
        self._names = name_index(self._outputs)
        return float_frame(self._join(blocks, data.n_rows), self._names)

    def transform(self, features: Features) -> Features:
        """Return other rows encoded from all training rows."""
        return float_frame(self.transform_array(features.to_numpy(dtype=np.float64)), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return other rows encoded from all training rows, as an array."""
        needed = {i for each in self._encodings for i in each.cross}
        codes = self._code(values, needed)
        blocks = [each.table[find(self._key(each.cross, codes), each.keys)] for each in self._encodings]
        return self._join(blocks, len(values))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe means and count of each cross, named "<column>&<column>.target" and "<column>&<column>.count"."""
        return self._outputs

    def _choose(self, data: Dataset, codes: dict[int, Array], context: FitContext) -> list[Cross]:
        """Return the crosses whose means better small trees, best first."""
        if not codes:
            return []
        sample = sample_rows(data, context.seed)
        explained, column_gains = explain(sample, context)
        unexplained = Unexplained.beyond(explained, context.seed + 1)
        if data.n_rows > SAMPLE_ROWS:
            codes = self._code(sample.features.to_numpy(dtype=np.float64))
        outputs, folds = target_matrix(sample), assign_folds(sample, context.seed)
        members = sorted(codes, key=lambda i: -column_gains[i])[: self._n_columns]
        crosses: list[Cross] = [(i,) for i in members if len(self._levels[i]) > FEW_LEVELS]
        crosses += [(min(pair), max(pair)) for pair in combinations(members, 2)]
        gains = np.zeros(len(crosses))
        for k, cross in enumerate(crosses):
            keys, places = np.unique(self._key(cross, codes), return_inverse=True)
            if len(keys) <= REPEATED * len(places):
                means = encode(places, outputs, folds)[0][:, :-1]
                gains[k] = held_out_gains(means, unexplained, LEAST_DEVIATIONS).max()
        best = np.argsort(-gains, kind="stable")[: self._max_crosses]
        return [crosses[k] for k in best if gains[k] > 0]

    def _code(self, values: Array, needed: set[int] | None = None) -> dict[int, Array]:
        """Return the position of each value among its column's levels, of the columns that are needed."""
        return {i: find(values[:, i], self._levels[i]) for i in (self._levels if needed is None else needed)}

    def _key(self, cross: Cross, codes: dict[int, Array]) -> Array:
        """Return one whole number for each combination of the columns' codes."""
        key = codes[cross[0]]
        for i in cross[1:]:
            key = key * (len(self._levels[i]) + 1) + codes[i]
        return key

    def _join(self, blocks: Sequence[Array], n_rows: int) -> Array:
        made = np.empty((n_rows, len(self._outputs)), dtype=np.float32)
        if blocks:
            np.concatenate(blocks, axis=1, out=made, casting="same_kind")
        return made


def find_levels(values: Array, columns: Sequence[Column]) -> dict[int, Array]:
    """Return the levels of each column that repeats its values, in ascending order, by the column's position."""
    found = {}
    for i, column in enumerate(columns):
        known = values[:, i][np.isfinite(values[:, i])]
        if column.kind is ColumnKind.NUMERIC and (known != np.round(known)).any():
            continue
        levels = np.unique(known)
        if 2 <= len(levels) <= DISTINCT * len(known) or column.kind is ColumnKind.CATEGORICAL:
            found[i] = levels
    return found


def find(values: Array, known: Array) -> Array:
    """Return 1 + the position of each value among ascending known ones, 0 for what is not there."""
    if not len(known):
        return np.zeros(len(values), dtype=np.int64)
    places = known.searchsorted(values)
    np.minimum(places, len(known) - 1, out=places)
    there = known[places] == values
    places += 1
    places *= there
    return places


def encode(codes: Array, outputs: Array, folds: Array) -> tuple[Array, Array]:
    """Return means and count for each row, the means from the other folds, and for each code, after that of no code."""
    sums = FoldSums.of(codes, int(codes.max(initial=0)) + 1, outputs, folds)
    smoothing = estimate_smoothing(codes, outputs, sums)
    counts = sums.counts.sum(axis=0)
    table = np.column_stack([sums.encoding(smoothing), counts])
    means = sums.other_folds_encoding(smoothing)[folds, codes + 1]
    return np.column_stack([means, counts[codes + 1]]), table
