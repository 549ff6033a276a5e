"""Prepare a fold: fit a preparation on the fold's training rows only, and transform rows with it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from automl.fitted.preparation import (
    FittedPreparation,
    FittedStep,
    all_float,
    beside,
    is_sparse,
    join_blocks,
    split_blocks,
    take_positions,
)
from automl.plugin_api.protocols import FitContext, Preprocessor
from automl.plugin_api.specs import PreprocessorSpec, PreprocessRequest
from automl.table.columns.stored_rows import frame_mb
from automl.vocabulary.arrays import Features
from automl.vocabulary.candidate import Preparation, PreparationStep
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold
from automl.vocabulary.schema import Column, ColumnKind, Schema


@dataclass(frozen=True, slots=True)
class PreparedFold:
    """One fold's rows in the form that a model takes, and the preparation that made them."""

    train: Dataset
    valid: Dataset
    preparation: FittedPreparation
    transform_seconds: float = 0.0
    """What it took to prepare the validation rows."""

    @property
    def megabytes(self) -> float:
        """Approximate size in memory."""
        return _megabytes(self.train.features) + _megabytes(self.valid.features)


def prepare_fold(
    whole: Dataset,
    fold: Fold,
    preparation: Preparation,
    preprocessors: Mapping[str, PreprocessorSpec],
    context: FitContext,
) -> PreparedFold:
    """Fit `preparation` on the training rows of `fold` and transform both sides.

    Where every step is row-wise, the whole table is transformed once and cached, and the folds are cut from it.
    """
    if is_row_wise(preparation, preprocessors):
        return _cut(whole, fold, preparation, preprocessors, context)
    train, valid = _rows(whole, fold.train), _rows(whole, fold.valid)
    fitted, features, schema = fit_preparation(train, preparation, preprocessors, context)
    fingerprint = f"{whole.fingerprint}/{preparation.id}"
    started = time.perf_counter()
    transformed = fitted.transform(valid.features)
    return PreparedFold(
        train=replace(train, features=features, schema=schema, fingerprint=fingerprint),
        valid=replace(valid, features=transformed, schema=schema, fingerprint=fingerprint),
        preparation=fitted,
        transform_seconds=time.perf_counter() - started,
    )


def is_row_wise(preparation: Preparation, preprocessors: Mapping[str, PreprocessorSpec]) -> bool:
    """Tell whether every step transforms each row by itself, so that nothing is fitted."""
    return not preparation.finish and all(preprocessors[step.preprocessor].row_wise for step in preparation.encode)


def fit_preparation(
    train: Dataset, preparation: Preparation, preprocessors: Mapping[str, PreprocessorSpec], context: FitContext
) -> tuple[FittedPreparation, Features, Schema]:
    """Fit every step on `train`; return the fitted steps, the transformed rows, and what their columns are."""
    encode: list[FittedStep] = []
    blocks: list[Features] = []
    dense_columns: list[Column] = []
    sparse_columns: list[Column] = []
    for step in preparation.encode:
        built = _build(step, train, preprocessors)
        picked = replace(train, features=_pick(train.features, step.columns), schema=_part(train.schema, step.columns))
        block = built.fit_transform(picked, context)
        encode.append(FittedStep(built, step.columns))
        blocks.append(block)
        (sparse_columns if is_sparse(block) else dense_columns).extend(built.output_columns())
    dense, sparse = split_blocks(blocks, train.n_rows)
    finish: list[FittedStep] = []
    for step in preparation.finish:
        fitted_step, dense, dense_columns = _finish(step, train, dense, dense_columns, preprocessors, context)
        finish.append(fitted_step)
    schema = Schema((*dense_columns, *sparse_columns))
    row_wise = is_row_wise(preparation, preprocessors)
    numbers = (preparation.sparse or not sparse) and all(all_float(b) for b in blocks if not is_sparse(b))
    names = pd.Index(dense.columns, dtype=object) if numbers else None
    kept = Schema(tuple(dense_columns))  # terms of texts are many, and nobody asks for them later
    fitted = FittedPreparation(tuple(encode), tuple(finish), preparation.sparse, kept, row_wise, names)
    return fitted, join_blocks(dense, sparse, preparation.sparse), schema


def _finish(
    step: PreparationStep,
    train: Dataset,
    dense: pd.DataFrame,
    columns: list[Column],
    preprocessors: Mapping[str, PreprocessorSpec],
    context: FitContext,
) -> tuple[FittedStep, pd.DataFrame, list[Column]]:
    """Fit one finishing step on the numeric features; what it makes comes first, the other features after it."""
    positions = tuple(i for i, column in enumerate(columns) if column.kind is ColumnKind.NUMERIC)
    taken, rest = take_positions(dense, positions)
    numbers = tuple(columns[i] for i in positions)
    others = [column for column in columns if column.kind is not ColumnKind.NUMERIC]
    built = preprocessors[step.preprocessor].build(PreprocessRequest(numbers, train.task, dict(step.params)))
    made = built.fit_transform(replace(train, features=taken, schema=Schema(numbers)), context)
    left = tuple(i for i in range(len(columns)) if columns[i].kind is not ColumnKind.NUMERIC)
    fitted = FittedStep(built, positions=positions, rest=left, names=pd.Index(taken.columns, dtype=object))
    return fitted, beside(made, rest), [*built.output_columns(), *others]


def _cut(
    whole: Dataset,
    fold: Fold,
    preparation: Preparation,
    preprocessors: Mapping[str, PreprocessorSpec],
    context: FitContext,
) -> PreparedFold:
    """Transform the whole table once, then cut both sides of the fold from it."""
    fingerprint = f"{whole.fingerprint}/{preparation.id}"

    def build() -> tuple[FittedPreparation, Dataset, float]:
        started = time.perf_counter()
        fitted, features, schema = fit_preparation(whole, preparation, preprocessors, context)
        each = (time.perf_counter() - started) / max(1, whole.n_rows)
        return fitted, replace(whole, features=features, schema=schema, fingerprint=fingerprint), each

    fitted, base, seconds_each = context.cache.get_or_build(("base", fingerprint), build)
    train, valid = _rows(base, fold.train), _rows(base, fold.valid)
    seconds = seconds_each * valid.n_rows
    return PreparedFold(replace(train, base=base), replace(valid, base=base), fitted, seconds)


def _build(step: PreparationStep, train: Dataset, preprocessors: Mapping[str, PreprocessorSpec]) -> Preprocessor:
    columns = _part(train.schema, step.columns).columns
    return preprocessors[step.preprocessor].build(PreprocessRequest(columns, train.task, dict(step.params)))


def _part(schema: Schema, names: tuple[str, ...]) -> Schema:
    by_name = {column.name: column for column in schema.columns}
    return Schema(tuple(by_name[name] for name in names))


def _pick(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    return frame if tuple(frame.columns) == names else frame[list(names)]


def _rows(data: Dataset, rows: Any) -> Dataset:
    return replace(
        data,
        features=data.features.iloc[rows] if isinstance(data.features, pd.DataFrame) else data.features[rows],
        target=data.target[rows],
        rows=data.rows[rows],
        weights=None if data.weights is None else data.weights[rows],
        groups=None if data.groups is None else data.groups[rows],
    )


def _megabytes(features: Features) -> float:
    if is_sparse(features):
        return float(features.data.nbytes + features.indices.nbytes + features.indptr.nbytes) / 2**20
    return frame_mb(features)
