"""Dependence: how predictions move with one column, on average and for single rows, all else as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, OptionError, unknown_name
from automl.fitted_model import Fitted
from automl.predictor import Predictor
from automl.reporting.labelled import rows_to_vary
from automl.steps.audit.profile_table import measured
from automl.steps.review.review_slices import spell_range
from automl.table.take_target import column_name
from automl.vocabulary.arrays import Array
from automl.vocabulary.explained import Dependence
from automl.vocabulary.schema import Column, ColumnKind

POINTS, MOST_CATEGORIES = 15, 8
AVERAGED_ROWS, DRAWN_ROWS = 150, 30
USABLE = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL, ColumnKind.DATETIME)


def dependence_of(fitted: Fitted, column: Any, data: Any) -> Dependence:
    """Return the dependence on one column, over rows that are given or those of the session that fitted."""
    features, stored = rows_to_vary(fitted, data)
    found = partial_dependence(fitted.predictor, features, stored, [column_name(column)], seed=fitted.seed)
    if not found:
        raise InputError(
            f"The dependence on {column!r} cannot be drawn: it is text, an image, not seen by any model, or has "
            f"one value in these rows. Expected a column of numbers, dates, truth values or categories."
        )
    return found[0]


def partial_dependence(
    predictor: Predictor, features: pd.DataFrame, stored: pd.DataFrame, columns: Sequence[str], *, seed: int = 0
) -> tuple[Dependence, ...]:
    """Return the partial dependence (Friedman, 2001) and individual curves (Goldstein et al., 2015) of some columns.

    All models predict rows in which the column has one value after another: quantiles of those that occur, or the most
    frequent categories. Combinations of values that never occur together may be among them. Columns of text, images,
    without two values, or that no model sees are left out.
    """
    known = {column.name: column for column in predictor.schema.columns}
    for name in columns:
        if name not in known:
            raise OptionError(unknown_name("column", name, predictor.schema.given))
    rng = np.random.default_rng([seed, 719])
    rows = np.sort(rng.permutation(len(features))[:AVERAGED_ROWS])
    shown = np.sort(rng.permutation(len(rows))[:DRAWN_ROWS])
    found = (_of_column(predictor, features, stored, known[name], rows, shown) for name in columns)
    return tuple(each for each in found if each is not None)


def _of_column(
    predictor: Predictor, features: pd.DataFrame, stored: pd.DataFrame, column: Column, rows: Array, shown: Array
) -> Dependence | None:
    if column.kind not in USABLE or column.name not in features.columns:
        return None
    values = stored[column.name].to_numpy()
    picks = _codes(values) if column.kind is ColumnKind.CATEGORICAL else _quantiles(measured(values, column))
    if len(picks) < 2:
        return None
    table = features.take(np.tile(rows, len(picks))).reset_index(drop=True)
    table[column.name] = features[column.name].take(np.repeat(picks, len(rows))).reset_index(drop=True)
    outputs = predictor.predict_outputs(table).reshape(len(picks), len(rows), -1)
    if column.kind is ColumnKind.CATEGORICAL:
        order = np.argsort(outputs.mean(axis=1)[:, -1], kind="stable")
        picks, outputs = picks[order], outputs[order]
    labels, places, marks = _axis(values, picks, column)
    return Dependence(
        column.name, column.kind, labels, places, outputs.mean(axis=1), outputs[:, shown].transpose(1, 0, 2), marks
    )


def _axis(values: Array, picks: Array, column: Column) -> tuple[tuple[str, ...], Array | None, tuple[float, ...]]:
    if column.kind is ColumnKind.CATEGORICAL:
        return tuple(column.categories[code] for code in values[picks].tolist()), None, ()
    numbers = measured(values, column)
    at = numbers[picks]
    labels = tuple(spell_range(each, each, column) for each in at.tolist())
    if column.kind is ColumnKind.BOOLEAN:
        return labels, None, ()
    scale = 86_400.0 if column.kind is ColumnKind.DATETIME else 1.0
    marks = np.unique(np.nanpercentile(numbers, np.arange(10, 100, 10))) / scale
    return labels, at / scale, tuple(marks.tolist())


def _codes(codes: Any) -> Array:
    """Return for each of the most frequent categories a row that has it."""
    counts = np.bincount(codes[codes >= 0])
    common = [code for code in np.argsort(-counts, kind="stable")[:MOST_CATEGORIES].tolist() if counts[code]]
    return np.array([np.flatnonzero(codes == code)[0] for code in common], dtype=np.int64)


def _quantiles(numbers: Array) -> Array:
    """Return rows whose values are quantiles of the column, the outermost half percents left out, in order."""
    known = np.flatnonzero(np.isfinite(numbers))
    if not len(known):
        return known
    order = known[np.argsort(numbers[known], kind="stable")]
    distinct = np.unique(numbers[known])
    if len(distinct) <= POINTS:
        return np.array([np.flatnonzero(numbers == value)[0] for value in distinct], dtype=np.int64)
    places = np.linspace(0.005, 0.995, POINTS) * (len(order) - 1)
    picked = order[places.round().astype(np.int64)]
    return np.asarray(picked[np.unique(numbers[picked], return_index=True)[1]])
