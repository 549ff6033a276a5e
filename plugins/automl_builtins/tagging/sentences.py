"""Sentences: rows among those of their groups as sentences of words, to be read once each, and back to rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from automl.plugin_api import FIELDS, ROWS, Array, Column, ColumnKind, Features, Placed

Words = tuple[tuple[str, ...], ...]
"""The words of a sentence, each with its fields: the word itself first, then what stands beside it."""
NOTHING = Placed(0, "")


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences that some rows are of.

    texts: each different one, as a column of `Placed` has it; number, place: `(n_rows,)`, which of them a row is of,
    and its position there.
    """

    texts: tuple[str, ...]
    number: Array
    place: Array

    @staticmethod
    def of(cells: Iterable[Any]) -> Sentences:
        """Return the sentences of the cells of a column; a missing one is an empty word alone."""
        known = [cell if isinstance(cell, Placed) else NOTHING for cell in cells]
        numbers: dict[str, int] = {}
        number = np.array([numbers.setdefault(cell.text, len(numbers)) for cell in known], dtype=np.int64)
        place = np.array([cell.place for cell in known], dtype=np.int64)
        return Sentences(tuple(numbers), number, place)

    def words(self) -> list[Words]:
        """Return the words of each sentence."""
        return [words_of(text) for text in self.texts]

    @property
    def starts(self) -> Array:
        """Where each sentence begins, `(n_sentences + 1,)`, in all words of all sentences one after another."""
        lengths = [text.count(ROWS) + 1 for text in self.texts]
        return np.append(0, np.cumsum(np.array(lengths, dtype=np.int64)))

    def rows_in_words(self) -> Array:
        """Return which of all words, sentence after sentence, each row is, `(n_rows,)`."""
        return np.asarray(self.starts[self.number] + self.place)


@dataclass(frozen=True, slots=True)
class Run:
    """Rows that follow each other in a sentence: its number, the first of their places, and the rows."""

    sentence: int
    first: int
    rows: Array


def runs_of(sentences: Sentences, groups: Array | None) -> Iterator[Run]:
    """Yield the rows to learn from as runs without a gap, so that labels follow each other as they do in sentences.

    Equal sentences are told apart by groups, where there are some, else by how often a place has come before.
    """
    key = _times_before(sentences) if groups is None else np.asarray(groups)
    order = np.lexsort((sentences.place, sentences.number, key))
    keys, numbers, places = key[order], sentences.number[order], sentences.place[order]
    breaks = (np.diff(keys) != 0) | (np.diff(numbers) != 0) | (np.diff(places) != 1)
    for rows in np.split(order, np.flatnonzero(breaks) + 1):
        if len(rows):
            yield Run(int(sentences.number[rows[0]]), int(sentences.place[rows[0]]), rows)


def _times_before(sentences: Sentences) -> Array:
    """Return how often the place of each row in its sentence has come before, `(n_rows,)`."""
    at = sentences.rows_in_words()
    order = np.argsort(at, kind="stable")
    is_new = np.append(True, np.diff(at[order]) != 0)[: len(order)]
    starts = np.flatnonzero(is_new)
    times = np.empty(len(at), dtype=np.int64)
    times[order] = np.arange(len(at)) - starts[np.cumsum(is_new) - 1]
    return times


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    """Return the words of a sentence."""
    return tuple(tuple(row.split(FIELDS)) for row in text.split(ROWS))


def sentence_column(columns: Sequence[Column]) -> str:
    """Return the name of the first column that holds rows among those of their groups."""
    return next(column.name for column in columns if column.kind is ColumnKind.SEQUENCE)


def cells_in(features: Features, name: str) -> Array:
    """Return the cells of a column of a frame."""
    return np.asarray(features[name].to_numpy(dtype=object))


def place_rows(fields: Sequence[Sequence[str]], groups: Array) -> Array:
    """Return a `Placed` for each row, `(n_rows,)`, of the fields of all rows and their groups' numbers.

    Rows of a group are put together wherever they stand, in the order in which they came.
    """
    lines = list(fields[0]) if len(fields) == 1 else [FIELDS.join(row) for row in zip(*fields, strict=True)]
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(np.asarray(groups)[order]) != 0)[: len(order)])
    cells = np.empty(len(order), dtype=object)
    for rows in np.split(order, starts[1:]):
        text = ROWS.join([lines[row] for row in rows])
        for place, row in enumerate(rows.tolist()):
            cells[row] = Placed(place, text)
    return cells
