"""Predictor: the members of an ensemble and how they are combined; turns a user's table into predictions."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from automl.fitted.member import FittedMember, Member
from automl.fitted.preparation import FittedPreparation
from automl.machine.one_at_a_time import one_at_a_time
from automl.plugin_api.protocols import Combiner
from automl.table.columns.encode_table import encode_blocks
from automl.table.columns.stored_rows import StoredRows
from automl.table.files.read_images import ImageReader, image_findings
from automl.table.readings.keep_digits import as_given
from automl.vocabulary.arrays import Array, Features, with_usual_errors
from automl.vocabulary.outputs import combined_outputs, decided_outputs, valid_outputs
from automl.vocabulary.schema import ColumnKind, Schema
from automl.vocabulary.task import Task

CHUNK_ROWS = 50_000
FEW_OUTPUTS = 10
"""Rows predicted at once; with more outputs than these, so many fewer."""
CHUNK_CELLS = 5_000_000
"""Of the table that is predicted at once; each is there in several forms meanwhile."""
CHUNK_BYTES = 2**28
"""Of the images among the rows that are predicted at once, and of what networks make of their texts."""
TEXT_BYTES = 2**17
"""What a network makes of a text: a few hundred numbers for each of its words."""
PARALLEL_ROWS = 2_000
"""From this many rows on, the fold models predict in parallel threads."""
_encode_blocks = one_at_a_time(encode_blocks)


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
    decide: Callable[..., Array] | None = None
    """The task's own way from outputs to class numbers, None for the usual; not saved, as the task's plugin has it."""
    decides_by_group: bool = False
    """Whether `decide` is given the groups of the rows; not saved either."""
    widen: Callable[[Any, Array], Any] | None = None
    """What the task adds to a table before anything else; not saved either."""
    in_lists: bool = False
    """Whether rows may hold lists, of which each element is predicted; not saved either."""

    @with_usual_errors
    def predict_outputs(self, frame: pd.DataFrame, n_jobs: int = 1) -> Array:
        """Return `(n_rows, n_outputs)`: class probabilities in the order of `task.classes`, or values."""
        step = rows_at_once(self.schema, self.task.n_outputs)
        chunks = [
            self._predict_stored(self._stored(frame.iloc[start : start + step], n_jobs), n_jobs)
            for start in range(0, len(frame), step)
        ]
        if not chunks:
            return np.zeros((0, self.task.n_outputs))
        return combined_outputs(np.concatenate(chunks) if len(chunks) > 1 else chunks[0], self.task)

    def decided(self, outputs: Array, groups: Array | None = None) -> Array:
        """Return outputs whose largest in a row is the class that `predict` gives; groups where it decides by them."""
        groups = groups if self.decides_by_group else None
        return decided_outputs(outputs, self.task, self.factors, self.decide, groups)

    @with_usual_errors
    def predict_members(self, frame: pd.DataFrame) -> Mapping[str, Array]:
        """Return each member's own predictions, by candidate id."""
        found = self._predict_each(self._stored(frame, 1), 1)
        return {own.candidate_id: valid_outputs(each, self.task) for own, each in zip(self.members, found, strict=True)}

    @with_usual_errors
    def predict_stored(self, stored: pd.DataFrame, n_jobs: int = 1) -> Array:
        """Return what `predict_outputs` does for rows that are encoded already; all at once."""
        return combined_outputs(self._predict_stored(StoredRows.of(stored), n_jobs), self.task)

    def without_seen(self, fold: int) -> Predictor:
        """Return the predictor of one fold's models alone, which have not seen the rows that the fold validates."""
        members = tuple(
            replace(member, folds=(member.fold_models[fold],), refitted=False, dealt=None) for member in self.members
        )
        return replace(self, members=members)

    def predict_by_fold(self, fold: int, stored: pd.DataFrame) -> Array:
        """Return what the models of one fold make of rows that are encoded already."""
        return self.without_seen(fold).predict_stored(stored)

    @property
    def takes_groups(self) -> bool:
        """Whether predicting a row may take the other rows of its group."""
        return self.widen is not None or self.decides_by_group or self.in_lists

    def _repr_html_(self) -> str:
        """Return the members as a table, for notebooks."""
        from automl.render_table import render_table

        rows = [
            (each.model, each.weight, f"{len(each.predicting)} of {len(each.folds)}", "yes" if each.refitted else "no")
            for each in sorted(self.members, key=lambda each: -each.weight)
        ]
        title = f"Predictor of {self.task.target} ({self.task.kind.value}) from {len(self.schema.given)} columns"
        return render_table(("model", "weight", "fold models", "refitted"), rows, title)

    def _stored(self, frame: pd.DataFrame, n_jobs: int) -> StoredRows:
        images = ImageReader(n_jobs)
        encode = encode_blocks if self.schema.of_kind(ColumnKind.IMAGE) else _encode_blocks  # images are read for long
        stored = StoredRows(encode(frame, self.schema, images), len(frame))
        for finding in image_findings(images, self.schema):
            if finding.topic == "unreadable":
                warnings.warn(f"Column {finding.column!r}: {finding.found}; {finding.done}.", UserWarning, stacklevel=4)
        return stored

    def _predict_stored(self, stored: StoredRows, n_jobs: int) -> Array:
        collected = np.zeros((self.n_positions, stored.n_rows, self.task.n_outputs), self.task.stored_as)
        for member, predictions in zip(self.members, self._predict_each(stored, n_jobs), strict=True):
            collected[member.position] = predictions
        if self.wants_features:
            return self._combine_beside_columns(collected, stored)
        return self.combiner.combine(collected, None)

    @one_at_a_time
    def _combine_beside_columns(self, collected: Array, stored: StoredRows) -> Array:
        return self.combiner.combine(collected, stored.whole())

    def _predict_each(self, stored: StoredRows, n_jobs: int) -> list[Array]:
        """Return each member's predictions: the mean of the fold models that were dealt to it.

        Fold models of one preparation come together, so that their features are made once and not kept for long.
        """
        fits = [(place, fold) for place, member in enumerate(self.members) for fold in member.predicting]
        first = {id(fold.preparation): number for number, (_, fold) in reversed(list(enumerate(fits)))}
        fits.sort(key=lambda fit: first[id(fit[1].preparation)])
        rows = PreparedRows(stored, [fold.preparation for _, fold in fits])

        def predict(fit: tuple[int, FittedMember]) -> Array:
            found = as_given(fit[1].learner.predict(rows.take(fit[1].preparation)), self.task)
            return valid_outputs(found, self.task)

        totals: list[Any] = [0.0] * len(self.members)
        with _threads(n_jobs if stored.n_rows >= PARALLEL_ROWS else 1) as each:
            for (place, _), found in zip(fits, each(predict, fits), strict=True):
                totals[place] = totals[place] + found
        return [total / len(member.predicting) for total, member in zip(totals, self.members, strict=True)]


