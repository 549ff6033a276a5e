"""Numeric preprocessors: numbers as they are, and the finishing steps that fill gaps and bring numbers to one scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

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

BOUND = 0.9
"""Share of the training rows, the smallest, whose values a bounded column tells apart."""
CLIP = 3.0
"""Robustly scaled values approach this, and no further."""
MAX_QUANTILES = 1000
CELLS_AT_ONCE = 2**20
"""Of a wide table, whose quantiles are taken of many columns at once."""
FEW_ROWS = 4
"""Up to so many rows are compared with all quantiles of all columns at once."""
OUTERMOST = 1e-7
"""Ranks nearer to 0 or 1 than this count as this near, so that their normal deviates stay finite."""


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer numbers as they are, imputation, and three scalers."""
    numbers = frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN})
    steady, growing = DefaultFor(numbers, growing=False), DefaultFor(numbers, growing=True)
    filling = DefaultFor()  # of missing numbers
    return [
        PreprocessorSpec("passthrough", Passthrough, handles=numbers, row_wise=True, default_for=(steady,)),
        PreprocessorSpec("bounded", Bounded, handles=numbers, default_for=(growing,)),
        PreprocessorSpec("impute", Impute, default_for=(filling,)),
        PreprocessorSpec("standard", Standard),
        PreprocessorSpec("robust", Robust),
        PreprocessorSpec("quantile", Quantile, requires=("scipy",)),
    ]


class Passthrough:
    """Hands numbers on unchanged and uncopied.

    Truth values come out as NUMERIC: they may hold NaN, and only numeric features reach the imputation.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Remember what the columns are."""
        self._columns = _as_numbers(request.columns)

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  nothing is fitted
        """Return the columns."""
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return the columns, which are stored as float32."""
        return features

    def transform_array(self, values: Array) -> Array:
        """Return the columns as an array."""
        return values

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns, which are those that went in."""
        return self._columns


class Bounded:
    """Hands numbers on up to a bound, for columns that only grow with time; see `preprocessors/datetime.py`.

    Larger values count as the bound, above which the newest tenth of the training rows lie.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Remember what the columns are; nothing is fitted yet."""
        self._columns = _as_numbers(request.columns)
        self._bounds: Array = np.full(len(request.columns), np.inf, dtype=np.float32)
        self._names = name_index(self._columns)

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  nothing is drawn
        """Learn the bounds, and return the columns bounded."""
        values = matrix_of(data.features)
        known = [values[np.isfinite(values[:, i]), i] for i in range(values.shape[1])]
        found = [np.quantile(each, BOUND) if len(each) else np.inf for each in known]
        self._bounds = np.array(found, dtype=np.float32)
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return other rows bounded."""
        return float_frame(self.transform_array(matrix_of(features)), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return other rows bounded, as an array."""
        return np.minimum(values, self._bounds)

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns, which are those that went in."""
        return self._columns


class Impute:
    """Puts the training median in the place of missing and infinite values.

    Each column that had such values in training gets a column of 0 and 1 that tells where; those come last. A column
    without any value becomes 0.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._columns = request.columns
        self._medians: Array = np.zeros(len(request.columns), dtype=np.float32)
        self._with_gaps: Array = np.empty(0, dtype=np.intp)
        self._outputs: tuple[Column, ...] = request.columns
        self._names = name_index(request.columns)

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn the medians and where gaps occur, and return the rows filled."""
        values = matrix_of(data.features)
        gaps = ~np.isfinite(values)
        self._with_gaps = np.flatnonzero(gaps.any(axis=0))
        self._medians = column_medians(values, gaps)
        made = [(column.name, column.kind) for column in self._columns]
        made += [(f"{self._columns[i].name}.missing", ColumnKind.BOOLEAN) for i in self._with_gaps]
        self._outputs = (*self._columns, *named_columns(made)[len(self._columns) :])
        self._names = name_index(self._outputs)
        return self._fill(data.features, values, gaps)

    def transform(self, features: Features) -> Features:
        """Return other rows filled; the very same frame where there is nothing to fill or to tell."""
        values = matrix_of(features)
        return self._fill(features, values, ~np.isfinite(values))

    def transform_array(self, values: Array) -> Array:
        """Return other rows filled, as an array."""
        gaps = ~np.isfinite(values)
        return values if not len(self._with_gaps) and not gaps.any() else self._filled(values, gaps)

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the filled columns and the columns that tell where values were missing."""
        return self._outputs

    def _fill(self, features: Features, values: Array, gaps: Array) -> Features:
        if not len(self._with_gaps) and not gaps.any():
            return features
        return float_frame(self._filled(values, gaps), self._names)

    def _filled(self, values: Array, gaps: Array) -> Array:
        n_columns = len(self._columns)
        filled = np.empty((len(values), len(self._outputs)), dtype=np.float32)
        filled[:, :n_columns] = np.where(gaps, self._medians, values)
        filled[:, n_columns:] = gaps[:, self._with_gaps]
        return filled


