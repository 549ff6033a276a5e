"""Word terms: TF-IDF of words and word pairs, counted as integers because that is several times faster than as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from automl.plugin_api import Array
from automl_builtins.preprocessors._cut_words import cutter_of, find_cut


@dataclass(frozen=True, slots=True)
class Counts:
    """How often terms occur in rows: one entry for each row and term that meet, by row and then by term."""

    rows: Array
    terms: Array
    times: Array

    def of_terms(self, places: Array) -> Counts:
        """Return the counts with each term replaced by its place, without those whose place is -1."""
        moved = places[self.terms]
        kept = moved >= 0
        return Counts(self.rows[kept], moved[kept], self.times[kept])


class WordTerms:
    """Finds the terms of training texts, and gives the rows of any texts as weighted terms.

    The weight of a term in a text is (1 + log(times)) * (1 + log((1 + rows) / (1 + rows with it))), and each text is
    scaled to length 1: what scikit-learn's `TfidfVectorizer(sublinear_tf=True)` gives. Words have at least two
    characters and are lowered; how they are cut where no spaces stand between them is found from the training texts.
    Single words come first, then pairs, each in alphabetical order.
    """

    _cut = ""
    """How texts are cut, for `cutter_of`; a model that was saved before there was a choice has none."""

    def __init__(self, pairs: bool, max_terms: int) -> None:
        """Say whether adjacent words count as terms too, and how many terms to keep, the most frequent."""
        self._pairs, self._max_terms = pairs, max_terms
        self._words: dict[str, int] = {}
        self._single: Array = np.empty(0, dtype=np.int64)
        self._pair_keys: Array = np.empty(0, dtype=np.int64)
        self._pair_places: Array = np.empty(0, dtype=np.int64)
        self._weights: Array = np.empty(0)

    @property
    def n_terms(self) -> int:
        """How many terms were kept."""
        return len(self._weights)

    def fit_transform(self, texts: list[str], min_rows: int) -> Any:
        """Learn the terms that occur in at least `min_rows` texts, and return `(n_rows, n_terms)` as float32 CSR."""
        self._cut = find_cut(texts, self._pairs)
        self._words, words, rows = find_words(texts, cutter_of(self._cut))
        n_words = len(self._words)
        single = count_terms(rows, words, n_words)
        keys, pairs = np.empty(0, dtype=np.int64), None
        if self._pairs:
            pair_rows, found = adjacent(words, rows, n_words)
            keys, terms = np.unique(found, return_inverse=True)
            pairs = count_terms(pair_rows, terms, len(keys))
        rows_with, frequency = frequencies([(single, n_words), (pairs, len(keys))])
        places = choose_terms(rows_with, frequency, min_rows, self._max_terms)
        self._weights = 1.0 + np.log((1.0 + len(texts)) / (1.0 + rows_with[places >= 0]))
        self._single, pair_places = places[:n_words], places[n_words:]
        self._pair_keys, self._pair_places = keys[pair_places >= 0], pair_places[pair_places >= 0]
        counts = [single.of_terms(self._single)] + ([pairs.of_terms(pair_places)] if pairs else [])
        self._forget_unused_words(n_words)
        return self._weigh(counts, len(texts))

    def transform(self, texts: list[str]) -> Any:
        """Return other rows as float32 CSR."""
        cut = cutter_of(self._cut)
        tokens = [cut(text) for text in texts]
        rows = row_numbers(tokens)
        known = self._words.get
        words = np.array([known(word, -1) for word in chain.from_iterable(tokens)], dtype=np.int64)
        there = words >= 0
        n_words = len(self._single)
        counts = [count_terms(rows[there], words[there], n_words).of_terms(self._single)]
        if len(self._pair_keys):
            pair_rows, found = adjacent(words, rows, n_words)
            at = np.minimum(np.searchsorted(self._pair_keys, found), len(self._pair_keys) - 1)
            kept = self._pair_keys[at] == found
            pairs = count_terms(pair_rows[kept], at[kept], len(self._pair_keys))
            counts.append(pairs.of_terms(self._pair_places))
        return self._weigh(counts, len(texts))

    def _forget_unused_words(self, n_words: int) -> None:
        """Keep only the words that are in a kept term, numbered anew in the same order."""
        used = self._single >= 0
        first, second = np.divmod(self._pair_keys, max(n_words, 1))
        used[first] = used[second] = True
        numbers = np.cumsum(used) - 1
        self._words = {word: int(numbers[old]) for word, old in self._words.items() if used[old]}
        self._pair_keys = numbers[first] * len(self._words) + numbers[second]
        self._single = self._single[used]

    def _weigh(self, counts: list[Counts], n_rows: int) -> Any:
        from scipy.sparse import csr_matrix

        rows = np.concatenate([each.rows for each in counts])
        terms = np.concatenate([each.terms for each in counts])
        weights = (1.0 + np.log(np.concatenate([each.times for each in counts]))) * self._weights[terms]
        lengths = np.sqrt(np.bincount(rows, weights=weights * weights, minlength=n_rows))
        values = (weights / lengths[rows]).astype(np.float32)
        order = np.argsort(rows, kind="stable")  # single words come before pairs in each row, in ascending places
        ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n_rows))])
        places = terms[order].astype(np.int32)
        return csr_matrix((values[order], places, ends.astype(np.int32)), shape=(n_rows, self.n_terms))


def find_words(texts: list[str], cut: Callable[[str], list[str]]) -> tuple[dict[str, int], Array, Array]:
    """Return all words with their alphabetical number, the numbers of the words in order, and the row of each."""
    tokens = [cut(text) for text in texts]
    seen: defaultdict[str, int] = defaultdict()
    seen.default_factory = seen.__len__
    words = np.array([seen[word] for word in chain.from_iterable(tokens)], dtype=np.int64)
    alphabetical = {word: number for number, word in enumerate(sorted(seen))}
    numbers = np.array([alphabetical[word] for word in seen], dtype=np.int64)
    return alphabetical, numbers[words], row_numbers(tokens)


def row_numbers(tokens: list[list[str]]) -> Array:
    """Return the row of each word, `(n_words,)`."""
    return np.repeat(np.arange(len(tokens)), [len(each) for each in tokens])


def adjacent(words: Array, rows: Array, n_words: int) -> tuple[Array, Array]:
    """Return the row and the number of each pair of known words that follow each other in one row."""
    first, second = words[:-1], words[1:]
    together = (rows[:-1] == rows[1:]) & (first >= 0) & (second >= 0)
    return rows[:-1][together], first[together] * n_words + second[together]


def count_terms(rows: Array, terms: Array, n_terms: int) -> Counts:
    """Count how often each term occurs in each row."""
    meetings, times = np.unique(rows * max(n_terms, 1) + terms, return_counts=True)
    where, which = np.divmod(meetings, max(n_terms, 1))
    return Counts(where, which, times)


def frequencies(counted: list[tuple[Counts | None, int]]) -> tuple[Array, Array]:
    """Return for all terms, one group after another, in how many rows and how many times they occur."""
    rows_with = [np.bincount(c.terms, minlength=n) for c, n in counted if c is not None]
    frequency = [np.bincount(c.terms, weights=c.times, minlength=n) for c, n in counted if c is not None]
    return np.concatenate(rows_with), np.concatenate(frequency)


def choose_terms(rows_with: Array, frequency: Array, min_rows: int, max_terms: int) -> Array:
    """Return each term's place among those kept, in the same order, -1 for the others; of equals the first is kept."""
    by_frequency = np.argsort(-frequency, kind="stable")
    kept = np.zeros(len(frequency), dtype=bool)
    kept[by_frequency[rows_with[by_frequency] >= min_rows][:max_terms]] = True
    return np.where(kept, np.cumsum(kept) - 1, -1)
