"""Train the network with torch: time decides how many epochs, validation rows which of them is kept."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext, quantile_of
from automl_builtins.models._shared.adam import AdamW
from automl_builtins.smoothed_shares import smoothed_shares

ALL_LEVELS = "levels"
"""The loss of all quantiles together."""
BETAS = (0.9, 0.95)
CYCLES = 4
LABELS = "labels"
LEAST_SHARE = 1e-7
LIKELIHOODS = ("classes", LABELS)
"""Losses of probabilities, which are trained and calibrated alike."""
VALUES_RATE = 2.5
"""How much larger the learning rate is for values than for classes."""
MEMBERS, MOST_OPERATIONS = (4, 2), 4.8e7
"""Networks that are trained side by side, where the hyperparameters do not say, as long as a step of all of them takes
no more operations than this; else one. A small network's step takes about as long as calling so many."""
PERIOD_OUT = 3
"""Inputs that the waves of a number become."""
RESERVE, PROBE_STEPS = 0.15, 6
TEMPERATURES = (1.0, 0.8, 1.25, 1.5, 1.8, 2.2, 3.0)
COMMON_TEMPERATURES = (1.0, 0.8, 0.9, 1.12, 1.25)
"""Of all members together, besides each one's own: the mean of calibrated probabilities is mostly too cautious. Few,
since the rows that choose are those that chose the epochs, on which the members look better than they are."""
FACTORS = {"scale": 6.0, "bias": 0.1, "period": 0.1}
"""Learning rates of some parameters, relative to that of the weights."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as the network takes them: scaled numbers, other inputs, positions in the embeddings, target, weights."""

    numbers: Array
    plain: Array
    embedded: Array
    target: Array
    weights: Array | None = None


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
    def embedding(self) -> int:
        """Numbers that a level of a large category becomes."""
        return int(self.params.get("embedding", 8))

    @property
    def n_inputs(self) -> int:
        """What the first layer is given: numbers, their waves, other inputs and embeddings."""
        return self.n_numbers * (1 + PERIOD_OUT) + self.n_plain + self.embedding * len(self.levels)


def n_members(params: Mapping[str, Any], n_rows: int, n_inputs: float, n_outputs: int) -> int:
    """Return how many networks of the same shape are trained side by side."""
    width = int(params.get("width", 192))
    weights = width * (n_inputs + (int(params.get("layers", 3)) - 1) * width + n_outputs)
    usual = next((count for count in MEMBERS if count * 6.0 * weights * batch_of(n_rows) <= MOST_OPERATIONS), 1)
    return int(params.get("members", usual))


def batch_of(n_rows: int) -> int:
    """Return the rows of a step."""
    return int(np.clip(2 ** round(math.log2(max(n_rows, 2) / 24)), 32, 256))


def train_network(shape: Shape, train: Rows, valid: Rows | None, context: FitContext) -> dict[str, Array]:
    """Return the parameters of each member's best epoch, as arrays by name, the first axis of which is the members'."""
    import torch

    torch.set_num_threads(max(1, context.threads))
    torch.manual_seed(context.seed)  # of dropout
    generator = torch.Generator().manual_seed(context.seed)
    count = n_members(shape.params, len(train.target), shape.n_inputs, shape.n_outputs)
    further = [np.random.default_rng([context.seed, number]) for number in range(1, count)]
    draws = [np.random.default_rng(context.seed), *further]
    members = [initial_values(shape, train, rng) for rng in draws]
    values = {name: np.stack([member[name] for member in members]) for name in members[0]}
    tensors = {name: torch.from_numpy(value).requires_grad_() for name, value in values.items()}
    trainer = _Trainer(torch, shape, tensors, _tensors(torch, train), generator)
    return trainer.run(None if valid is None else _tensors(torch, valid), context)


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
    sizes = [n_inputs, *[shape.width] * int(shape.params.get("layers", 3))]
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


def forward(values: Mapping[str, Any], rows: Any, shape: Shape, lib: Any, drop: Any = None) -> Any:
    """Return the outputs `(n_members, n_rows, n_outputs)`. `lib` is numpy or torch, whichever the values are of.

    values: of all members, `(n_members, ...)` each.
    """
    numbers, count = rows.numbers, len(values["scale"])
    cat = lib.concatenate if lib is np else lib.cat
    parts = [lib.broadcast_to(rows.plain, (count, *rows.plain.shape))]
    if shape.n_numbers:
        waves = lib.cos(2 * math.pi * numbers[:, :, None] * values["period_w"][:, None] + values["period_b"][:, None])
        found = lib.einsum("mrnf,mnfo->mrno", waves, values["period_out"]) + values["period_bias"][:, None]
        parts += [lib.broadcast_to(numbers, (count, *numbers.shape)), found.reshape(count, len(numbers), -1)]
    parts += [values[f"embedding_{number}"][:, rows.embedded[:, number]] for number in range(len(shape.levels))]
    hidden = cat(parts, 2) * values["scale"][:, None]
    for number in range(int(shape.params.get("layers", 3))):
        weight, bias = values[f"w_{number}"], values[f"bias_{number}"][:, None]
        hidden = activated(hidden @ weight / math.sqrt(weight.shape[1]) + bias, shape, lib)
        hidden = hidden if drop is None else drop(hidden)
    return hidden @ values["w_out"] / math.sqrt(values["w_out"].shape[1]) + values["bias_out"][:, None]


