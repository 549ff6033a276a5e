"""Word means: what the words that categories are called by say of the target, also of categories never seen before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
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
from automl_builtins.preprocessors._cut_words import cutter_of
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns
from automl_builtins.preprocessors._held_out_folds import FEWEST_ROWS
from automl_builtins.preprocessors._target_encoding import (
    FoldSums,
    assign_folds,
    estimate_smoothing,
    target_matrix,
    target_names,
)
from automl_builtins.preprocessors._term_weights import texts_in, texts_of

MOST_OUTPUTS = 12
"""Of more classes, each of which would be two features a column, nothing is made."""
MOST_TERMS = 800
"""Words and pairs of words of one column, those of most names."""
PENALTIES = (1.0, 10.0)
"""Rows by which each word's weight is drawn to nothing; the one that predicts other folds better is taken."""
LEAST_DEVIATIONS = 0.5
"""Standard errors by which what words say must better the plain means of the categories."""
SINGLE = re.compile(r"\b\w\b")
CUT = cutter_of("signs and pairs")
MOST_NAMES = 20_000
"""So many names are cut into words once: each is asked for by all folds and models."""


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer the means of words, for what categories are called."""
    handles = frozenset({ColumnKind.NAME})
    return [
        PreprocessorSpec(
            "word_means", WordMeans, handles=handles, requires=("scipy",), default_for=(DefaultFor(handles),)
        )
    ]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One column as fitted.

    table: `(n_names, 2 * n_outputs)`, by `places` of the names, what their words say, and their means drawn to that.
    terms: the place of each word and pair of words in `weights`, `(n_terms, n_outputs)`, which are added to
    `overall`. Missing values have the name "".
    """

    column: int
    places: dict[str, int]
    table: Array
    terms: dict[str, int]
    weights: Array
    overall: Array

    def encode(self, names: Sequence[str]) -> Array:
        """Return the features of names; one that is new has what its words say, for the mean of its own too."""
        known = [self.places.get(name, -1) for name in names]
        made = self.table[known]
        for row, place in enumerate(known):
            if place < 0:
                said = self.overall + sum(
                    (self.weights[self.terms[term]] for term in sorted(words_of(names[row])) if term in self.terms),
                    np.zeros(len(self.overall)),
                )
                made[row] = np.concatenate([said, said])
        return made


