"""States of words: what several layers of a frozen network make of each word of a sentence, read once for all folds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models.bert.layers import batches_by_length, padded, tokens_at_once
from automl_builtins.models.bert.states import agreed, shared_states
from automl_builtins.models.bert.tokens import TextTokenizer
from automl_builtins.tagging.sentences import Words

MOST_PIECES = 8
"""Pieces of a word that are looked at: of links and the like, the beginning."""
MOST_TOGETHER = 200
"""Pieces that go through the layers together, as far as a network takes so many; a longer sentence is read in parts."""
READING_SHARE = 0.5
"""Of a fit's time that reading may take, together with the fits that share the work; else fewer layers read."""
SHARES = (1.0, 0.67, 0.34)
"""Of the layers, of which as many are used as there is time for."""
SAMPLE = 16
"""Sentences that are read to see how long it takes."""


class NoTimeToRead(TimeoutError):
    """There is no time left to read all sentences of a table."""


@dataclass(frozen=True, slots=True)
class WordReader:
    """Reads sentences with frozen layers.

    body: makes the layers, a torch module, when they are needed. taken: the numbers of the layers whose states are kept
    side by side, the last of them the deepest that is read. width: numbers of a layer for a piece of a word. together:
    how many pieces go through the layers at once.
    """

    body: Callable[[], object]
    tokenizer: TextTokenizer
    taken: tuple[int, ...]
    width: int
    together: int = MOST_TOGETHER

    def pieces(self, sentences: Sequence[Words]) -> list[Array]:
        """Return the pieces of each sentence's words, as `pieces_of` does."""
        return pieces_of(self.tokenizer, sentences)

    def states(self, pieces: Sequence[Array]) -> list[Array]:
        """Return the states of each sentence's words, `(n_words, n_taken * width)` float16: means over their pieces.

        How far a sentence is filled up depends on its length alone, so that it gets the same alone and among others.
        """
        import torch

        parts = [(number, *part) for number, each in enumerate(pieces) for part in parts_of(each, self.together)]
        made = [np.zeros((len(each), len(self.taken) * self.width), dtype=np.float16) for each in pieces]
        ids = [np.concatenate([[self.tokenizer.start], row[row >= 0], [self.tokenizer.separator]]) for *_, row in parts]
        with torch.inference_mode():
            for rows, length in batches_by_length([len(each) for each in ids], tokens_at_once("cpu")):
                tokens, mask = padded([ids[row] for row in rows], length, self.tokenizer.padding, "cpu")
                layers = self._layers(tokens, mask)
                for place, row in enumerate(rows):
                    number, first, words = parts[row]
                    made[number][first : first + len(words)] = _means(layers[place], words)
        return made

    def _layers(self, tokens: object, mask: object) -> Array:
        """Return `(n_rows, length, n_taken * width)` float32."""
        import torch

        body: object = self.body()
        found = body(input_ids=tokens, attention_mask=mask, output_hidden_states=True).hidden_states  # type: ignore[operator]
        return np.asarray(torch.cat([found[number] for number in self.taken], 2).numpy())


def pieces_of(tokenizer: TextTokenizer, sentences: Sequence[Words]) -> list[Array]:
    """Return the pieces of each sentence's words, `(n_words, MOST_PIECES)` int32, -1 for none."""
    words = [f" {fields[0]}" for sentence in sentences for fields in sentence]
    found = tokenizer.pieces(words)
    table = np.full((len(words), MOST_PIECES), -1, dtype=np.int32)
    for row, each in enumerate(found):
        table[row, : len(each)] = each[:MOST_PIECES]
    ends = np.cumsum([len(sentence) for sentence in sentences])
    return np.split(table, ends[:-1]) if len(sentences) else []


def together_in(config: Mapping[str, Any]) -> int:
    """Return how many pieces of words a network takes at once, beside the tokens for the start and the end."""
    most = int(config.get("max_position_embeddings") or MOST_TOGETHER + 2 * MOST_PIECES)
    return max(MOST_PIECES, min(MOST_TOGETHER, most - 2 * MOST_PIECES))


def parts_of(pieces: Array, together: int) -> list[tuple[int, Array]]:
    """Return a sentence in parts that go through the layers together: the first word of each, and its words' pieces."""
    counts = np.maximum((pieces >= 0).sum(axis=1), 1)
    number = (np.cumsum(counts) - 1) // together
    starts = np.flatnonzero(np.append(True, np.diff(number) != 0)[: len(number)])
    return [(int(first), part) for first, part in zip(starts, np.split(pieces, starts[1:]), strict=True)]


def _means(states: Array, words: Array) -> Array:
    """Return the mean state of each word's pieces, which begin behind the token for the start; 0 of a word of none."""
    counts = (words >= 0).sum(axis=1)
    ends = 1 + np.cumsum(counts)
    known = np.flatnonzero(counts)
    found = np.zeros((len(words), states.shape[1]), dtype=np.float32)
    if len(known):
        sums = np.add.reduceat(states[: ends[-1]], (ends - counts)[known], axis=0)
        found[known] = sums / counts[known, None]
    return found


def layers_in_time(reader: WordReader, depth: int, pieces: Sequence[Array], context: FitContext, name: str) -> int:
    """Return how many of the layers there is time for: the same for all fits of a search, as the first decides."""

    def decide() -> int:
        room = READING_SHARE * context.seconds_left() * context.sharing
        if math.isinf(room):
            return depth
        few = list(pieces[:: max(1, len(pieces) // SAMPLE)])[:SAMPLE]
        reader.states(few[:1])  # the first is always slow
        started = time.monotonic()
        reader.states(few)
        each = (time.monotonic() - started) / max(1, sum(int((part >= 0).sum()) for part in few))
        total = each * sum(int((part >= 0).sum()) for part in pieces)
        return next(
            (math.ceil(depth * share) for share in SHARES if share * total <= room), math.ceil(depth * SHARES[-1])
        )

    return agreed(context.folder, name, decide)


def read_sentences(reader: WordReader, pieces: Sequence[Array], key: str, context: FitContext) -> list[Array]:
    """Return the states of all sentences of a table, of which all folds read the same in the same order."""

    def make(part: Sequence[Array]) -> list[Array]:
        if context.seconds_left() <= 0:
            raise NoTimeToRead("there was no time to read all sentences with the frozen layers")
        return reader.states(part)

    return make(pieces) if context.folder is None else shared_states(pieces, key, make, context.folder)
