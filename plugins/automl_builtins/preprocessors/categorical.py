"""Categorical preprocessors: codes for models that take them, and encodings as numbers for all others."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    Column,
    ColumnKind,
    Dataset,
    DefaultFor,
    Features,
    FitContext,
    PreprocessorSpec,
    PreprocessRequest,
    hookimpl,
)
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns
from automl_builtins.preprocessors._target_encoding import TargetEncoding

ONE_HOT_LEVELS = 20
"""Columns with up to this many categories are one-hot encoded by default, others target encoded."""
MAX_DENSE_LEVELS = 255
"""A dense one-hot encoding keeps at most this many levels of a column apart; the least frequent count as rare."""


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer codes, one-hot (dense and sparse), target, frequency and ordinal encoding."""
    handles = frozenset({ColumnKind.CATEGORICAL})
    taken = DefaultFor(handles, accepted=True)
    few = DefaultFor(handles, accepted=False, categories=(0, ONE_HOT_LEVELS))
    many = DefaultFor(handles, accepted=False, categories=(ONE_HOT_LEVELS + 1, sys.maxsize))
    ordered = DefaultFor(handles, ordered=True, beside=True, in_place_of=("codes",))
    return [
        PreprocessorSpec("codes", Codes, handles=handles, row_wise=True, default_for=(taken,)),
        PreprocessorSpec("one_hot", OneHot, handles=handles, default_for=(few,)),
        PreprocessorSpec(
            "one_hot_sparse", OneHotSparse, handles=handles, sparse=True, requires=("scipy",), sparse_form_of="one_hot"
        ),
        PreprocessorSpec(
            "target_encoding", TargetEncoding, handles=handles, default_for=(many,), worth_from=ONE_HOT_LEVELS + 1
        ),
        PreprocessorSpec("frequency", Frequency, handles=handles),
        PreprocessorSpec("ordinal", Ordinal, handles=handles, row_wise=True, default_for=(ordered,)),
    ]


