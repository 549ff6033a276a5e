"""Tuning for words: the upper layers of a pretrained network are trained over what the lower ones make of pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models._shared.fine_tuning import casting, has_fast_bf16
from automl_builtins.models.bert.layers import states_of
from automl_builtins.models.bert.states import shared_states
from automl_builtins.models.bert.tokens import TextTokenizer
from automl_builtins.models.bert.word_head import SIGNS, SentenceRows, WordTraining, make_word_head
from automl_builtins.models.bert.word_states import MOST_TOGETHER, NoTimeToRead, parts_of

LAYER_DECAY = 0.85
"""Of the learning rate of a layer, for the one below it."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What lower layers make of a sentence.

    parts: `(n_tokens, width)` float16 of each part that goes through the layers together, its start and end among
    them. counts: `(n_words,)`, how many pieces each word has, one after another behind the starts of their parts.
    """

    parts: tuple[Array, ...]
    counts: Array

    @property
    def nbytes(self) -> int:
        """How large all of it is."""
        return sum(part.nbytes for part in self.parts) + int(self.counts.nbytes)


@dataclass(frozen=True, slots=True)
class PieceReader:
    """Reads sentences with lower layers, as `WordReader` does, and keeps the states of all pieces of words.

    body: makes the layers when they are needed. together: how many pieces go through them at once.
    """

    body: Callable[[], Any]
    tokenizer: TextTokenizer
    together: int = MOST_TOGETHER

    def states(self, pieces: Sequence[Array]) -> list[Pieces]:
        """Return what the layers make of each sentence, whose words' pieces are `(n_words, n_pieces)`, -1 for none."""
        return self._joined(pieces, self._read)

    def shared(self, pieces: Sequence[Array], key: str, context: FitContext) -> list[Pieces]:
        """Return the same, read once for all folds."""

        def make(tokens: Sequence[Array]) -> list[Array]:
            if context.seconds_left() <= 0:
                raise NoTimeToRead("there was no time to read all sentences with the lower layers")
            return self._read(tokens)

        if context.folder is None:
            return self._joined(pieces, make)
        return self._joined(pieces, partial(shared_states, key=key, make=make, folder=context.folder))

    def _read(self, tokens: Sequence[Array]) -> list[Array]:
        return states_of(self.body(), tokens, self.tokenizer.padding)

    def _joined(self, pieces: Sequence[Array], read: Callable[[Sequence[Array]], list[Array]]) -> list[Pieces]:
        parts = [[part for _, part in parts_of(each, self.together)] for each in pieces]
        start, end = self.tokenizer.start, self.tokenizer.separator
        tokens = [np.array([start, *part[part >= 0], end], np.int32) for each in parts for part in each]
        states = iter(read(tokens))
        return [
            Pieces(tuple(next(states) for _ in each), (table >= 0).sum(axis=1))
            for each, table in zip(parts, pieces, strict=True)
        ]


def upper_layers(body: Any, lower: int) -> Any:
    """Return a transformer that begins with its layer number `lower`, and is given what the ones below it make.

    Its table of words is left out, which it has no use for.
    """
    from torch import nn

    held = max((each for each in body.modules() if isinstance(each, nn.ModuleList)), key=len)
    del held[:lower]
    body.set_input_embeddings(nn.Embedding(1, body.get_input_embeddings().embedding_dim))
    layers = {id(value) for value in held.parameters()}
    for value in body.parameters():
        value.requires_grad_(id(value) in layers)

    class Upper(nn.Module):  # type: ignore[misc]  # torch has no types here
        def __init__(self) -> None:
            super().__init__()
            self.body = body
            self.given: list[Any] = []
            held[0].register_forward_pre_hook(lambda _, given: (self.given[0], *given[1:]))

        def layers(self) -> list[Any]:
            return list(held)

        def forward(self, states: Any, mask: Any) -> Any:
            self.given[:] = [states]
            try:
                return self.body(inputs_embeds=states, attention_mask=mask).last_hidden_state
            finally:
                self.given.clear()

    return Upper()


