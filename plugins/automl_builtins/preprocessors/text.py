"""Text preprocessors: words weighed by TF-IDF or by class, runs of characters, and a dense form with counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
from automl_builtins.preprocessors._telling_columns import telling_columns, untold_of
from automl_builtins.preprocessors._term_weights import TermWeights, texts_of
from automl_builtins.preprocessors._text_statistics import STATISTICS, text_statistics

POWER_ITERATIONS = 2
SMOOTHING = 1.0
"""Added to every count of a ratio."""
MOST_CELLS_OF_RUNS = 400_000
"""Rows times classes up to which runs of characters stand beside words. Of 77 classes of 10,003 short texts support
vectors take 8 times as long with them, for a log loss of 0.344 in place of 0.427."""
MOST_CHARACTERS = 600_000
"""Characters of a column's training texts that runs are taken from, the same number from the start of each text."""


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer words weighed in two ways, runs of characters, and components of words."""
    handles = frozenset({ColumnKind.TEXT})
    needs = ("scipy", "sklearn")
    sparse = DefaultFor(handles, accepted=False, sparse=True)
    dense = DefaultFor(handles, accepted=False, sparse=False)
    return [
        PreprocessorSpec("tfidf", Tfidf, handles=handles, sparse=True, requires=needs, default_for=(sparse,)),
        PreprocessorSpec("tfidf_svd", TfidfSvd, handles=handles, requires=needs, default_for=(dense,)),
        PreprocessorSpec("word_ratios", WordRatios, handles=handles, sparse=True, requires=needs),
        PreprocessorSpec("character_tfidf", CharacterTfidf, handles=handles, sparse=True, requires=needs),
        PreprocessorSpec("words_and_characters", WordsAndCharacters, handles=handles, sparse=True, requires=needs),
    ]


class Tfidf:
    """Weighs words and pairs of words by how telling they are, as a CSR matrix.

    Params: `max_features` (30000), the most frequent terms kept for each column. A column without any word gives one
    column of zeros.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._max_features = int(request.params.get("max_features", 30_000))
        self._weighings: list[list[TermWeights]] = []
        """Of each column one; an earlier version could save one of runs of characters beside it."""
        self._widths: list[int] = []

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn the terms and their weights, and return the rows as a CSR matrix."""
        self._weighings, blocks = [], []
        for i in range(len(self._columns)):
            terms = TermWeights("pairs", self._max_features)
            blocks.append(terms.fit_transform(texts_of(data.features, i)))
            self._weighings.append([terms])
        self._widths = [int(block.shape[1]) for block in blocks]
        return beside(blocks, data.n_rows)

    def transform(self, features: Features) -> Features:
        """Return other rows, with the terms and weights of the training rows."""
        blocks = [
            each.transform(texts_of(features, i)) for i, weighings in enumerate(self._weighings) for each in weighings
        ]
        return beside(blocks, len(features))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the terms, named "<column>.tfidf_<number>"."""
        return numbered_columns(self._columns, self._widths, "tfidf")


class TfidfSvd:
    """Reduces the TF-IDF of words to a few dense columns by a truncated SVD, and adds counts about the text.

    Of a text that says little of the target only the components and counts that say something are kept, or its length
    alone; see `untold_of` and `telling_columns`. In a small table trees lose by each column that says nothing. Params:
    `components` (32), at most as many as there are words; `max_features` (10000), the most frequent words kept for
    each column. The counts are those of `STATISTICS`.
    """

    _counts: Sequence[Array] | None = None
    """Of each text the positions of the counts that are kept; None, for all, in what an earlier version saved."""

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._components = int(request.params.get("components", 32))
        self._max_features = int(request.params.get("max_features", 10_000))
        self._weighings: list[TermWeights | None] = []
        """Of each text; None where no component is kept."""
        self._bases: list[Array] = []
        self._outputs: tuple[Column, ...] = ()
        self._names: Any = None

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Learn words, weights and components, and return the rows as a dense frame."""
        self._weighings, self._bases = [], []
        untold = untold_of(data, context.seed)
        blocks, names, counts = list[Array](), list[tuple[str, ColumnKind]](), list[Array]()
        for i, column in enumerate(self._columns):
            texts = texts_of(data.features, i)
            weighing = TermWeights("words", self._max_features)
            terms = weighing.fit_transform(texts)
            basis = main_directions(terms, self._components if weighing.found else 0, context.seed)
            n_components = basis.shape[1]
            made = np.hstack([np.asarray(terms @ basis), text_statistics(texts)])
            kept = telling_columns(made, untold)
            kept = kept if len(kept) else np.array([n_components])  # the length, as there must be something
            components, counted = kept[kept < n_components], kept[kept >= n_components] - n_components
            self._weighings.append(weighing if len(components) else None)
            self._bases.append(np.ascontiguousarray(basis[:, components]))
            counts.append(counted)
            blocks.append(made[:, kept])
            names += [(f"{column.name}.svd_{k}", ColumnKind.NUMERIC) for k in components.tolist()]
            names += [(f"{column.name}.{STATISTICS[k][0]}", STATISTICS[k][1]) for k in counted.tolist()]
        self._counts = counts
        self._outputs = named_columns(names)
        self._names = name_index(self._outputs)
        return self._frame(blocks, data.n_rows)

    def transform(self, features: Features) -> Features:
        """Return other rows, with the words, weights and components of the training rows."""
        blocks = []
        for i, (weighing, basis) in enumerate(zip(self._weighings, self._bases, strict=True)):
            texts = texts_of(features, i)
            if weighing is not None:
                blocks.append(np.asarray(weighing.transform(texts) @ basis))
            counted = None if self._counts is None else self._counts[i]
            if counted is None or len(counted):
                found = text_statistics(texts)
                blocks.append(found if counted is None else found[:, counted])
        return self._frame(blocks, len(features))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the kept components, "<column>.svd_<number>", and counts, for each column in turn."""
        return self._outputs

    def _frame(self, blocks: list[Array], n_rows: int) -> Features:
        made = np.empty((n_rows, len(self._outputs)), dtype=np.float32)
        if blocks:
            np.concatenate(blocks, axis=1, out=made)
        return float_frame(made, self._names)


