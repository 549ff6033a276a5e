"""Tuned encoder: a network for sentences whose upper layers learn from few rows which texts are of one class."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models._shared.fine_tuning import cycle
from automl_builtins.models.bert.keep_networks import kept_body, kept_numbers
from automl_builtins.models.bert.layers import (
    arrays_of,
    batches_by_length,
    config_of,
    digest_of,
    filled,
    load_body,
    make_body,
    rounded,
    states_of,
    tokens_at_once,
)
from automl_builtins.models.bert.reading import Place, Reader, frozen_body
from automl_builtins.models.bert.states import remember, remembered_states
from automl_builtins.models.bert.tokens import TextTokenizer
from automl_builtins.models.bert.word_tuning import upper_layers

WARM_UP = 0.1
LAYER_DECAY = 0.85
"""Of the learning rate of a layer, for the one below it."""
CLIP = 1.0


@dataclass(frozen=True, slots=True)
class PairPlan:
    """How pairs are drawn and learned from: rows of a batch, how often each row is seen, and the learning rate."""

    batch: int
    rounds: float
    rate: float
    seed: int
    seconds: float = field(default=math.inf)

    def batches(self, target: Array) -> Iterator[Array]:
        """Yield row numbers of batches, without an end: of each class in a batch two rows or more.

        All rows of a batch are pairs with each other. Classes are drawn by chance, where there are more than a batch
        has room for; a class of a single row gives pairs with others alone.
        """
        rng = np.random.default_rng(self.seed)
        rows_of = [rows for rows in (np.flatnonzero(target == each) for each in np.unique(target)) if len(rows)]
        of_each = max(2, self.batch // len(rows_of))
        while True:
            order = rng.permutation(len(rows_of))[: max(2, self.batch // of_each)]
            drawn = (rows_of[number] for number in order)
            yield np.concatenate([rng.choice(rows, min(of_each, len(rows)), replace=False) for rows in drawn])

    def n_steps(self, n_rows: int) -> int:
        """Return the number of batches by which each row is seen as often as planned, on average."""
        return max(1, math.ceil(self.rounds * n_rows / min(self.batch, n_rows)))


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
        self, parts: Sequence[Sequence[Array]], rows: Sequence[Array], table: str, context: FitContext
    ) -> list[Array]:
        """Return what the lower layers make of the rows of some parts of a table; see `Reader.read`."""
        reader = Reader(Place(self._weights, self._lower, self._digest, "cpu"), self.tokenizer, context)
        tokens, states = reader.read(parts, rows, table)
        self.tokenizer = reader.tokenizer
        start = len(states) - len(rows[-1])
        remember(tokens[start:], self._digest, states[start:])
        return states

    def read(self, columns: Sequence[Array]) -> list[Array]:
        """Return what the lower layers make of texts, column by column, as they are read of a fitted model."""
        return remembered_states(self.tokenizer.tokens(columns), self._digest, self._look)

    def tune(self, states: Sequence[Array], target: Array, plan: PairPlan) -> None:
        """Train the upper layers until texts of one class lie near each other, and others apart, or time is over.

        The loss is the square of the distance of each pair's cosine from 1 or 0 (Tunstall et al., "Efficient few-shot
        learning without prompts", 2022); pairs of one class count for as much as all others together. Each text goes
        through the layers once for all its pairs in a batch.
        """
        import torch

        torch.manual_seed(plan.seed)
        upper = upper_layers(load_body(self._weights, self._layers), self._lower)
        optimizer = torch.optim.AdamW(_groups(upper, plan.rate), weight_decay=0.01)
        steps, started, target = plan.n_steps(len(target)), time.monotonic(), np.asarray(target)
        for step, rows in enumerate(plan.batches(target)):
            done = max(step / steps, (time.monotonic() - started) / plan.seconds)
            if done >= 1.0:
                break
            for group in optimizer.param_groups:
                group["lr"] = group["rate"] * cycle(max(done, 1e-3), WARM_UP)
            optimizer.zero_grad(set_to_none=True)
            _pair_loss(_directions(upper, [states[row] for row in rows]), target[rows]).backward()
            torch.nn.utils.clip_grad_norm_([p for p in upper.parameters() if p.requires_grad], CLIP)
            optimizer.step()
        self._upper = rounded(upper)
        self._tuned = arrays_of(upper, half=True)

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
                made = _directions(upper, [states[row] for row in rows], length).numpy()
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


def _groups(upper: Any, rate: float) -> list[dict[str, Any]]:
    """Return the layers' parameters, each with its learning rate, less the deeper it lies."""
    return [
        {"params": list(layer.parameters()), "rate": rate * LAYER_DECAY**depth}
        for depth, layer in enumerate(reversed(upper.layers()))
    ]


def _directions(upper: Any, states: Sequence[Array], length: int = 0) -> Any:
    """Return a tensor of vectors of length 1, the means of what the upper layers make of each text's states."""
    import torch

    longest = max(length, *(len(each) for each in states))
    given = np.zeros((len(states), longest, states[0].shape[1]), dtype=np.float32)
    mask = np.zeros((len(states), longest), dtype=np.int64)
    for place, each in enumerate(states):
        given[place, : len(each)], mask[place, : len(each)] = each, 1
    made = upper(torch.from_numpy(given), torch.from_numpy(mask)).float()
    there = torch.from_numpy(mask)[:, :, None].float()
    return torch.nn.functional.normalize((made * there).sum(1) / there.sum(1), dim=1)


def _pair_loss(vectors: Any, target: Array) -> Any:
    """Return the loss of all pairs of a batch's rows, those of one class and all others weighing the same."""
    import torch

    same = torch.from_numpy((target[:, None] == target[None, :]).astype(np.float32))
    near, apart = same - torch.eye(len(target)), 1.0 - same
    squares = (vectors @ vectors.T - same) ** 2
    return 0.5 * sum((squares * pairs).sum() / pairs.sum().clamp_min(1.0) for pairs in (near, apart))
