"""Train the network: time decides how many epochs, validation rows which of them is kept."""

from __future__ import annotations

import math
import time

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models.network.activations import dropout_of
from automl_builtins.models.network.adam import AdamW
from automl_builtins.models.network.losses import loss_of_mean, losses_of, slopes_of
from automl_builtins.models.network.passes import Trace, backward, forward, outputs_of
from automl_builtins.models.network.shape import LIKELIHOODS, Rows, Shape, batch_of, initial_values, n_members

BETAS = (0.9, 0.95)
CYCLES = 4
LEAST_SHARE = 1e-7
VALUES_RATE = 2.5
"""How much larger the learning rate is for values than for classes."""
RESERVE, PROBE_STEPS = 0.15, 6
TEMPERATURES = (1.0, 0.8, 1.25, 1.5, 1.8, 2.2, 3.0)
COMMON_TEMPERATURES = (1.0, 0.8, 0.9, 1.12, 1.25)
"""Of all members together, besides each one's own: the mean of calibrated probabilities is mostly too cautious. Few,
since the rows that choose are those that chose the epochs, on which the members look better than they are."""
FACTORS = {"scale": 6.0, "bias": 0.1, "period": 0.1}
"""Learning rates of some parameters, relative to that of the weights."""


def train_network(shape: Shape, train: Rows, valid: Rows | None, context: FitContext) -> dict[str, Array]:
    """Return the parameters of each member's best epoch, as arrays by name, the first axis of which is the members'."""
    count = n_members(shape.params, len(train.target), shape.n_inputs, shape.n_outputs)
    further = [np.random.default_rng([context.seed, number]) for number in range(1, count)]
    members = [initial_values(shape, train, rng) for rng in (np.random.default_rng(context.seed), *further)]
    values = {name: np.stack([member[name] for member in members]) for name in members[0]}
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # an epoch that is lost is not kept
        return _Trainer(shape, values, train, context).run(valid)