class Codes:
    """Hands codes on as float32, NaN for missing and unseen ones."""

    def __init__(self, request: PreprocessRequest) -> None:
        """Remember what the columns are."""
        self._columns, self._names = request.columns, name_index(request.columns)

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  nothing is fitted
        """Return the codes."""
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return the codes."""
        return float_frame(self.transform_array(features.to_numpy()), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return the codes as an array."""
        codes = values.astype(np.float32)
        codes[codes < 0] = np.nan
        return codes

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns, which are those that went in."""
        return self._columns


class Ordinal(Codes):
    """Hands codes on as numbers, for categories with an order: in one split, or one weight, low ones against high."""

    def __init__(self, request: PreprocessRequest) -> None:
        """Name the numbers after the columns."""
        super().__init__(request)
        self._columns = named_columns((f"{column.name}.order", ColumnKind.NUMERIC) for column in request.columns)
        self._names = name_index(self._columns)


@dataclass(frozen=True, slots=True)
class Levels:
    """Where each code of each column goes in a one-hot encoding.

    table: the output position by `starts[column] + code`, -1 for none; the entry before `starts[column]` is that of
    code -1. columns: what comes out.
    """

    table: Array = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    starts: Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    columns: tuple[Column, ...] = ()

    def positions(self, codes: Array) -> Array:
        """Return the output positions `(n_rows, n_columns)`, ascending in each row apart from the -1 among them."""
        return np.asarray(self.table[codes + self.starts])


class _LevelColumns:
    """Gives each frequent level a column of 0 and 1 of its own, all rarer ones a common one.

    Params: `min_frequency` (2), the number of training rows from which a level is frequent; `max_levels` (255), the
    most levels of one column that are kept apart. A level not seen in training is 0 everywhere. Missing values have
    a column if some occur in training, and unseen levels then count as missing.
    """

    max_levels: int | None = None

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._min_frequency = int(request.params.get("min_frequency", 2))
        limit = request.params.get("max_levels", self.max_levels)
        self._max_levels = None if limit is None else int(limit)
        self._levels = Levels()
        self._names: Any = None

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn the levels, and return the rows encoded."""
        self._levels = find_levels(data.features, self._columns, self._min_frequency, self._max_levels)
        self._names = name_index(self._levels.columns)
        return self._encode(data.features.to_numpy())

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns, named "<column>=<level>"."""
        return self._levels.columns

    def transform(self, features: Features) -> Features:
        """Return other rows encoded alike."""
        return self._encode(features.to_numpy())

    def _encode(self, codes: Array) -> Features:
        raise NotImplementedError


class OneHot(_LevelColumns):
    """Gives each frequent level a column of 0 and 1 of its own, all rarer ones a common one."""

    max_levels = MAX_DENSE_LEVELS

    def transform_array(self, values: Array) -> Array:
        """Return other rows encoded alike, as an array."""
        positions = self._levels.positions(values)
        made = np.zeros((len(positions), len(self._levels.columns)), dtype=np.float32)
        rows, sources = np.nonzero(positions >= 0)
        made[rows, positions[rows, sources]] = 1.0
        return made

    def _encode(self, codes: Array) -> Features:
        return float_frame(self.transform_array(codes), self._names)


class OneHotSparse(_LevelColumns):
    """The same as a CSR matrix, with all frequent levels kept apart."""

    def _encode(self, codes: Array) -> Features:
        from scipy.sparse import csr_matrix

        positions = self._levels.positions(codes)
        there = positions >= 0
        ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
        ones = np.ones(ends[-1], dtype=np.float32)
        return csr_matrix((ones, positions[there], ends), shape=(len(positions), len(self._levels.columns)))


class Frequency:
    """Replaces each code by its share among the training rows; 0 if it was not seen there.

    Missing values have a share like any level.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._columns = named_columns((f"{column.name}.frequency", ColumnKind.NUMERIC) for column in request.columns)
        self._n_levels = [len(column.categories) for column in request.columns]
        self._names = name_index(self._columns)
        self._shares: Array = np.empty(0, dtype=np.float32)
        self._starts: Array = np.empty(0, dtype=np.int64)

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn the shares, and return the rows encoded."""
        counts = count_codes(data.features, self._n_levels)
        self._starts = first_entries(self._n_levels)
        self._shares = (np.concatenate([np.empty(0), *counts]) / max(data.n_rows, 1)).astype(np.float32)
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return other rows encoded alike."""
        return float_frame(self.transform_array(features.to_numpy()), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return other rows encoded alike, as an array."""
        return np.asarray(self._shares[values + self._starts])

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the shares, named "<column>.frequency"."""
        return self._columns


def find_levels(features: Features, columns: tuple[Column, ...], min_frequency: int, max_levels: int | None) -> Levels:
    """Decide which codes get an output column of their own, which share one, and which have none."""
    n_levels = [len(column.categories) for column in columns]
    tables: list[Array] = [np.empty(0, dtype=np.int32)]
    names: list[tuple[str, ColumnKind]] = []
    for column, counts in zip(columns, count_codes(features, n_levels), strict=True):
        places, labels = place_codes(column, counts, min_frequency, max_levels)
        places[places >= 0] += len(names)
        tables.append(places)
        names += [(f"{column.name}={label}", ColumnKind.BOOLEAN) for label in labels]
    return Levels(np.concatenate(tables), first_entries(n_levels), named_columns(names))


def place_codes(column: Column, counts: Array, min_frequency: int, max_levels: int | None) -> tuple[Array, list[str]]:
    """Return the place of each code from -1 on among the column's outputs, -1 for none, and the outputs' labels."""
    by_count = np.argsort(-counts[1:], kind="stable")
    frequent = by_count[counts[1:][by_count] >= min_frequency][:max_levels]
    own = np.sort(frequent)
    rare = counts[1:] > 0
    rare[own] = False
    places = np.full(len(counts), -1, dtype=np.int32)
    places[own + 1] = np.arange(len(own))
    labels = [column.categories[code] for code in own]
    if rare.any():
        places[1:][rare] = len(labels)
        labels.append("(rare)")
    if counts[0]:
        places[0] = len(labels)
        labels.append("(missing)")
    return places, labels


def count_codes(features: Features, n_levels: list[int]) -> list[Array]:
    """Return for each column how often the codes -1, 0, 1, ... occur."""
    codes = features.to_numpy()
    return [np.bincount(codes[:, i] + 1, minlength=known + 1) for i, known in enumerate(n_levels)]


def first_entries(n_levels: list[int]) -> Array:
    """Return where the entry of code 0 of each column lies, when the columns' entries from -1 on follow each other."""
    widths = np.array(n_levels, dtype=np.int64) + 1
    return np.asarray(np.cumsum(widths) - widths + 1)