class WordMeans:
    """Gives each category what the words of its name say of the target, and its own mean drawn to that.

    "Police Officer III" and "Police Sergeant" are near each other in what they share. The target is regressed on the
    words of the names, and pairs of adjacent words, each name weighing as many rows as it has (ridge regression by
    the normal equations, so that cost grows with names, not with rows). The mean of a name's own rows is then drawn not
    to the overall mean, as `TargetEncoding` does, but to that prediction, which is also what a name gets that is new.
    Training rows are encoded from other folds. A column is encoded where this betters the plain means on rows of other
    folds; so there may be none.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._columns, self._suffixes = request.columns, target_names(request.task)
        self._encodings: list[Encoding] = []
        self._outputs: tuple[Column, ...] = ()
        self._names: Any = None

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Learn what words say, and return the training rows encoded from the other folds' rows."""
        outputs, folds = target_matrix(data), assign_folds(data, context.seed)
        self._encodings, blocks = [], []
        is_worth_it = data.n_rows >= FEWEST_ROWS and outputs.shape[1] <= MOST_OUTPUTS
        for place in range(len(self._columns) if is_worth_it else 0):
            found = fit_column(place, texts_of(data.features, place), outputs, folds)
            if found is not None:
                self._encodings.append(found[0])
                blocks.append(found[1])
        self._outputs = named_columns(
            (f"{self._columns[encoding.column].name}.{what}.{end}", ColumnKind.NUMERIC)
            for encoding in self._encodings
            for what in ("words", "near")
            for end in self._suffixes
        )
        self._names = name_index(self._outputs)
        return float_frame(self._join(blocks, data.n_rows), self._names)

    def transform(self, features: Features) -> Features:
        """Return other rows encoded from all training rows."""
        return float_frame(self.transform_array(features.to_numpy(dtype=object)), self._names)

    def transform_array(self, values: Array) -> Array:
        """Return other rows encoded from all training rows, as an array."""
        blocks = []
        for each in self._encodings:
            names = texts_in(values[:, each.column])
            distinct = {name: place for place, name in enumerate(dict.fromkeys(names))}
            blocks.append(each.encode(list(distinct))[[distinct[name] for name in names]])
        return self._join(blocks, len(values))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the features, named "<column>.words.target" and "<column>.near.target"."""
        return self._outputs

    def _join(self, blocks: Sequence[Array], n_rows: int) -> Array:
        made = np.empty((n_rows, len(self._outputs)), dtype=np.float32)
        if blocks:
            np.concatenate(blocks, axis=1, out=made, casting="same_kind")
        return made


def fit_column(column: int, names: Sequence[str], outputs: Array, folds: Array) -> tuple[Encoding, Array] | None:
    """Return a column as fitted, and its training rows encoded from other folds; None where words bring nothing."""
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    terms = find_terms(list(places))
    if not terms:
        return None
    matrix = matrix_of(list(places), terms)
    codes = np.array([places[name] for name in names], dtype=np.int64)
    found = encode(codes, matrix, outputs, folds)
    if found is None:
        return None
    rows, table, weights, overall = found
    return Encoding(column, places, table, terms, weights, overall), rows


def find_terms(names: Sequence[str]) -> dict[str, int]:
    """Return the place of each word, and pair of words, that stands in several names; those of most names alone."""
    counts = Counter(term for name in names for term in words_of(name))
    shared = sorted((term for term, times in counts.items() if times > 1), key=lambda term: (-counts[term], term))
    return {term: place for place, term in enumerate(shared[:MOST_TERMS])}


def matrix_of(names: Sequence[str], terms: dict[str, int]) -> Any:
    """Return `(n_names, n_terms)` CSR of 0 and 1: which terms stand in which names."""
    from scipy.sparse import csr_matrix

    kept = [sorted(terms[term] for term in words_of(name) if term in terms) for name in names]
    flat = np.array([place for each in kept for place in each], dtype=np.int32)
    ends = np.cumsum([0, *map(len, kept)])
    return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(names), len(terms)))


@lru_cache(maxsize=MOST_NAMES)
def words_of(name: str) -> frozenset[str]:
    """Return the words of a name, lowered, single signs too, and the pairs of words that follow each other."""
    words = CUT(name)
    return frozenset(words) | {*SINGLE.findall(name.lower()), *(f"{left} {right}" for left, right in pairwise(words))}


def encode(codes: Array, matrix: Any, outputs: Array, folds: Array) -> tuple[Array, Array, Array, Array] | None:
    """Return the rows encoded from other folds, the table of names, the words' weights and the overall means.

    codes: `(n_rows,)`, the row of each name in `matrix`, `(n_names, n_terms)`; outputs: `(n_rows, n_outputs)`; folds:
    `(n_rows,)`. None where what words say does not better the plain means on rows of other folds.
    """
    found = FoldSums.of(codes, matrix.shape[0], outputs, folds)
    if len(found.counts) == 1:
        return None
    plain = found.other_folds_encoding(estimate_smoothing(codes, outputs, found))[folds, codes + 1]
    sums = FoldSums(found.counts[:, 1:], found.sums[:, 1:])  # no code is -1: "" is a name, too
    tried = [try_penalty(codes, matrix, outputs, folds, sums, penalty) for penalty in PENALTIES]
    _, rows, penalty, smoothing = min(tried, key=lambda each: each[0])
    near = rows[:, outputs.shape[1] :]
    scale = np.maximum(outputs.var(axis=0), np.finfo(float).tiny)
    saved = (((outputs - plain) ** 2 - (outputs - near) ** 2) / scale).sum(axis=1)
    if saved.sum() <= LEAST_DEVIATIONS * saved.std() * np.sqrt(len(saved)):
        return None
    counts, totals = sums.counts.sum(axis=0), sums.sums.sum(axis=0)
    weights, overall = weigh_words(counts, totals, matrix, penalty)
    said = overall + matrix @ weights
    return rows, np.hstack([said, drawn_to(said, counts, totals, smoothing)]), weights, overall


def try_penalty(
    codes: Array, matrix: Any, outputs: Array, folds: Array, sums: FoldSums, penalty: float
) -> tuple[float, Array, float, Array]:
    """Return the squared error of rows from other folds, the rows, the penalty, and the smoothing of own means."""
    counts, totals = sums.counts.sum(axis=0) - sums.counts, sums.sums.sum(axis=0) - sums.sums
    fitted = [weigh_words(*each, matrix, penalty) for each in zip(counts, totals, strict=True)]
    others = np.stack([overall + matrix @ weights for weights, overall in fitted])
    said = others[folds, codes]
    beyond = outputs - said
    smoothing = estimate_smoothing(codes, beyond, FoldSums.of(codes, matrix.shape[0], beyond, folds))
    near = drawn_to(others, counts, totals, smoothing)[folds, codes]
    scale = np.maximum(outputs.var(axis=0), np.finfo(float).tiny)
    return float((((outputs - near) ** 2) / scale).sum()), np.hstack([said, near]), penalty, smoothing


def weigh_words(counts: Array, totals: Array, matrix: Any, penalty: float) -> tuple[Array, Array]:
    """Return `(n_terms, n_outputs)`, what each word adds, and `(n_outputs,)`, the overall mean.

    counts: `(n_names,)` and totals: `(n_names, n_outputs)` of rows.
    """
    from scipy.linalg import solve

    overall = totals.sum(axis=0) / max(counts.sum(), 1)
    beyond = totals - counts[:, None] * overall
    normal = np.asarray((matrix.T @ matrix.multiply(counts[:, None]).tocsr()).todense())
    normal[np.diag_indices_from(normal)] += penalty
    return np.asarray(solve(normal, matrix.T @ beyond, assume_a="pos")), np.asarray(overall)


def drawn_to(said: Array, counts: Array, totals: Array, smoothing: Array) -> Array:
    """Return means of the names, each drawn to what is said of it as if `smoothing` further rows said so."""
    return np.asarray((totals + smoothing * said) / (counts[..., None] + smoothing))