class _Trainer:
    """The loop over epochs."""

    def __init__(self, shape: Shape, values: dict[str, Array], train: Rows, context: FitContext) -> None:
        """Make the optimizer, with a rate and a decay for each kind of parameter."""
        self._shape, self._train, self._context = shape, train, context
        own = 1.0 if shape.loss in LIKELIHOODS else VALUES_RATE
        self._rate = float(shape.params.get("learning_rate", 0.04)) * own
        self._optimizer = AdamW(values, BETAS, {name: (_factor(name), float(_decays(name))) for name in values})
        self._values = self._optimizer.values
        self._rng = np.random.Generator(np.random.SFC64([context.seed, len(train.target)]))
        self._batch = batch_of(len(train.target))
        self._n_steps = max(1, math.ceil(len(train.target) / self._batch))
        self._allowed = 0.0

    def run(self, valid: Rows | None) -> dict[str, Array]:
        """Train for as many epochs as are wanted and fit into the time; return the best epoch's parameters."""
        epochs = max(1, int(self._shape.params.get("epochs", 48)))
        epochs = min(epochs, self._affordable(valid))
        kept = {name: value.copy() for name, value in self._values.items()}
        best = np.full(len(kept["scale"]), math.inf)
        for epoch in range(epochs):
            self._train_epoch(epoch, epochs)
            losses, temperatures = self._losses_of(valid, epoch)
            self._keep(kept, np.flatnonzero(losses < best), temperatures)
            best = np.minimum(losses, best)
            if self._is_late():
                break
        if valid is not None and self._shape.loss in LIKELIHOODS and len(best) > 1:
            self._cool(kept, valid)
        return kept

    def _train_epoch(self, epoch: int, epochs: int) -> None:
        order, total = self._rng.permutation(len(self._train.target)), epochs * self._n_steps
        for step in range(self._n_steps):
            if step % PROBE_STEPS == 0 and self._is_late():
                return
            rows = order[step * self._batch : (step + 1) * self._batch]
            self._step(rows, (epoch * self._n_steps + step + 1) / total)

    def _is_late(self) -> bool:
        return self._context.seconds_left() < 0.5 * RESERVE * self._allowed

    def _affordable(self, valid: Rows | None) -> int:
        """Return the epochs that fit into the time left, after a few steps that show the pace."""
        allowed = self._context.seconds_left()
        if math.isinf(allowed):
            return 10**6
        self._allowed = allowed
        order = self._rng.permutation(len(self._train.target))
        started = time.monotonic()
        for step in range(PROBE_STEPS):
            first = step * self._batch % len(order)
            self._step(order[first : first + self._batch], 1e-6)
        pace = (time.monotonic() - started) / PROBE_STEPS
        share = 1.3 if valid is None else 1.3 + 0.4 * len(valid.target) / max(1, len(self._train.target))
        left = (1.0 - RESERVE) * self._context.seconds_left()
        return int(np.clip(left / (pace * self._n_steps * share), 1, 10**6))

    def _step(self, chosen: Array, done: float) -> None:
        params, rows, trace = self._shape.params, self._train.take(chosen), Trace()
        rate = self._rate * 0.5 * (1.0 - math.cos(2 * math.pi * math.log2(1.0 + (2**CYCLES - 1) * done)))
        flat = 1.0 if done < 0.5 else 0.5 * (1.0 + math.cos(math.pi * (2 * done - 1.0)))
        dropout = dropout_of(float(params.get("dropout", 0.15)) * flat, self._rng)
        outputs = forward(self._values, rows, self._shape, trace, dropout)
        slopes = slopes_of(outputs, rows.target, self._shape).astype(np.float32, copy=False)
        if rows.weights is None:
            slopes /= len(chosen)
        else:
            slopes *= (rows.weights / max(float(rows.weights.sum()), 1e-12)).astype(np.float32)[:, None]
        backward(self._values, rows, self._shape, trace, slopes, self._optimizer.slopes)
        self._optimizer.step(rate, float(params.get("weight_decay", 0.02)) * flat)

    def _losses_of(self, valid: Rows | None, epoch: int) -> tuple[Array, Array]:
        """Return each member's least validation loss over a few temperatures, and which it was.

        An epoch is judged as it would be once calibrated (Berta et al., "Rethinking early stopping: refine, then
        calibrate", 2025). Without validation rows the last epoch is the best.
        """
        count = len(self._values["scale"])
        if valid is None:
            return np.full(count, -float(epoch)), np.ones(count)
        outputs = outputs_of(self._values, valid, self._shape)
        tried = np.array(TEMPERATURES if self._shape.loss in LIKELIHOODS else (1.0,))
        found = np.stack(
            [_weighted(losses_of(outputs / np.float32(each), valid.target, self._shape), valid) for each in tried]
        )
        place = found.argmin(axis=0)
        return found[place, np.arange(count)], tried[place]

    def _keep(self, kept: dict[str, Array], members: Array, temperatures: Array) -> None:
        """Take over some members' parameters, the last layer's divided by their temperature."""
        for name, value in self._values.items() if len(members) else ():
            found = value[members]
            if name in ("w_out", "bias_out"):
                found = found / temperatures[members].astype(np.float32).reshape(-1, *[1] * (found.ndim - 1))
            kept[name][members] = found

    def _cool(self, kept: dict[str, Array], valid: Rows) -> None:
        """Divide all members' outputs by the temperature that suits the mean of their probabilities best."""
        outputs = outputs_of(kept, valid, self._shape)
        found = [
            _weighted(loss_of_mean(outputs / np.float32(each), valid.target, self._shape, LEAST_SHARE), valid)[0]
            for each in COMMON_TEMPERATURES
        ]
        for name in ("w_out", "bias_out"):
            kept[name] /= np.float32(COMMON_TEMPERATURES[int(np.argmin(found))])


def _weighted(losses: Array, rows: Rows) -> Array:
    found = np.asarray((losses if rows.weights is None else losses * rows.weights).mean(axis=1), dtype=np.float64)
    return np.where(np.isfinite(found), found, math.inf)


def _factor(name: str) -> float:
    kind = "period" if name.startswith("period") else name.split("_")[0]
    return FACTORS.get(kind, 1.0)


def _decays(name: str) -> bool:
    return name.startswith("w_")