def make_tuned_head(upper: Any, facts: Mapping[str, Any]) -> Any:
    """Return a torch module from pieces' states to outputs `(n, n_words, n_outputs)`.

    Of each word the head is given the mean of its pieces by the upper layers and by the lower ones, and its signs.
    facts: "width", and those of `make_word_head`.
    """
    import torch
    from torch import nn

    width = int(facts["width"])

    class Tuned(nn.Module):  # type: ignore[misc]  # torch has no types here
        def __init__(self) -> None:
            super().__init__()
            self.upper = upper
            self.low, self.high = (nn.LayerNorm(width, elementwise_affine=False) for _ in range(2))
            self.head = make_word_head({**facts, "inputs": 2 * width + SIGNS})

        def forward(self, states: Any, tokens: Any, pieces: Any, counts: Any, signs: Any, mask: Any) -> Any:
            with casting("cpu", {"bf16": self.training and has_fast_bf16("cpu")}):
                made = self.upper(states, tokens).float()
            seen = [norm(self._means(each, pieces, counts)) for norm, each in ((self.high, made), (self.low, states))]
            return self.head(torch.cat([*seen, signs], 2), mask)

        def _means(self, states: Any, pieces: Any, counts: Any) -> Any:
            place, word = pieces
            sums = states.new_zeros(counts.numel(), width).index_add_(0, word, states.reshape(-1, width)[place])
            return (sums / counts.reshape(-1, 1).clamp_min(1)).reshape(*counts.shape, width)

    return Tuned()


class TunedTraining(WordTraining):
    """The same for upper layers and a head; sentences' states are `Pieces`."""

    judges_each_epoch = False

    def _groups(self, head: Any, rate: float) -> list[dict[str, Any]]:
        body_rate = float(self._params.get("body_rate", 1e-4))
        groups = [{"params": list(head.head.parameters()), "rate": rate}]
        for depth, layer in enumerate(reversed(head.upper.layers())):
            groups.append({"params": list(layer.parameters()), "rate": body_rate * LAYER_DECAY**depth})
        return groups

    def _seen(self, rows: SentenceRows, chosen: Sequence[int] | Array) -> tuple[Any, ...]:
        """Return states of pieces and their mask, where each word's pieces lie, how many it has, signs and a mask."""
        import torch

        taken: list[Pieces] = [rows.states[number] for number in chosen]
        longest = max(len(part) for each in taken for part in each.parts)
        most = max(len(each.counts) for each in taken)
        parts = [part for each in taken for part in each.parts]
        states = np.zeros((len(parts), longest, parts[0].shape[1]), dtype=np.float32)
        tokens = np.zeros((len(parts), longest), dtype=np.int64)
        counts = np.zeros((len(taken), most), dtype=np.float32)
        signs = np.zeros((len(taken), most, SIGNS), dtype=np.float32)
        mask = np.zeros((len(taken), most), dtype=bool)
        for number, part in enumerate(parts):
            states[number, : len(part)], tokens[number, : len(part)] = part, 1
        places, words, first = [], [], 0
        for row, each in enumerate(taken):
            n_words = len(each.counts)
            for part in each.parts:
                places.append(first * longest + np.arange(1, len(part) - 1))
                first += 1
            words.append(row * most + np.repeat(np.arange(n_words), each.counts))
            counts[row, :n_words], mask[row, :n_words] = each.counts, True
            signs[row, :n_words] = rows.signs[chosen[row]]
        pieces = torch.from_numpy(np.concatenate(places)), torch.from_numpy(np.concatenate(words))
        return (
            torch.from_numpy(states), torch.from_numpy(tokens), pieces, torch.from_numpy(counts),
            torch.from_numpy(signs), torch.from_numpy(mask),
        )  # fmt: skip