class WordRatios:
    """Whether words and pairs of words are there, times the log of how much more often they are in one class.

    Each text is scaled to length 1. A linear model on them is what Wang and Manning call NB-SVM ("Baselines and
    bigrams: simple, good sentiment and topic classification", ACL 2012). Of more than two classes a word counts for the
    one, against all others, in which it is most unlike; values are parted at their median. Params: `max_features`
    (200000), the most frequent terms kept for each column.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._max_features = int(request.params.get("max_features", 200_000))
        self._terms: list[TermWeights] = []
        self._ratios: list[Array] = []

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn terms and ratios from the training rows, and return the rows as a CSR matrix."""
        sides = sides_of(data)
        weights = np.ones(data.n_rows) if data.weights is None else np.asarray(data.weights, dtype=np.float64)
        self._terms, self._ratios, blocks = [], [], []
        for i in range(len(self._columns)):
            terms = TermWeights("pairs", self._max_features)
            there = _as_presence(terms.fit_transform(texts_of(data.features, i)))
            self._terms.append(terms)
            self._ratios.append(log_count_ratios(there, sides, weights))
            blocks.append(_weighed(there, self._ratios[-1]))
        return beside(blocks, data.n_rows)

    def transform(self, features: Features) -> Features:
        """Return other rows, with the terms and ratios of the training rows."""
        blocks = [
            _weighed(_as_presence(terms.transform(texts_of(features, i))), ratios)
            for i, (terms, ratios) in enumerate(zip(self._terms, self._ratios, strict=True))
        ]
        return beside(blocks, len(features))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the terms, named "<column>.ratio_<number>"."""
        return numbered_columns(self._columns, [len(ratios) for ratios in self._ratios], "ratio")


class CharacterTfidf:
    """TF-IDF of runs of 2 to 5 characters within words: for short texts, misspellings and codes.

    Params: `max_features` (60000). Of long texts only the beginning is read, so that the cost stays bounded.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._max_features = int(request.params.get("max_features", 60_000))
        self._terms: list[TermWeights] = []
        self._lengths: list[int] = []
        self._widths: list[int] = []

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn the runs and their weights, and return the rows as a CSR matrix."""
        self._terms, self._lengths, blocks = [], [], []
        for i in range(len(self._columns)):
            texts = texts_of(data.features, i)
            length, terms = length_within(texts, MOST_CHARACTERS), TermWeights("characters", self._max_features)
            blocks.append(terms.fit_transform([text[:length] for text in texts]))
            self._terms.append(terms)
            self._lengths.append(length)
        self._widths = [int(block.shape[1]) for block in blocks]
        return beside(blocks, data.n_rows)

    def transform(self, features: Features) -> Features:
        """Return other rows, with the runs and weights of the training rows."""
        blocks = [
            terms.transform([text[:length] for text in texts_of(features, i)])
            for i, (terms, length) in enumerate(zip(self._terms, self._lengths, strict=True))
        ]
        return beside(blocks, len(features))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the runs, named "<column>.run_<number>"."""
        return numbered_columns(self._columns, self._widths, "run")


