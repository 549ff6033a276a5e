"""Prepare a fold: fit a preparation on the fold's training rows only, and transform rows with it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from automl.plugin_api.protocols import FitContext, Preprocessor
from automl.plugin_api.specs import PreprocessorSpec, PreprocessRequest
from automl.steps.stored_rows import StoredRows, frame_mb
from automl.vocabulary.arrays import Array, Features
from automl.vocabulary.candidate import Preparation, PreparationStep
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold
from automl.vocabulary.schema import Column, ColumnKind, Schema


@dataclass(frozen=True, slots=True)
class FittedStep:
    """A fitted preprocessor with the raw columns that it takes.

    A finishing step takes positions among the dense features instead: `names` are theirs, `rest` the other positions.
    """

    preprocessor: Preprocessor
    columns: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    rest: tuple[int, ...] = ()
    names: pd.Index | None = None


@dataclass(frozen=True, slots=True)
class FittedPreparation:
    """A fitted preparation: turns stored columns into a model's features."""

    encode: tuple[FittedStep, ...]
    finish: tuple[FittedStep, ...]
    sparse: bool
    schema: Schema
    row_wise: bool = False
    """Whether nothing was fitted, so that the preparations of all folds are equal."""
    names: pd.Index | None = None
    """The dense features' names where all of those are numbers; their arrays are then joined without frames between."""

    def transform(self, stored: pd.DataFrame | StoredRows) -> Features:
        """Return the features of stored rows; `StoredRows` keep the columns that several preparations take."""
        rows = stored if isinstance(stored, StoredRows) else StoredRows.of(stored)
        if self.names is not None:
            return self._join_numbers(rows)
        blocks = [step.preprocessor.transform(rows.pick(step.columns)) for step in self.encode]
        dense, sparse = _split(blocks, rows.n_rows)
        for step in self.finish:
            taken, rest = _take(dense, step.positions)
            dense = _beside(step.preprocessor.transform(taken), rest)
        return _join(dense, sparse, self.sparse)

    def _join_numbers(self, rows: StoredRows) -> Features:
        """Return the features where all dense ones are numbers, with frames only for steps that ask for them."""
        blocks = [_encode(step, rows) for step in self.encode]
        # a block without columns has no float32 dtype
        dense = _side_by_side([each for each in blocks if each.shape[1] and not _is_sparse(each)], rows.n_rows)
        for step in self.finish:
            made = _finished(step, dense[:, step.positions] if step.rest else dense)
            dense = _side_by_side([made, dense[:, step.rest]], rows.n_rows) if step.rest else made
        if self.sparse:
            return _join_sparse(dense, [block for block in blocks if _is_sparse(block)])
        return pd.DataFrame(dense, columns=self.names, copy=False)


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
        (sparse_columns if _is_sparse(block) else dense_columns).extend(built.output_columns())
    dense, sparse = _split(blocks, train.n_rows)
    finish: list[FittedStep] = []
    for step in preparation.finish:
        fitted_step, dense, dense_columns = _finish(step, train, dense, dense_columns, preprocessors, context)
        finish.append(fitted_step)
    schema = Schema((*dense_columns, *sparse_columns))
    row_wise = is_row_wise(preparation, preprocessors)
    numbers = (preparation.sparse or not sparse) and all(_all_float(b) for b in blocks if not _is_sparse(b))
    names = pd.Index(dense.columns, dtype=object) if numbers else None
    kept = Schema(tuple(dense_columns))  # terms of texts are many, and nobody asks for them later
    fitted = FittedPreparation(tuple(encode), tuple(finish), preparation.sparse, kept, row_wise, names)
    return fitted, _join(dense, sparse, preparation.sparse), schema


def _encode(step: FittedStep, rows: StoredRows) -> Any:
    """Return an array, or a sparse matrix."""
    by_array = getattr(step.preprocessor, "transform_array", None)
    if by_array is not None:
        return by_array(rows.array(step.columns))
    made = step.preprocessor.transform(rows.pick(step.columns))
    return made if _is_sparse(made) else made.to_numpy()


