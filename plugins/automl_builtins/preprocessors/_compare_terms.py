"""Compare terms: two texts by the words and runs of characters that they share, each the more the rarer it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array
from automl_builtins.preprocessors._cut_words import cut_by_script

BUCKETS = 2**18
"""Terms are told apart by a hash, so that those which the training texts lack are known as well."""
MOST_CHARACTERS = 1_000
"""Of a text, from its start, that runs are taken from."""
RUNS = (3, 5)
SATURATION, LENGTH_SHARE = 1.2, 0.75
"""The two parameters of BM25 that are usual."""
CHUNK = 4096
OFTEN = 8
"""How often each of the second texts recurs from which on it is spread out."""
COMPARISONS = (
    "words", "runs", "share of the first", "share of the second", "shared words", "BM25", "BM25 of runs",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weighed:
    """Texts as weighed terms, each `(n_texts, n_terms)` CSR or `(n_texts,)`.

    unit: weights scaled to length 1; there: 1 for each term that occurs; rare: how rare each is; total: its sum;
    saturated: how often each occurs, as BM25 counts it.
    """

    unit: Any
    there: Any
    rare: Any
    total: Array
    saturated: Any


class Terms:
    """How rare words, or runs of characters, are among texts."""

    def __init__(self, kind: str) -> None:
        """Take "words" or "runs"; nothing is fitted yet."""
        self._kind = kind
        self._buckets: Array = np.empty(0, dtype=np.int64)
        self._rarity: Array = np.empty(0)
        self._unseen, self._mean_length = 1.0, 1.0

    def fit(self, texts: list[str]) -> None:
        """Count in how many texts each term occurs."""
        counts = self._count(texts)
        n_with = np.bincount(counts.indices, minlength=BUCKETS)
        self._buckets = np.flatnonzero(n_with)
        self._rarity = np.log1p((len(texts) - n_with[self._buckets] + 0.5) / (n_with[self._buckets] + 0.5))
        self._unseen = float(np.log1p((len(texts) + 0.5) / 0.5))
        self._mean_length = max(1.0, float(counts.sum()) / max(1, len(texts)))

    def weigh(self, texts: list[str]) -> Weighed:
        """Return texts as weighed terms."""
        counts = self._count(texts)
        rarity = np.full(BUCKETS, self._unseen)
        rarity[self._buckets] = self._rarity
        weights, times = rarity[counts.indices], counts.data
        rows = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
        lengths = np.bincount(rows, weights=times, minlength=len(texts))
        unit = (1.0 + np.log(times)) * weights
        size = np.sqrt(np.bincount(rows, weights=unit**2, minlength=len(texts)))
        slow = SATURATION * (1.0 - LENGTH_SHARE + LENGTH_SHARE * lengths / self._mean_length)

        def filled(values: Array) -> Any:
            made = counts.copy()
            made.data = values
            return made

        return Weighed(
            unit=filled(unit / np.where(size > 0, size, 1.0)[rows]),
            there=filled(np.ones(len(times))),
            rare=filled(weights),
            total=np.bincount(rows, weights=weights, minlength=len(texts)),
            saturated=filled(times * (SATURATION + 1.0) / (times + slow[rows])),
        )

    def _count(self, texts: list[str]) -> Any:
        """Return how often each term occurs in each text, `(n_texts, BUCKETS)` CSR of float64."""
        from scipy.sparse import csr_matrix
        from sklearn.feature_extraction.text import HashingVectorizer

        options: dict[str, Any] = {"analyzer": _words_of}
        if self._kind == "runs":
            options = {"analyzer": "char_wb", "ngram_range": RUNS}
            texts = [text[:MOST_CHARACTERS] for text in texts]
        if not texts:
            return csr_matrix((0, BUCKETS))
        counter = HashingVectorizer(n_features=BUCKETS, norm=None, alternate_sign=False, **options)
        counts = counter.transform(texts).tocsr()
        counts.sort_indices()
        return counts


def compare(words: tuple[Weighed, Weighed], runs: tuple[Weighed, Weighed], pairs: Array) -> Array:
    """Return `(n_pairs, n_comparisons)` of texts by their numbers, `(n_pairs, 2)`; the same for one and for many."""
    found = np.empty((len(pairs), len(COMPARISONS)))
    chunk = len(pairs) if len(np.unique(pairs[:, 1])) * OFTEN <= len(pairs) else CHUNK
    for start in range(0, len(pairs), chunk):
        first, second = pairs[start : start + chunk].T
        found[start : start + chunk] = np.column_stack([
            _product(words[0].unit, words[1].unit, first, second),
            _product(runs[0].unit, runs[1].unit, first, second),
            _product(words[0].rare, words[1].there, first, second) / _at_least(words[0].total[first]),
            _product(words[0].there, words[1].rare, first, second) / _at_least(words[1].total[second]),
            np.log1p(_product(words[0].there, words[1].there, first, second)),
            _product(words[0].rare, words[1].saturated, first, second),
            _product(runs[0].rare, runs[1].saturated, first, second) / _at_least(runs[0].total[first]),
        ])  # fmt: skip
    return found


def _product(left: Any, right: Any, first: Array, second: Array) -> Array:
    """Return the inner products of rows of both, by their numbers; a row that recurs is spread out once."""
    recurring = np.unique(second)
    if len(recurring) * OFTEN > len(second):
        return np.asarray(left[first].multiply(right[second]).sum(axis=1)).ravel()
    found, spread = np.empty(len(first)), np.zeros(right.shape[1])
    for number in recurring:
        own = slice(right.indptr[number], right.indptr[number + 1])
        spread[right.indices[own]] = right.data[own]
        rows = np.flatnonzero(second == number)
        found[rows] = left[first[rows]] @ spread
        spread[right.indices[own]] = 0.0
    return found


def _at_least(totals: Array) -> Array:
    return np.maximum(totals, 1e-9)


def _words_of(text: str) -> list[str]:
    return [word if len(word) < 4 or not word.endswith("s") else word[:-1] for word in cut_by_script(text, False)]