class Standard:
    """Brings each column to mean 0 and standard deviation 1; a constant column becomes 0, NaN stays."""

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._columns, self._names = request.columns, name_index(request.columns)
        self._mean: Array = np.zeros(len(request.columns))
        self._scale: Array = np.ones(len(request.columns))

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn means and deviations, and return the rows scaled."""
        self._mean, self._scale = mean_and_scale(finite(matrix_of(data.features)))
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return other rows scaled alike."""
        return float_frame(self.transform_array(matrix_of(features)), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return other rows scaled alike, as an array."""
        return shift_and_divide(finite(values), self._mean, self._scale)

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns, named as they came in."""
        return self._columns


class Robust:
    """Scales by median and interquartile range, then bends outliers smoothly to at most 3 from the median.

    Where the middle half of a column is constant, half its range is the scale; a constant column becomes 0. The bend
    is x / sqrt(1 + (x / 3)^2). Source: Holzmüller et al., RealMLP, arXiv 2407.04491.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._columns, self._names = request.columns, name_index(request.columns)
        self._median: Array = np.zeros(len(request.columns))
        self._scale: Array = np.ones(len(request.columns))

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn medians and ranges, and return the rows scaled."""
        self._median, self._scale = median_and_range(finite(matrix_of(data.features)))
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return other rows scaled alike."""
        return float_frame(self.transform_array(matrix_of(features)), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return other rows scaled alike, as an array."""
        scaled = shift_and_divide(finite(values), self._median, self._scale)
        np.clip(scaled, -1e6, 1e6, out=scaled)  # the square of what is larger overflows; the result stays 3
        return np.asarray(scaled / np.sqrt(1.0 + (scaled / CLIP) ** 2))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns, named as they came in."""
        return self._columns


class Quantile:
    """Maps each column to a normal distribution by its quantiles in training, at most 1,000 of them.

    The same mapping as scikit-learn's `QuantileTransformer` without its sampling, and much faster for a few rows. A
    column of at most two values is standardised instead: its quantiles would lie at the far ends of the normal
    distribution.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._columns, self._names = request.columns, name_index(request.columns)
        self._quantiles: dict[int, Array] = {}
        self._mean: Array = np.zeros(len(request.columns))
        self._scale: Array = np.ones(len(request.columns))

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn the quantiles, and return the rows mapped."""
        values = finite(matrix_of(data.features))
        self._mean, self._scale = mean_and_scale(values)
        shares = even_shares(min(MAX_QUANTILES, len(values)))
        places = np.flatnonzero(has_three_values(values))
        self._quantiles = dict(zip(places.tolist(), column_quantiles(values[:, places], shares), strict=True))
        return self.transform(data.features)

    def transform(self, features: Features) -> Features:
        """Return other rows mapped alike."""
        return float_frame(self.transform_array(matrix_of(features)), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return other rows mapped alike, as an array."""
        values = finite(values)
        mapped = shift_and_divide(values, self._mean, self._scale)
        if self._quantiles:
            places = list(self._quantiles)
            mapped[:, places] = to_normal(values[:, places].astype(np.float64), np.stack([*self._quantiles.values()]))
        return mapped

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns, named as they came in."""
        return self._columns


def _as_numbers(columns: Iterable[Column]) -> tuple[Column, ...]:
    numeric = ColumnKind.NUMERIC
    return tuple(each if each.kind is numeric else replace(each, kind=numeric) for each in columns)


def to_normal(values: Array, quantiles: Array) -> Array:
    """Return the normal deviates of the values' ranks, at most 5.2 from 0; a value that ties gets its middle rank.

    values: `(n_rows, n_columns)`; quantiles: `(n_columns, n_quantiles)`, ascending.
    """
    from scipy.special import ndtri

    columns = np.ascontiguousarray(values.T)  # a column's values, and its quantiles, lie together
    last = quantiles.shape[1] - 1
    below, up_to = count_below(columns, quantiles)
    column = np.arange(len(columns))[:, None]
    left = np.clip(below - 1, 0, last)
    right = np.clip(up_to, 0, last)
    low, high = quantiles[column, left], quantiles[column, right]
    gap = high - low
    between = left + np.clip(np.divide(columns - low, gap, out=np.zeros_like(columns), where=gap > 0), 0.0, 1.0)
    tied = 0.5 * (below + up_to - 1)  # of equal quantiles the middle one
    ranks = np.where(up_to > below, tied, between) / last
    ranks[np.isnan(columns)] = np.nan
    return np.asarray(ndtri(np.clip(ranks, OUTERMOST, 1.0 - OUTERMOST))).T


def count_below(columns: Array, quantiles: Array) -> tuple[Array, Array]:
    """Return how many quantiles lie below each value, and how many below it or at it; `(n_columns, n_rows)` each."""
    if 0 < columns.shape[1] <= FEW_ROWS:
        below = np.stack([(quantiles < row[:, None]).sum(axis=1) for row in columns.T], axis=1)
        return below, np.stack([(quantiles <= row[:, None]).sum(axis=1) for row in columns.T], axis=1)
    pairs = list(zip(columns, quantiles, strict=True))
    below = np.stack([known.searchsorted(values, "left") for values, known in pairs])
    return below, np.stack([known.searchsorted(values, "right") for values, known in pairs])


@lru_cache(maxsize=100)
def even_shares(count: int) -> Array:
    """Return so many numbers from 0 to 1, evenly spaced; not to be changed."""
    return np.linspace(0.0, 1.0, count)


def matrix_of(features: Features) -> Array:
    """Return a frame's values as float32, uncopied where they are one block of it."""
    return np.asarray(features.to_numpy(dtype=np.float32))


def finite(values: Array) -> Array:
    """Return the values with NaN for infinity; the same array where there is none."""
    infinite = np.isinf(values)
    return np.where(infinite, np.float32(np.nan), values) if infinite.any() else values


def column_medians(values: Array, gaps: Array) -> Array:
    """Return the float32 median of what is no gap in each column, 0 where all is gap."""
    if values.shape[1] > values.shape[0]:  # all columns at once: for few rows the loop takes longer than the sorting
        return _medians_at_once(np.where(gaps, np.float32(np.nan), values)).astype(np.float32)
    medians = np.zeros(values.shape[1], dtype=np.float32)
    for i in range(values.shape[1]):
        there = values[:, i][~gaps[:, i]]
        medians[i] = np.median(there.astype(np.float64)) if len(there) else 0.0
    return medians


def _medians_at_once(values: Array) -> Array:
    """Return the float64 median of each column without its NaN, 0 where it has no value."""
    ordered = np.sort(values, axis=0).astype(np.float64)  # NaN comes last
    counts = np.count_nonzero(~np.isnan(values), axis=0)
    column = np.arange(values.shape[1])
    low, high = ordered[np.maximum(counts - 1, 0) // 2, column], ordered[counts // 2 * (counts > 0), column]
    return np.where(counts > 0, 0.5 * (low + high), 0.0)


def mean_and_scale(values: Array) -> tuple[Array, Array]:
    """Return mean and standard deviation of each column without its NaN; the deviation of a constant counts as 1."""
    known = ~np.isnan(values)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0, dtype=np.float64) / counts
    squares = np.where(known, values - mean, 0.0) ** 2
    scale = np.sqrt(squares.sum(axis=0, dtype=np.float64) / counts)
    low, high = extremes(values)
    return np.where(high == low, low, mean), np.where((high > low) & (scale > 0), scale, 1.0)


def median_and_range(values: Array) -> tuple[Array, Array]:
    """Return median and interquartile range of each column, with half the range or 1 where the latter is 0."""
    low, first, median, third, high = column_quantiles(values, np.array([0.0, 0.25, 0.5, 0.75, 1.0])).T
    scale = np.where(third > first, third - first, (high - low) / 2)
    return np.nan_to_num(median), np.where(scale > 0, scale, 1.0)  # NaN where a column has no value


def column_quantiles(values: Array, shares: Array) -> Array:
    """Return `(n_columns, n_shares)` float64 quantiles of each column without its NaN; NaN where it has no value."""
    found = np.full((values.shape[1], len(shares)), np.nan)
    is_wide = values.shape[1] > values.shape[0]  # then columns without a gap are sorted many at once
    with_gaps = np.isnan(values).any(axis=0) if is_wide else np.ones(values.shape[1], dtype=bool)
    whole, size = np.flatnonzero(~with_gaps), max(1, CELLS_AT_ONCE // max(1, len(values)))
    for start in range(0, len(whole), size):
        chosen = whole[start : start + size]
        ordered = np.sort(np.ascontiguousarray(values[:, chosen].T), axis=1)
        found[chosen] = np.quantile(ordered.astype(np.float64), shares, axis=1).T
    for i in np.flatnonzero(with_gaps):
        there = values[:, i][~np.isnan(values[:, i])]
        if len(there):
            found[i] = np.quantile(there.astype(np.float64), shares)
    return found


def has_three_values(values: Array) -> Array:
    """Tell of each column whether it has more than two values."""
    low, high = extremes(values)
    return np.asarray(((values > low) & (values < high)).any(axis=0))


def extremes(values: Array) -> tuple[Array, Array]:
    """Return the least and the greatest value of each column without its NaN; infinities where it has no value."""
    return (
        np.fmin.reduce(values, axis=0, initial=np.inf),
        np.fmax.reduce(values, axis=0, initial=-np.inf),
    )


def shift_and_divide(values: Array, centre: Array, scale: Array) -> Array:
    """Return `(values - centre) / scale` as float32, worked out in float64 so that large numbers keep their digits."""
    scaled = values - centre
    scaled /= scale
    with np.errstate(over="ignore"):
        return np.asarray(np.clip(scaled, -3e38, 3e38), dtype=np.float32)
