"""Sentence encoder: each row's texts as one vector of length 1, the mean of a frozen network's states of its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models.bert.keep_networks import kept_body, kept_numbers
from automl_builtins.models.bert.layers import arrays_of, config_of, digest_of, filled, make_body, states_of
from automl_builtins.models.bert.reading import Place, Reader, frozen_body
from automl_builtins.models.bert.states import remember, remembered_states
from automl_builtins.models.bert.tokens import TextTokenizer


class SentenceEncoder:
    """A frozen network with its tokenizer; holds the network's numbers in half precision, and reads no folder again.

    The mean of the last layer's states is what networks for sentences are trained by (Reimers and Gurevych,
    "Sentence-BERT", EMNLP 2019).
    """

    def __init__(self, weights: str, layers: int, tokens: int) -> None:
        """Take over the first layers of pretrained weights; of a text at most so many tokens are read."""
        self.tokenizer = TextTokenizer.of(weights, tokens)
        self._weights, self._layers, self._config = weights, layers, dict(config_of(weights))
        self._numbers = arrays_of(frozen_body(weights, layers), half=True)
        self._digest = digest_of(self._numbers, self.tokenizer.padding)

    @property
    def key(self) -> str:
        """A name for what it makes of texts, the same for all encoders of one network."""
        return Place(self._weights, self._layers, self._digest, "cpu", pooled=True).key

    def read(self, parts: Sequence[Sequence[Array]], rows: Sequence[Array], table: str, context: FitContext) -> Array:
        """Return `(n_rows, width)` of the rows of some parts of a table, one part after another; see `Reader.read`.

        The last part's are remembered, as they will be asked for next.
        """
        place = Place(self._weights, self._layers, self._digest, "cpu", pooled=True)
        reader = Reader(place, self.tokenizer, context)
        tokens, means = reader.read(parts, rows, table)
        self.tokenizer = reader.tokenizer
        start = len(means) - len(rows[-1])
        remember(tokens[start:], place.key, means[start:])
        return _of_length_one(means)

    def embed(self, columns: Sequence[Array]) -> Array:
        """Return `(n_rows, width)` of texts, column by column, as they are read of a fitted model."""
        if not len(columns[0]):
            return np.zeros((0, 1))
        return _of_length_one(remembered_states(self.tokenizer.tokens(columns), self.key, self._look))

    def _look(self, tokens: Sequence[Array]) -> list[Array]:
        return states_of(self._body(), tokens, self.tokenizer.padding, pooled=True)

    def _body(self) -> Any:
        return kept_body(self._digest, lambda: filled(make_body(self._config, self._layers), self._numbers))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what was kept; encoders of one network, as those of all folds are, share its numbers."""
        self.__dict__.update(state)
        self._numbers = kept_numbers(self._digest, lambda: self._numbers)


def _of_length_one(means: Sequence[Array]) -> Array:
    found = np.concatenate(means).astype(np.float32)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))
