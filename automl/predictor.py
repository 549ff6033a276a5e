"""Predictor: the members of an ensemble and how they are combined; turns a user's table into predictions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl.plugin_api.protocols import Combiner
from automl.steps.encode_table import encode_table
from automl.steps.fit_fold import as_probabilities
from automl.steps.gather_members import Member
from automl.steps.prepare_fold import FittedPreparation, Picks
from automl.steps.read_images import ImageReader, image_findings
from automl.vocabulary.arrays import Array, Features
from automl.vocabulary.schema import ColumnKind, Schema
from automl.vocabulary.task import Task

CHUNK_ROWS = 100_000
CHUNK_IMAGE_BYTES = 2**28
"""Of the images among the rows that are predicted at once."""
PARALLEL_ROWS = 2_000
"""From this many rows on, the members predict in parallel threads."""


@dataclass(frozen=True, slots=True)
class Predictor:
    """A fitted ensemble.

    `n_positions` is the number of candidates that the combiner was fitted on; `factors`, `(n_classes,)`, what each
    class's probability is multiplied by before a label is decided, None where the largest probability decides.
    """

    schema: Schema
    task: Task
    members: tuple[Member, ...]
    combiner: Combiner
    n_positions: int
    wants_features: bool = False
    factors: Array | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    def predict_outputs(self, frame: pd.DataFrame, n_jobs: int = 1) -> Array:
        """Return `(n_rows, n_outputs)`: class probabilities in the order of `task.classes`, or values."""
        n_rows = chunk_rows(self.schema)
        chunks = [
            self._predict_stored(self._stored(frame.iloc[start : start + n_rows], n_jobs), n_jobs)
            for start in range(0, len(frame), n_rows)
        ]
        if not chunks:
            return np.zeros((0, self.task.n_outputs))
        outputs = np.concatenate(chunks) if len(chunks) > 1 else chunks[0]
        return as_probabilities(outputs) if self.task.kind.is_classification else np.asarray(outputs, dtype=np.float64)

    def decided(self, outputs: Array) -> Array:
        """Return outputs whose largest in a row is the class that `predict` gives."""
        return outputs if self.factors is None else outputs * self.factors

    def predict_members(self, frame: pd.DataFrame) -> Mapping[str, Array]:
        """Return each member's own predictions, by candidate id."""
        rows = PreparedRows(encode_table(frame, self.schema))
        return {member.candidate_id: _predict_member(member, rows, self.task) for member in self.members}

    def _stored(self, frame: pd.DataFrame, n_jobs: int) -> pd.DataFrame:
        images = ImageReader(n_jobs)
        stored = encode_table(frame, self.schema, images)
        for finding in image_findings(images, self.schema):
            if finding.topic == "unreadable":
                warnings.warn(f"Column {finding.column!r}: {finding.found}; {finding.done}.", UserWarning, stacklevel=4)
        return stored

    def _predict_stored(self, stored: pd.DataFrame, n_jobs: int) -> Array:
        rows = PreparedRows(stored)
        collected = np.zeros((self.n_positions, len(stored), self.task.n_outputs), dtype=np.float32)
        if n_jobs > 1 and len(stored) >= PARALLEL_ROWS and len(self.members) > 1:
            with ThreadPoolExecutor(n_jobs) as pool:
                found = list(pool.map(lambda member: _predict_member(member, rows, self.task), self.members))
        else:
            found = [_predict_member(member, rows, self.task) for member in self.members]
        for member, predictions in zip(self.members, found, strict=True):
            collected[member.position] = predictions
        return self.combiner.combine(collected, stored if self.wants_features else None)


def chunk_rows(schema: Schema) -> int:
    """Return how many rows to predict at once: fewer where each has images."""
    each = sum(3.0 * column.side**2 for column in schema.of_kind(ColumnKind.IMAGE))
    return CHUNK_ROWS if not each else max(1, min(CHUNK_ROWS, int(CHUNK_IMAGE_BYTES / each)))


class PreparedRows:
    """Stored rows, and what has been prepared of them: a row-wise preparation is one object for all fold models."""

    def __init__(self, stored: pd.DataFrame) -> None:
        """Begin with nothing prepared."""
        self.stored = stored
        self._features: dict[int, Features] = {}
        self._picks: Picks = {}

    def features(self, preparation: FittedPreparation) -> Features:
        """Return the rows as a preparation makes them."""
        if not preparation.row_wise:
            return preparation.transform(self.stored, self._picks)
        if id(preparation) not in self._features:
            self._features[id(preparation)] = preparation.transform(self.stored, self._picks)
        return self._features[id(preparation)]


def _predict_member(member: Member, rows: PreparedRows, task: Task) -> Array:
    total: Any = 0.0
    for fold in member.folds:
        found = np.asarray(fold.learner.predict(rows.features(fold.preparation)), dtype=np.float64)
        total = total + (as_probabilities(found) if task.kind.is_classification else found)
    return np.asarray(total / len(member.folds))
