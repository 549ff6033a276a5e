"""Review: what the out-of-fold predictions of a search looked like, in small arrays that hold no row of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.vocabulary.arrays import Array


@dataclass(frozen=True, slots=True)
class Curve:
    """A line for one class against all others; `area` lies below it, and `base` is what guessing would have."""

    name: str
    x: Array
    y: Array
    area: float
    base: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often a class was there where a probability was given for it: bins of about equally many rows.

    predicted, observed: `(n_bins,)`, mean probability and share; low, high: 95 % interval of the share by Wilson's
    method; counts: rows in each bin. `gap` is the mean distance of the two, weighted by rows (expected calibration
    error).
    """

    name: str
    predicted: Array
    observed: Array
    low: Array
    high: Array
    counts: Array
    gap: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows counted by true class (first axis) and decided class; rare classes are joined in the last one."""

    names: tuple[str, ...]
    counts: Array


@dataclass(frozen=True, slots=True)
class Residuals:
    """Residuals (true less predicted) of a regression.

    edges, counts: their histogram, the outermost percent at each end counted in the end bins. grid: rows counted by
    true (first axis) and predicted value, over the same `grid_edges`. levels, bands: `(n_bins,)` mean prediction and
    `(n_bins, 5)` quantiles of the residual (5, 25, 50, 75, 95 %) in bins of about equally many rows.
    """

    edges: Array
    counts: Array
    grid_edges: Array
    grid: Array
    levels: Array
    bands: Array


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that share a value, or a range of values, of one column, and how well they are predicted.

    `loss` is the mean over the slice's rows of what `Review.loss_name` names; low, high: its 95 % interval. `second`
    is what `Review.second_name` names.
    """

    column: str
    label: str
    n_rows: int
    loss: float
    low: float
    high: float
    second: float


@dataclass(frozen=True, slots=True)
class Review:
    """What predictions looked like beside the truth; rows count equally, whatever their weights."""

    n_rows: int
    loss_name: str
    second_name: str
    loss: float
    second: float
    slices: tuple[Slice, ...] = ()
    """Those that are predicted worse than the rest, the worst first."""
    n_slices: int = 0
    """How many slices were compared."""
    roc: tuple[Curve, ...] = ()
    precision_recall: tuple[Curve, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    confusion: Confusion | None = None
    residuals: Residuals | None = None


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table that a task adds to reports: its title, how to read it in a sentence or two, heads, and rows of texts."""

    title: str
    about: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class KnownRows:
    """By which a table is known again as the one that was fitted, and who has not seen which of its rows.

    folds: `(n_rows,)` the first fold that validates each row, -1 for none. No value of a row can be told from it.
    """

    n_rows: int
    fingerprint: str
    folds: Array


@dataclass(frozen=True, slots=True)
class SampledRows:
    """Some rows of the fitted table, for the session that fitted; they are not saved.

    features: as the user gave them; target: encoded; folds: as in `KnownRows`; groups: for a metric that judges by
    group.
    """

    features: Any
    target: Array
    folds: Array
    groups: Array | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a search leaves for those who look at it afterwards."""

    review: Review
    known: KnownRows
    sample: SampledRows | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Plain values: rows, columns, how it was validated, how long it took and why it ended."""
