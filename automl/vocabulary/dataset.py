"""Dataset: rows of a table with their target, as a model or preprocessor receives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from automl.vocabulary.arrays import Array, Features, Rows
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of a table with their target.

    features: a `pandas.DataFrame` described column by column by `schema`: float32 columns, categories as codes
        (for a model NaN is missing, see `ColumnKind` for the raw table), or a `scipy.sparse.csr_matrix` for a model
        that accepts sparse input.
    target: `(n_rows,)`, class numbers (int64, positions in `task.classes`) or float64 values; of several target columns
        `(n_rows, n_targets)`, those of each, all int64 where each is of classes, else float64.
    weights: `(n_rows,)` sample weights, or None for equal ones.
    groups: `(n_rows,)` group numbers, or None.
    rows: the row numbers that these rows have in the stored table.
    base: the whole stored table in the same prepared form, where preparing needs no fit; then `features` equals
        `base.features.iloc[rows]` and what depends on the features alone can be built once for all folds.
    fingerprint: names the content of `features` apart from the choice of rows, for use as a cache key.
    """

    features: Features
    target: Array
    schema: Schema
    task: Task
    rows: Rows
    weights: Array | None = None
    groups: Array | None = None
    base: Dataset | None = None
    fingerprint: str = ""

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.features.shape[0])

    @property
    def n_features(self) -> int:
        """Number of feature columns."""
        return int(self.features.shape[1])

    def by_target(self) -> Iterator[Dataset]:
        """Yield the rows with each target alone; one that has a single target is yielded as it is."""
        if not self.task.targets:
            yield self
        for number in range(len(self.task.targets)):
            yield self.with_target(number)

    def with_target(self, number: int) -> Dataset:
        """Return the rows with one of several targets alone, by its number."""
        task = self.task.targets[number]
        values = self.target[:, number]
        kept = values.astype(np.int64) if task.has_classes else values.astype(np.float64)
        return replace(self, task=task, target=np.ascontiguousarray(kept))