class WordsAndCharacters:
    """TF-IDF of words and pairs of words, and that of runs of characters beside it.

    Runs are left out where rows times classes are more than `MOST_CELLS_OF_RUNS`. Params: `max_features` (30000), the
    most frequent terms kept of either for each column.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        params = {"max_features": request.params.get("max_features", 30_000)}
        wanted = replace(request, params=params)
        self._parts: list[Tfidf | CharacterTfidf] = [Tfidf(wanted), CharacterTfidf(wanted)]

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Learn the terms and their weights, and return the rows as a CSR matrix."""
        if data.n_rows * data.task.n_outputs > MOST_CELLS_OF_RUNS:
            self._parts = self._parts[:1]
        return beside([each.fit_transform(data, context) for each in self._parts], data.n_rows)

    def transform(self, features: Features) -> Features:
        """Return other rows, with the terms and weights of the training rows."""
        return beside([each.transform(features) for each in self._parts], len(features))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the terms, those of words and then the runs."""
        return tuple(column for each in self._parts for column in each.output_columns())


def main_directions(terms: Any, n_components: int, seed: int) -> Array:
    """Return `(n_terms, n_components)`, the right singular vectors with the largest singular values."""
    from sklearn.utils.extmath import randomized_svd

    n_components = min(n_components, *terms.shape)
    if n_components < 1:
        return np.zeros((terms.shape[1], 0), dtype=np.float32)
    _, _, right = randomized_svd(terms, n_components, n_iter=POWER_ITERATIONS, random_state=seed)
    return np.ascontiguousarray(right.T, dtype=np.float32)


def beside(blocks: list[Any], n_rows: int) -> Any:
    """Put CSR matrices side by side."""
    from scipy.sparse import csr_matrix, hstack

    if len(blocks) == 1:
        return blocks[0]
    return hstack(blocks, format="csr", dtype=np.float32) if blocks else csr_matrix((n_rows, 0), dtype=np.float32)


def numbered_columns(columns: Sequence[Column], widths: Sequence[int], what: str) -> tuple[Column, ...]:
    """Return so many columns of numbers for each column, named "<column>.<what>_<number>"."""
    return named_columns(
        (f"{column.name}.{what}_{number}", ColumnKind.NUMERIC)
        for column, width in zip(columns, widths, strict=True)
        for number in range(width)
    )


def sides_of(data: Dataset) -> Array:
    """Return `(n_rows, n_sides)` of 0 and 1: each class against the others, one for two; values over their median."""
    if data.task.targets:
        return np.hstack([sides_of(each) for each in data.by_target()])
    target = np.asarray(data.target)
    if not data.task.has_classes:
        return np.asarray(target > np.median(target), dtype=np.float64)[:, None]
    sides: Array = np.eye(data.task.n_outputs)[target]
    return sides[:, 1:] if data.task.n_outputs == 2 else sides


def log_count_ratios(there: Any, sides: Array, weights: Array) -> Array:
    """Return `(n_terms,)`, float32: the log of a term's share within a side over that outside, of the side with most.

    there: `(n_rows, n_terms)` CSR of 0 and 1; sides: `(n_rows, n_sides)`; weights: `(n_rows,)`.
    """
    best = np.zeros(there.shape[1])
    total = there.T @ weights
    for side in sides.T:
        within = there.T @ (weights * side)
        inside, outside = within + SMOOTHING, total - within + SMOOTHING
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        best = np.where(np.abs(ratio) > np.abs(best), ratio, best)
    return best.astype(np.float32)


def length_within(texts: list[str], most: int) -> int:
    """Return the length to which texts are cut so that they have no more than so many characters together."""
    lengths = np.sort([len(text) for text in texts])
    if not len(lengths) or lengths.sum() <= most:
        return max(1, int(lengths[-1]) if len(lengths) else 1, 1000)
    before = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    totals = before + lengths * np.arange(len(lengths), 0, -1)  # where each of them in turn is the length to cut at
    place = int(np.searchsorted(totals, most))
    return max(1, int((most - before[place]) // (len(lengths) - place)))


def _as_presence(terms: Any) -> Any:
    terms.data = (terms.data > 0).astype(np.float32)
    return terms


def _weighed(there: Any, ratios: Array) -> Any:
    """Return the rows weighed by the ratios, each scaled to length 1."""
    values = there.data * ratios[there.indices]
    rows = np.repeat(np.arange(there.shape[0]), np.diff(there.indptr))
    lengths = np.sqrt(np.bincount(rows, weights=values.astype(np.float64) ** 2, minlength=there.shape[0]))
    made = there.copy()
    made.data = (values / np.where(lengths > 0, lengths, 1.0)[rows]).astype(np.float32)
    return made
