"""What a network is: rows as it takes them, the sizes of its layers, what it minimises, and what it starts from."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, quantile_of
from automl_builtins.smoothed_shares import smoothed_shares

ALL_LEVELS = "levels"
"""The loss of all quantiles together."""
LABELS = "labels"
LIKELIHOODS = ("classes", LABELS)
"""Losses of probabilities, which are trained and calibrated alike."""
MEMBERS, MOST_OPERATIONS = (4, 2), 1e8
"""Networks that are trained side by side, where the hyperparameters do not say, as long as a step of all of them takes
no more operations than this; else one. A small network's step takes about as long as calling so many."""
FEWEST_ROWS = 32
"""Rows of a step in a small table."""
PERIOD_OUT = 3
"""Inputs that the waves of a number become."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as the network takes them: scaled numbers, other inputs, positions in the embeddings, target, weights."""

    numbers: Array
    plain: Array
    embedded: Array
    target: Array
    weights: Array | None = None

    def take(self, chosen: Array | slice) -> Rows:
        """Return some of the rows, by their positions."""
        weights = None if self.weights is None else self.weights[chosen]
        target = self.target[chosen] if len(self.target) else self.target
        return Rows(self.numbers[chosen], self.plain[chosen], self.embedded[chosen], target, weights)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the network is to be: sizes of its inputs, its layers and its output, and what it minimises.

    loss: "classes" for the log loss, "labels" for that of each label for itself, "squared", "absolute", "quantile:0.9"
    for the pinball loss of that quantile, or "levels" for the mean of those of all `quantiles`, one an output.
    """

    n_numbers: int
    n_plain: int
    levels: tuple[int, ...]
    n_outputs: int
    loss: str
    params: Mapping[str, Any]
    quantiles: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Units of a hidden layer."""
        return int(self.params.get("width", 192))

    @property
    def layers(self) -> int:
        """Hidden layers."""
        return int(self.params.get("layers", 3))

    @property
    def embedding(self) -> int:
        """Numbers that a level of a large category becomes."""
        return int(self.params.get("embedding", 8))

    @property
    def n_inputs(self) -> int:
        """What the first layer is given: other inputs, numbers, their waves and embeddings, in this order."""
        return self._known + self.embedding * len(self.levels)

    @property
    def of_waves(self) -> slice:
        """Where the waves of the numbers are among the inputs."""
        return slice(self.n_plain + self.n_numbers, self._known)

    @property
    def of_embeddings(self) -> tuple[slice, ...]:
        """Where each large category is among the inputs."""
        starts = range(self._known, self.n_inputs, self.embedding)
        return tuple(slice(start, start + self.embedding) for start in starts)

    @property
    def _known(self) -> int:
        return self.n_plain + (1 + PERIOD_OUT) * self.n_numbers


def n_members(params: Mapping[str, Any], n_rows: int, n_inputs: float, n_outputs: int) -> int:
    """Return how many networks of the same shape are trained side by side."""
    width = int(params.get("width", 192))
    weights = width * (n_inputs + (int(params.get("layers", 3)) - 1) * width + n_outputs)
    usual = next((count for count in MEMBERS if count * 6.0 * weights * batch_of(n_rows) <= MOST_OPERATIONS), 1)
    return int(params.get("members", usual))


def most_members(params: Mapping[str, Any], weights: float) -> float:
    """Return what `n_members` is at most, of any number of rows; it does not jump, so that more weights take more."""
    return float(params.get("members", max(1.0, min(MEMBERS[0], MOST_OPERATIONS / (6.0 * weights * FEWEST_ROWS)))))


def batch_of(n_rows: int) -> int:
    """Return the rows of a step."""
    return int(np.clip(2 ** round(math.log2(max(n_rows, 2) / 24)), FEWEST_ROWS, 256))


def initial_values(shape: Shape, train: Rows, rng: np.random.Generator) -> dict[str, Array]:
    """Return the starting parameters: unit normal weights, which are divided by the square root of their inputs."""
    frequencies, period_out, n_inputs = int(shape.params.get("frequencies", 12)), PERIOD_OUT, shape.n_inputs
    spread = float(shape.params.get("period_spread", 0.15))
    values = {
        "period_w": rng.normal(size=(shape.n_numbers, frequencies)) * spread,
        "period_b": rng.uniform(-np.pi, np.pi, size=(shape.n_numbers, frequencies)),
        "period_out": rng.normal(size=(shape.n_numbers, frequencies, period_out)) / math.sqrt(frequencies),
        "period_bias": np.zeros((shape.n_numbers, period_out)),
        "scale": np.ones(n_inputs),
    }
    for number, levels in enumerate(shape.levels):
        values[f"embedding_{number}"] = rng.normal(size=(levels, shape.embedding)) * 0.5
    sizes = [n_inputs, *[shape.width] * shape.layers]
    for number, (inside, outside) in enumerate(itertools.pairwise(sizes)):
        values[f"w_{number}"] = rng.normal(size=(inside, outside))
        values[f"bias_{number}"] = rng.normal(size=outside) * 0.3
    values["w_out"] = np.zeros((sizes[-1], shape.n_outputs))
    values["bias_out"] = start_of(shape, train.target, train.weights)
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in values.items()}


def start_of(shape: Shape, target: Array, weights: Array | None) -> Array:
    """Return the constant that the network starts from: log shares of the classes, the quantile asked for, the mean."""
    quantile = quantile_of(shape.loss)
    if shape.loss == ALL_LEVELS or quantile is not None:
        order = np.argsort(target, kind="stable")
        reached = np.cumsum(np.ones(len(target)) if weights is None else weights[order], dtype=np.float64)
        levels = np.asarray(shape.quantiles if quantile is None else (quantile,))
        return np.asarray(target[order[np.searchsorted(reached, levels * reached[-1])]])
    if shape.loss == LABELS:
        shares = np.clip(np.average(target, axis=0, weights=weights), 0.1 / len(target), 1.0 - 0.1 / len(target))
        return np.asarray(np.log(shares / (1.0 - shares)))
    if shape.loss != "classes":
        return np.asarray(np.average(target, axis=0, weights=weights)).reshape(-1)
    return np.log(smoothed_shares(target, weights, shape.n_outputs, added=0.1))