def _finished(step: FittedStep, values: Array) -> Array:
    by_array = getattr(step.preprocessor, "transform_array", None)
    if by_array is not None:
        return np.asarray(by_array(values))
    return np.asarray(step.preprocessor.transform(pd.DataFrame(values, columns=step.names, copy=False)).to_numpy())


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
    taken, rest = _take(dense, positions)
    numbers = tuple(columns[i] for i in positions)
    others = [column for column in columns if column.kind is not ColumnKind.NUMERIC]
    built = preprocessors[step.preprocessor].build(PreprocessRequest(numbers, train.task, dict(step.params)))
    made = built.fit_transform(replace(train, features=taken, schema=Schema(numbers)), context)
    left = tuple(i for i in range(len(columns)) if columns[i].kind is not ColumnKind.NUMERIC)
    fitted = FittedStep(built, positions=positions, rest=left, names=pd.Index(taken.columns, dtype=object))
    return fitted, _beside(made, rest), [*built.output_columns(), *others]


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


def _side_by_side(arrays: list[Array], n_rows: int) -> Array:
    if not arrays:
        return np.empty((n_rows, 0), dtype=np.float32)
    return arrays[0] if len(arrays) == 1 else np.hstack(arrays)


def _rows(data: Dataset, rows: Any) -> Dataset:
    return replace(
        data,
        features=data.features.iloc[rows] if isinstance(data.features, pd.DataFrame) else data.features[rows],
        target=data.target[rows],
        rows=data.rows[rows],
        weights=None if data.weights is None else data.weights[rows],
        groups=None if data.groups is None else data.groups[rows],
    )


def _is_sparse(block: Features) -> bool:
    return hasattr(block, "tocsr")


def _split(blocks: list[Features], n_rows: int) -> tuple[pd.DataFrame, list[Features]]:
    """Return the dense blocks side by side as one float32 block, and the sparse ones."""
    dense = [block for block in blocks if not _is_sparse(block)]
    sparse = [block for block in blocks if _is_sparse(block)]
    if len(dense) == 1:
        return dense[0], sparse
    if not dense:
        return pd.DataFrame(index=pd.RangeIndex(n_rows)), sparse
    joined = dense[0]
    for block in dense[1:]:
        joined = _beside(joined, block)
    return joined, sparse


def _beside(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Put two frames side by side; all-number ones become a single float32 block, so that `to_numpy` is free."""
    if left.shape[1] == 0 or right.shape[1] == 0:
        return right if left.shape[1] == 0 else left
    names = left.columns.append(right.columns)
    if _all_float(left) and _all_float(right):
        return pd.DataFrame(np.hstack([left.to_numpy(), right.to_numpy()]), columns=names, copy=False)
    both = pd.concat([left.reset_index(drop=True), right.reset_index(drop=True)], axis=1)
    both.columns = names
    return both


def _all_float(frame: pd.DataFrame) -> bool:
    return bool((frame.dtypes == np.float32).all())


def _take(frame: pd.DataFrame, positions: tuple[int, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    taken = set(positions)
    others = [i for i in range(frame.shape[1]) if i not in taken]
    if not others:
        return frame, frame.iloc[:, []]
    return frame.iloc[:, list(positions)], frame.iloc[:, others]


def _join(dense: pd.DataFrame, sparse: list[Features], want_sparse: bool) -> Features:
    if not want_sparse:
        return dense
    return _join_sparse(dense.to_numpy(dtype=np.float32), sparse)


def _join_sparse(dense: Array, sparse: list[Features]) -> Features:
    from scipy.sparse import csr_matrix, hstack

    if len(dense) == 1:  # a single row needs none of the checks, which take longer than everything else
        there = np.flatnonzero(dense[0])
        widths = np.cumsum([dense.shape[1], *(block.shape[1] for block in sparse)])
        places = [there, *(block.indices + start for block, start in zip(sparse, widths, strict=False))]
        values = np.concatenate([dense[0, there], *(block.data for block in sparse)]).astype(np.float32)
        columns = np.concatenate(places).astype(np.int32)
        return csr_matrix((values, columns, np.array([0, len(columns)], dtype=np.int32)), shape=(1, int(widths[-1])))
    parts = [csr_matrix(dense.astype(np.float32))] if dense.shape[1] else []
    return hstack([*parts, *sparse], format="csr", dtype=np.float32)


def _megabytes(features: Features) -> float:
    if _is_sparse(features):
        return float(features.data.nbytes + features.indices.nbytes + features.indptr.nbytes) / 2**20
    return frame_mb(features)
