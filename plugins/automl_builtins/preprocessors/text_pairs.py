"""Texts compared: how much the texts of a row have in common, such as a question and an answer, as a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
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
from automl_builtins.kinds import RANKING
from automl_builtins.preprocessors._compare_terms import COMPARISONS, Terms
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns
from automl_builtins.preprocessors._term_weights import texts_of

MOST_PAIRS = 12
OF_QUERY = 0.98
"""Share of the rows whose text is that of the first row of their group from which a column is part of the query."""
OTHERS = "the others"
"""What all texts of the candidate together are called, where it has several."""


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer it: in rankings in place of what texts are made into each by itself, elsewhere where it is asked for."""
    texts = frozenset({ColumnKind.TEXT})
    default = DefaultFor(
        texts,
        accepted=False,
        beside=True,
        in_place_of=("tfidf", "tfidf_svd"),
        fewest_columns=2,
        tasks=frozenset({RANKING}),
    )
    return [
        PreprocessorSpec(
            "text_pairs", TextPairs, handles=texts, requires=("scipy", "sklearn"), default_for=(default,), together=True
        )
    ]


class TextPairs:
    """Compares the texts of a row two by two: by words and by runs of characters.

    In a table of queries those of the query, which all rows of a group share, are compared with each of the candidate's
    and with all of these together. Elsewhere each is compared with each. How rare words and runs are is learned from
    the training texts, each counted once; what they lack counts as rare. The length of each text stands beside.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._columns = request.columns
        self._pairs: list[tuple[int, int]] = []
        self._joined: list[int] = []
        self._words, self._runs = Terms("words"), Terms("runs")
        self._outputs: tuple[Column, ...] = ()

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Learn which columns to compare and how rare terms are, and return the comparisons as a dense frame."""
        texts = [texts_of(data.features, i) for i in range(len(self._columns))]
        self._joined, self._pairs = chosen_pairs(texts, data.groups)
        distinct = list(dict.fromkeys(text for column in texts for text in column))
        self._words.fit(distinct)
        self._runs.fit(distinct)
        names = [column.name for column in self._columns] + ([OTHERS] if self._joined else [])
        made = [(f"{column.name}.length", ColumnKind.NUMERIC) for column in self._columns]
        for first, second in self._pairs:
            made += [(f"{names[first]} ~ {names[second]}: {what}", ColumnKind.NUMERIC) for what in COMPARISONS]
        self._outputs = named_columns(made)
        return self._made(texts)

    def transform(self, features: Features) -> Features:
        """Return the comparisons of other rows."""
        return self._made([texts_of(features, i) for i in range(len(self._columns))])

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The columns that are compared, by their numbers; one past the last stands for all others together."""
        return tuple(self._pairs)

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the lengths, and the comparisons of each pair."""
        return self._outputs

    def _made(self, texts: list[list[str]]) -> Features:
        n_rows = len(texts[0]) if texts else 0
        lengths = [np.log1p([len(text) for text in column]) for column in texts]
        if self._joined:
            texts = [*texts, [" ".join(parts) for parts in zip(*(texts[i] for i in self._joined), strict=True)]]
        blocks = [np.column_stack(lengths).reshape(n_rows, len(lengths))]
        known = [_numbered(column) for column in texts]
        words = [self._words.weigh(distinct) for distinct, _ in known]
        runs = [self._runs.weigh(distinct) for distinct, _ in known]
        for first, second in self._pairs:
            places = known[first][1], known[second][1]
            blocks.append(_compared((words[first], words[second]), (runs[first], runs[second]), places))
        return float_frame(np.hstack(blocks).astype(np.float32), name_index(self._outputs))


def chosen_pairs(texts: Sequence[Sequence[str]], groups: Array | None) -> tuple[list[int], list[tuple[int, int]]]:
    """Return the columns to be joined, and which to compare, by their numbers; those joined stand after all others."""
    n_columns = len(texts)
    every = list(combinations(range(n_columns), 2))[:MOST_PAIRS]
    asked = [] if groups is None else [i for i in range(n_columns) if _is_of_query(texts[i], groups)]
    others = [i for i in range(n_columns) if i not in asked]
    if not asked or not others:
        return [], every
    joined = others if len(others) > 1 else []
    pairs = [(first, second) for first in asked for second in [*others, *([n_columns] if joined else [])]]
    return joined, pairs[:MOST_PAIRS]


def _is_of_query(texts: Sequence[str], groups: Array) -> bool:
    """Tell whether all rows of a group have one and the same text."""
    numbers = _numbered(texts)[1]
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    if len(first) == len(groups):
        return False
    return bool(np.mean(numbers == numbers[first][group]) >= OF_QUERY)


def _numbered(texts: Sequence[str]) -> tuple[list[str], Array]:
    """Return the different texts, and the number of each row's among them."""
    places: dict[str, int] = {}
    numbers = [places.setdefault(text, len(places)) for text in texts]
    return list(places), np.array(numbers, dtype=np.int64)


def _compared(words: tuple[Any, Any], runs: tuple[Any, Any], places: tuple[Array, Array]) -> Array:
    """Return `(n_rows, n_comparisons)`; each pair of texts that recurs is compared once."""
    from automl_builtins.preprocessors._compare_terms import compare

    if not len(places[0]):
        return np.zeros((0, len(COMPARISONS)))
    pairs, number = np.unique(np.column_stack(places), axis=0, return_inverse=True)
    return compare(words, runs, pairs)[number.ravel()]