def activated(hidden: Any, shape: Shape, lib: Any) -> Any:
    """Return SELU for classes, Mish for values."""
    if lib is not np:
        functional = lib.nn.functional
        return functional.selu(hidden) if shape.loss in LIKELIHOODS else functional.mish(hidden)
    if shape.loss in LIKELIHOODS:
        negative = 1.6732632 * (np.exp(np.minimum(hidden, 0.0)) - 1.0)
        return np.float32(1.0507010) * np.where(hidden > 0, hidden, negative)
    raised = np.exp(np.minimum(hidden, 20.0))  # of larger values the hyperbolic tangent is 1
    raised *= raised + 2.0
    return hidden * (raised / (raised + 2.0))


def _tensors(torch: Any, rows: Rows) -> Rows:
    def made(values: Array | None, kind: Any) -> Any:
        return None if values is None else torch.from_numpy(np.ascontiguousarray(values, dtype=kind))

    target = made(rows.target, np.int64 if rows.target.dtype.kind in "iu" else np.float32)
    return Rows(
        made(rows.numbers, np.float32), made(rows.plain, np.float32), made(rows.embedded, np.int64), target,
        made(rows.weights, np.float32),
    )  # fmt: skip


class _Trainer:
    """The loop over epochs."""

    def __init__(self, torch: Any, shape: Shape, tensors: dict[str, Any], train: Rows, generator: Any) -> None:
        """Make the optimizer, with a rate and a decay for each tensor."""
        self._torch, self._shape, self._tensors = torch, shape, tensors
        self._train, self._generator = train, generator
        self._rate = float(shape.params.get("learning_rate", 0.04)) * (
            1.0 if shape.loss in LIKELIHOODS else VALUES_RATE
        )
        self._factors = [_factor(name) for name in tensors]
        self._decays = [float(_decays(name)) for name in tensors]
        self._optimizer = AdamW(torch, list(tensors.values()), BETAS)
        n_rows = len(train.target)
        self._batch = batch_of(n_rows)
        self._n_steps = max(1, math.ceil(n_rows / self._batch))

    def run(self, valid: Rows | None, context: FitContext) -> dict[str, Array]:
        """Train for as many epochs as are wanted and fit into the time; return the best epoch's parameters."""
        epochs = max(1, int(self._shape.params.get("epochs", 48)))
        epochs = min(epochs, self._affordable(valid, context))
        kept, total = self._arrays(), epochs * self._n_steps
        best = np.full(len(kept["scale"]), math.inf)
        for epoch in range(epochs):
            order = self._torch.randperm(len(self._train.target), generator=self._generator)
            for step in range(self._n_steps):
                if step % PROBE_STEPS == 0 and context.seconds_left() < 0.5 * RESERVE * self._allowed:
                    break
                rows = order[step * self._batch : (step + 1) * self._batch]
                self._step(rows, (epoch * self._n_steps + step + 1) / total)
            losses, temperatures = self._losses_of(valid, epoch)
            self._keep(kept, np.flatnonzero(losses < best), temperatures)
            best = np.minimum(losses, best)
            if context.seconds_left() < 0.5 * RESERVE * self._allowed:
                break
        if valid is not None and self._shape.loss in LIKELIHOODS and len(best) > 1:
            self._cool(kept, valid)
        return kept

    def _cool(self, kept: dict[str, Array], valid: Rows) -> None:
        """Divide all members' outputs by the temperature that suits the mean of their probabilities best."""
        with self._torch.no_grad():
            values = {name: self._torch.from_numpy(value) for name, value in kept.items()}
            outputs = forward(values, valid, self._shape, self._torch)
            found = [self._loss_of_mean(outputs / each, valid) for each in COMMON_TEMPERATURES]
        for name in ("w_out", "bias_out"):
            kept[name] /= np.float32(COMMON_TEMPERATURES[int(np.argmin(found))])

    def _loss_of_mean(self, outputs: Any, rows: Rows) -> float:
        """Return the log loss of the mean of the members' probabilities; outputs: `(n_members, n_rows, n_outputs)`."""
        functional = self._torch.nn.functional
        if self._shape.loss == LABELS:
            shares = self._torch.sigmoid(outputs).mean(0)
            losses = functional.binary_cross_entropy(shares, rows.target, reduction="none").mean(1)
        else:
            shares = functional.softmax(outputs, 2).mean(0)
            losses = functional.nll_loss(shares.clamp_min(LEAST_SHARE).log(), rows.target, reduction="none")
        return float(self._weighted(losses[None], rows)[0])

    def _affordable(self, valid: Rows | None, context: FitContext) -> int:
        """Return the epochs that fit into the time left, after a few steps that show the pace."""
        self._allowed = context.seconds_left()
        if math.isinf(self._allowed):
            self._allowed = 0.0
            return 10**6
        order = self._torch.randperm(len(self._train.target), generator=self._generator)
        started = time.monotonic()
        for step in range(PROBE_STEPS):
            first = step * self._batch % len(order)
            self._step(order[first : first + self._batch], 1e-6)
        pace = (time.monotonic() - started) / PROBE_STEPS
        share = 1.3 if valid is None else 1.3 + 0.4 * len(valid.target) / max(1, len(self._train.target))
        left = (1.0 - RESERVE) * context.seconds_left()
        return int(np.clip(left / (pace * self._n_steps * share), 1, 10**6))

    def _step(self, rows: Any, done: float) -> None:
        params = self._shape.params
        rate = self._rate * 0.5 * (1.0 - math.cos(2 * math.pi * math.log2(1.0 + (2**CYCLES - 1) * done)))
        flat = 1.0 if done < 0.5 else 0.5 * (1.0 + math.cos(math.pi * (2 * done - 1.0)))
        decay = float(params.get("weight_decay", 0.02)) * flat
        share = float(params.get("dropout", 0.15)) * flat
        functional = self._torch.nn.functional
        drop = (lambda hidden: functional.dropout(hidden, share)) if share > 0 else None
        self._optimizer.clear()
        outputs = forward(self._tensors, _take(self._train, rows), self._shape, self._torch, drop)
        loss = self._losses(outputs, self._train.target[rows])
        weights = None if self._train.weights is None else self._train.weights[rows]
        each = loss.mean(1) if weights is None else (loss * weights).sum(1) / weights.sum().clamp_min(1e-12)
        each.sum().backward()
        self._optimizer.step([rate * each for each in self._factors], [decay * each for each in self._decays])

    def _losses(self, outputs: Any, target: Any) -> Any:
        """Return `(n_members, n_rows)`."""
        functional, count = self._torch.nn.functional, len(outputs)
        if self._shape.loss == "classes":
            found = functional.cross_entropy(outputs.flatten(0, 1), target.repeat(count), reduction="none")
            return found.reshape(count, -1)
        if self._shape.loss == ALL_LEVELS:
            missing = target[:, None] - outputs
            levels = missing.new_tensor(self._shape.quantiles)
            return self._torch.maximum(levels * missing, (levels - 1.0) * missing).mean(2)
        quantile = quantile_of(self._shape.loss)
        if quantile is not None:  # the pinball loss: what is missing counts so much, what is too much the rest
            missing = target - outputs[:, :, 0]
            return self._torch.maximum(quantile * missing, (quantile - 1.0) * missing)
        goal = target.expand(count, *target.shape)
        if self._shape.loss == LABELS:
            return functional.binary_cross_entropy_with_logits(outputs, goal, reduction="none").mean(2)
        measure = functional.l1_loss if self._shape.loss == "absolute" else functional.mse_loss
        if target.ndim == 2:
            return measure(outputs, goal, reduction="none").mean(2)
        return measure(outputs[:, :, 0], goal, reduction="none")

    def _losses_of(self, valid: Rows | None, epoch: int) -> tuple[Array, Array]:
        """Return each member's least validation loss over a few temperatures, and which it was.

        An epoch is judged as it would be once calibrated (Berta et al., "Rethinking early stopping: refine, then
        calibrate", 2025). Without validation rows the last epoch is the best.
        """
        count = len(self._tensors["scale"])
        if valid is None:
            return np.full(count, -float(epoch)), np.ones(count)
        with self._torch.no_grad():
            outputs = forward(self._tensors, valid, self._shape, self._torch)
            tried = np.array(TEMPERATURES if self._shape.loss in LIKELIHOODS else (1.0,))
            found = np.stack([self._weighted(self._losses(outputs / each, valid.target), valid) for each in tried])
        place = found.argmin(axis=0)
        return found[place, np.arange(count)], tried[place]

    def _weighted(self, losses: Any, rows: Rows) -> Array:
        found = np.asarray((losses if rows.weights is None else losses * rows.weights).mean(1), dtype=np.float64)
        return np.where(np.isfinite(found), found, math.inf)

    def _arrays(self) -> dict[str, Array]:
        return {name: value.detach().numpy().copy() for name, value in self._tensors.items()}

    def _keep(self, kept: dict[str, Array], members: Array, temperatures: Array) -> None:
        """Take over some members' parameters, the last layer's divided by their temperature."""
        if not len(members):
            return
        for name, value in self._tensors.items():
            found = value.detach().numpy()[members]
            if name in ("w_out", "bias_out"):
                found = found / temperatures[members].astype(np.float32).reshape(-1, *[1] * (found.ndim - 1))
            kept[name][members] = found


def _take(rows: Rows, chosen: Any) -> Rows:
    return Rows(rows.numbers[chosen], rows.plain[chosen], rows.embedded[chosen], rows.target[chosen])


def _factor(name: str) -> float:
    kind = "period" if name.startswith("period") else name.split("_")[0]
    return FACTORS.get(kind, 1.0)


def _decays(name: str) -> bool:
    return name.startswith("w_")
