"""Tuned encoder: a network for sentences whose upper layers learn from few rows which texts are of one class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models.bert.contrast import PairPlan, directions_of, learn_pairs
from automl_builtins.models.bert.keep_networks import kept_body, kept_numbers
from automl_builtins.models.bert.layers import (
    arrays_of,
    batches_by_length,
    config_of,
    digest_of,
    filled,
    load_body,
    make_body,
    parts_by_length,
    rounded,
    states_of,
    tokens_at_once,
)
from automl_builtins.models.bert.reading import Place, Reader, frozen_body
from automl_builtins.models.bert.states import remember, remembered_states
from automl_builtins.models.bert.tokens import TextTokenizer
from automl_builtins.models.bert.word_tuning import LAYER_DECAY, upper_layers

PARTS = 4
"""In which a batch goes through the layers, of about equally long texts, so that little is filled up."""


class TunedEncoder:
    """Frozen lower layers, shared by all folds, and upper ones that are tuned; holds numbers in half precision."""

    def __init__(self, weights: str, layers: int, tuned: int, tokens: int) -> None:
        """Take over the first `layers` of pretrained weights, of which the last `tuned` will be trained."""
        self.tokenizer = TextTokenizer.of(weights, tokens)
        self._weights, self._layers, self._lower = weights, layers, layers - tuned
        self._config = dict(config_of(weights))
        self._numbers = arrays_of(frozen_body(weights, self._lower), half=True)
        self._digest = digest_of(self._numbers, self.tokenizer.padding)
        self._tuned: dict[str, Array] = {}
        self._upper: Any = None

    def states(
        self, parts: Sequence[Sequence[Array]], rows: Sequence[Array], table: str, context: FitContext, device: str
    ) -> list[Array]:
        """Return what the lower layers make of the rows of some parts of a table; see `Reader.read`.

        The last part's are remembered, as they will be asked for next.
        """
        reader = Reader(Place(self._weights, self._lower, self._digest, device), self.tokenizer, context)
        tokens, states = reader.read(parts, rows, table)
        self.tokenizer = reader.tokenizer
        start = len(states) - len(rows[-1])
        remember(tokens[start:], self._digest, states[start:])
        return states

    def read(self, columns: Sequence[Array]) -> list[Array]:
        """Return what the lower layers make of texts, column by column, as they are read of a fitted model."""
        return remembered_states(self.tokenizer.tokens(columns), self._digest, self._look)

    def tune(self, states: Sequence[Array], target: Array, plan: PairPlan, rate: float, device: str) -> None:
        """Train the upper layers, the last of them at a learning rate, by pairs of the rows."""
        import torch

        torch.manual_seed(plan.seed)
        upper = upper_layers(load_body(self._weights, self._layers), self._lower).to(device)
        groups = [
            {"params": list(layer.parameters()), "rate": rate * LAYER_DECAY**depth}
            for depth, layer in enumerate(reversed(upper.layers()))
        ]
        learn_pairs(groups, partial(_directions_of_rows, upper, states, device), target, plan)
        self._upper = rounded(upper.to("cpu"))
        self._tuned = arrays_of(self._upper, half=True)

    def embed(self, columns: Sequence[Array]) -> Array:
        """Return `(n_rows, width)` of texts, column by column, as they are read of a fitted model."""
        return self.embed_states(self.read(columns)) if len(columns[0]) else np.zeros((0, 1))

    def embed_states(self, states: Sequence[Array]) -> Array:
        """Return `(n_rows, width)` float32, vectors of length 1, of what the lower layers made of texts."""
        import torch

        found: list[Array] = [np.empty(0)] * len(states)
        upper = self._upper = self._upper or filled(self._empty_upper(), self._tuned)
        with torch.inference_mode():
            for rows, length in batches_by_length([len(each) for each in states], tokens_at_once("cpu")):
                made = _directions(upper, [states[row] for row in rows], length, "cpu").numpy()
                for row, vector in zip(rows, made, strict=True):
                    found[row] = vector
        return np.stack(found).astype(np.float32)

    def _empty_upper(self) -> Any:
        return upper_layers(make_body(self._config, self._layers), self._lower)

    def _look(self, tokens: Sequence[Array]) -> list[Array]:
        body = kept_body(self._digest, lambda: filled(make_body(self._config, self._lower), self._numbers))
        return states_of(body, tokens, self.tokenizer.padding)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is built when it is needed."""
        return {**self.__dict__, "_upper": None}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept; encoders of one network share the numbers of its lower layers."""
        self.__dict__.update(state)
        self._numbers = kept_numbers(self._digest, lambda: self._numbers)


def _directions_of_rows(upper: Any, states: Sequence[Array], device: str, rows: Array) -> Any:
    """Return a tensor of vectors of length 1 of some rows, in their order; long texts apart from short ones."""
    import torch

    lengths = [len(states[row]) for row in rows]
    parts = list(parts_by_length(lengths, max(tokens_at_once(device) // PARTS, max(lengths))))
    made = [_directions(upper, [states[rows[place]] for place in part], length, device) for part, length in parts]
    order = np.argsort([place for part, _ in parts for place in part])
    return torch.cat(made)[torch.from_numpy(order).to(device)]


def _directions(upper: Any, states: Sequence[Array], length: int, device: str) -> Any:
    """Return a tensor of vectors of length 1, the means of what the upper layers make of states of so many tokens."""
    import torch

    given = np.zeros((len(states), length, states[0].shape[1]), dtype=np.float32)
    mask = np.zeros((len(states), length), dtype=np.int64)
    for place, each in enumerate(states):
        given[place, : len(each)], mask[place, : len(each)] = each, 1
    there = torch.from_numpy(mask).to(device)
    return directions_of(upper(torch.from_numpy(given).to(device), there), there)