def rows_at_once(schema: Schema, n_outputs: int) -> int:
    """Return how many rows to predict at once: fewer where each has many columns or outputs, images or texts."""
    rows = CHUNK_ROWS if n_outputs <= FEW_OUTPUTS else CHUNK_ROWS * FEW_OUTPUTS // n_outputs + 1
    rows = max(1, min(rows, CHUNK_CELLS // max(1, len(schema.columns))))
    each = sum(3.0 * column.side**2 for column in schema.of_kind(ColumnKind.IMAGE))
    each += TEXT_BYTES * len(schema.of_kind(ColumnKind.TEXT))
    return rows if not each else max(1, min(rows, int(CHUNK_BYTES / each)))


class PreparedRows:
    """Stored rows, and what has been prepared of them, kept until the last fold model that wants it has had it."""

    def __init__(self, stored: StoredRows, wanted: Sequence[FittedPreparation]) -> None:
        """Begin with nothing prepared; `wanted` names each preparation as often as it will be taken."""
        self._stored = stored
        self._left = Counter(id(preparation) for preparation in wanted)
        self._locks = {number: Lock() for number in self._left}
        self._features: dict[int, Features] = {}

    def take(self, preparation: FittedPreparation) -> Features:
        """Return the rows as a preparation makes them."""
        number = id(preparation)
        with self._locks[number]:
            if number not in self._features:
                self._features[number] = preparation.transform(self._stored)
            self._left[number] -= 1
            return self._features[number] if self._left[number] else self._features.pop(number)


@contextmanager
def _threads(n_jobs: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """Give a `map` that works in so many threads."""
    if n_jobs == 1:
        yield map
        return
    with ThreadPoolExecutor(n_jobs) as pool:
        yield pool.map
