"""Read texts with frozen layers: as much of each as there is time for, once for all fits of a search."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models.bert.layers import config_of, load_body, states_of, width_of
from automl_builtins.models.bert.states import agreed, shared_states
from automl_builtins.models.bert.tokens import TextTokenizer

READING_SHARE, POOLED_SHARE = 0.6, 0.85
"""Of a fit's time that the layers may take to read all texts, together with the fits that share the work; else less is
read of each. The other where the mean of a text's states is wanted alone, from which the rest is soon learned."""
LENGTHS = (1.0, 0.75, 0.5, 0.375, 0.25, 0.125)
FEWEST_TOKENS = 16
MOST_MEGABYTES = 6_144.0
"""Of all texts' states together, in the search's folder."""
SAMPLE = 8
"""Texts that are read to see how long one takes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Frozen layers, the digest of their numbers, and the device that they are on."""

    weights: str
    layers: int
    digest: str
    device: str
    pooled: bool = False
    """Whether the mean of a text's states is wanted in their place."""

    @property
    def key(self) -> str:
        """A name for what these layers make of texts."""
        return f"{self.digest}/pooled" if self.pooled else self.digest


class Reader:
    """Turns texts into tokens and states; `tokenizer` cuts them as it was found to be necessary."""

    def __init__(self, place: Place, tokenizer: TextTokenizer, context: FitContext) -> None:
        """Nothing is read yet."""
        self.tokenizer = tokenizer
        self._place, self._context = place, context

    def read(
        self, cells: Sequence[Sequence[Array]], rows: Sequence[Array], table: str
    ) -> tuple[list[Array], list[Array]]:
        """Return the tokens and states of each row of some parts of a table, one part after another.

        `cells` holds the text columns of each part, `rows` its row numbers; `table` names the table. All folds read the
        rows in the order of their lengths and numbers, so that one finds what another has read, and texts of one length
        go together; the longest first, so that no worker is left with them.
        """
        columns = [np.concatenate(column) for column in zip(*cells, strict=True)]
        tokens = self._tokens(columns, table)
        order = np.lexsort((np.concatenate(rows), np.array([-len(each) for each in tokens])))
        ordered = [tokens[row] for row in order]
        place, folder = self._place, self._context.folder
        make = partial(
            states_of, self._body(), padding=self.tokenizer.padding, device=place.device, pooled=place.pooled
        )
        made = make(ordered) if folder is None else shared_states(ordered, place.key, make, folder, pooled=place.pooled)
        states = [made[0]] * len(made)
        for row, state in zip(order, made, strict=True):
            states[row] = state
        return tokens, states

    def _body(self) -> Any:
        return frozen_body(self._place.weights, self._place.layers).to(self._place.device)

    def _tokens(self, columns: Sequence[Array], table: str) -> list[Array]:
        """Return the tokens of each row, cut to what there is time to read; that is decided once for all folds."""
        tokens = self.tokenizer.tokens(columns)
        name = f"{self._place.key}/{table}/{self.tokenizer.most}"
        most = agreed(self._context.folder, name, lambda: self._tokens_in_time(tokens))
        if most == self.tokenizer.most:
            return tokens
        self.tokenizer = replace(self.tokenizer, most=most)
        return self.tokenizer.tokens(columns)

    def _tokens_in_time(self, tokens: Sequence[Array]) -> int:
        """Return how many tokens of each row can be read in time and kept."""
        lengths = np.array([len(each) for each in tokens])
        room = (POOLED_SHARE if self._place.pooled else READING_SHARE) * self._context.seconds_left()
        each = self._seconds_for_token(tokens) / self._context.sharing if math.isfinite(room) else 0.0
        megabytes = 0.0 if self._place.pooled else 2.0 * width_of(config_of(self._place.weights)) / 2**20
        most_of_all = self.tokenizer.most
        tried = [min(most_of_all, max(FEWEST_TOKENS, int(most_of_all * share))) for share in LENGTHS]
        for most in tried:
            total = np.minimum(lengths, most).sum()
            if total * each <= room and total * megabytes <= MOST_MEGABYTES:
                return most
        return tried[-1]

    def _seconds_for_token(self, tokens: Sequence[Array]) -> float:
        few = list(tokens[:: max(1, len(tokens) // SAMPLE)])[:SAMPLE]
        look = partial(states_of, self._body(), padding=self.tokenizer.padding, device=self._place.device)
        look(few[:1])  # the first is always slow
        started = time.monotonic()
        look(few)
        return (time.monotonic() - started) / sum(len(each) for each in few)


@lru_cache(maxsize=1)
def frozen_body(weights: str, layers: int) -> Any:
    """Return the first layers of pretrained weights, which nobody may train; the last ones asked for are kept."""
    return load_body(weights, layers)
