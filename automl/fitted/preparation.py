"""Fitted preparation: stored columns -> the features that a model takes, at the fit and at every later call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.plugin_api.protocols import Preprocessor
from automl.table.columns.stored_rows import StoredRows
from automl.vocabulary.arrays import Array, Features
from automl.vocabulary.schema import Schema


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
        dense, sparse = split_blocks(blocks, rows.n_rows)
        for step in self.finish:
            taken, rest = take_positions(dense, step.positions)
            dense = beside(step.preprocessor.transform(taken), rest)
        return join_blocks(dense, sparse, self.sparse)

    def _join_numbers(self, rows: StoredRows) -> Features:
        """Return the features where all dense ones are numbers, with frames only for steps that ask for them."""
        blocks = [_encode(step, rows) for step in self.encode]
        # a block without columns has no float32 dtype
        dense = _side_by_side([each for each in blocks if each.shape[1] and not is_sparse(each)], rows.n_rows)
        for step in self.finish:
            made = _finished(step, dense[:, step.positions] if step.rest else dense)
            dense = _side_by_side([made, dense[:, step.rest]], rows.n_rows) if step.rest else made
        if self.sparse:
            return _join_sparse(dense, [block for block in blocks if is_sparse(block)])
        return pd.DataFrame(dense, columns=self.names, copy=False)


def is_sparse(block: Features) -> bool:
    """Tell whether features are a sparse matrix."""
    return hasattr(block, "tocsr")


def all_float(frame: pd.DataFrame) -> bool:
    """Tell whether every column is float32."""
    return bool((frame.dtypes == np.float32).all())


def split_blocks(blocks: list[Features], n_rows: int) -> tuple[pd.DataFrame, list[Features]]:
    """Return the dense blocks side by side as one float32 block, and the sparse ones."""
    dense = [block for block in blocks if not is_sparse(block)]
    sparse = [block for block in blocks if is_sparse(block)]
    if len(dense) == 1:
        return dense[0], sparse
    if not dense:
        return pd.DataFrame(index=pd.RangeIndex(n_rows)), sparse
    joined = dense[0]
    for block in dense[1:]:
        joined = beside(joined, block)
    return joined, sparse


def take_positions(frame: pd.DataFrame, positions: tuple[int, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the columns at these positions, and the others."""
    taken = set(positions)
    others = [i for i in range(frame.shape[1]) if i not in taken]
    if not others:
        return frame, frame.iloc[:, []]
    return frame.iloc[:, list(positions)], frame.iloc[:, others]


def beside(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Put two frames side by side; all-number ones become a single float32 block, so that `to_numpy` is free."""
    if left.shape[1] == 0 or right.shape[1] == 0:
        return right if left.shape[1] == 0 else left
    names = left.columns.append(right.columns)
    if all_float(left) and all_float(right):
        return pd.DataFrame(np.hstack([left.to_numpy(), right.to_numpy()]), columns=names, copy=False)
    both = pd.concat([left.reset_index(drop=True), right.reset_index(drop=True)], axis=1)
    both.columns = names
    return both


def join_blocks(dense: pd.DataFrame, sparse: list[Features], want_sparse: bool) -> Features:
    """Return the features as one sparse matrix where that is wanted, else the dense ones."""
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


def _side_by_side(arrays: list[Array], n_rows: int) -> Array:
    if not arrays:
        return np.empty((n_rows, 0), dtype=np.float32)
    return arrays[0] if len(arrays) == 1 else np.hstack(arrays)


def _encode(step: FittedStep, rows: StoredRows) -> Any:
    """Return an array, or a sparse matrix."""
    by_array = getattr(step.preprocessor, "transform_array", None)
    if by_array is not None:
        return by_array(rows.array(step.columns))
    made = step.preprocessor.transform(rows.pick(step.columns))
    return made if is_sparse(made) else made.to_numpy()


def _finished(step: FittedStep, values: Array) -> Array:
    by_array = getattr(step.preprocessor, "transform_array", None)
    if by_array is not None:
        return np.asarray(by_array(values))
    return np.asarray(step.preprocessor.transform(pd.DataFrame(values, columns=step.names, copy=False)).to_numpy())
