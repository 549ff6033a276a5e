"""A neural network for tables on torch, after RealMLP (Holzmüller et al., NeurIPS 2024); predicts with NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Choice,
    ColumnKind,
    Dataset,
    Domain,
    Features,
    FitContext,
    FitSize,
    Float,
    Int,
    ModelSpec,
    Resources,
    hookimpl,
    quantile_of,
)
from automl_builtins.models._shared.class_shares import class_shares, draw_toward, has_one_class
from automl_builtins.models._shared.objectives import ABSOLUTE, SQUARED_LOG
from automl_builtins.models._shared.target_scale import TargetScale
from automl_builtins.models.network.inputs import NetworkInputs, learn_inputs
from automl_builtins.models.network.training import Rows, Shape, forward, train_network

CHUNK = 8_192
"""Rows that are predicted at once, which bounds the memory."""
MOST_FEATURES = 1_500


class NetworkLearner:
    """A multilayer perceptron with periodic inputs, embeddings and one cycle of learning rates after another."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._values: dict[str, Array] = {}
        self._inputs: NetworkInputs | None = None
        self._shape: Shape | None = None
        self._scale = TargetScale()
        self._shares: Array | None = None
        self._rows = 0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Train until the time is nearly over or the epochs are done; keep the epoch with the least validation loss."""
        classification = train.task.kind.is_classification
        self._rows = train.n_rows
        self._shares = class_shares(train) if classification else None
        log = context.objective == SQUARED_LOG
        self._scale = TargetScale() if classification else TargetScale.of(train.target, log)
        if has_one_class(train):
            return
        self._inputs = learn_inputs(train)
        loss = "classes" if classification else loss_of_values(context.objective)
        n_outputs = train.task.n_outputs
        self._shape = Shape(
            len(self._inputs.numbers), self._inputs.n_plain, self._inputs.large_levels, n_outputs, loss, self._params
        )
        held = None if valid is None else self._taken(valid)
        self._values = train_network(self._shape, self._taken(train), held, context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if not self._rows:
            raise RuntimeError("predict was called before fit.")
        if self._inputs is None or self._shape is None:
            return np.tile(self._shares if self._shares is not None else np.zeros(1), (features.shape[0], 1))
        numbers, plain, embedded = self._inputs.apply(features)
        target = np.zeros(0)
        # A matrix product adds in an order that depends on the number of rows: worked out in float64 and rounded to
        # float32, a row gives the same alone and among others.
        values = {name: value.astype(np.float64) for name, value in self._values.items()}
        parts = [
            forward(values, Rows(numbers[k].astype(np.float64), plain[k], embedded[k], target), self._shape, np)
            for k in (slice(start, start + CHUNK) for start in range(0, len(numbers), CHUNK))
        ]
        outputs = (
            np.concatenate(parts).astype(np.float32).astype(np.float64)
            if parts
            else np.zeros((0, self._task.n_outputs))
        )
        if self._shares is None:
            return self._scale.back(np.nan_to_num(outputs), bounded=True)
        outputs = np.exp(np.nan_to_num(outputs - outputs.max(axis=1, keepdims=True)))
        return draw_toward(outputs / outputs.sum(axis=1, keepdims=True), self._shares, self._rows)

    def _taken(self, data: Dataset) -> Rows:
        assert self._inputs is not None
        numbers, plain, embedded = self._inputs.apply(data.features)
        is_class = data.task.kind.is_classification
        target = data.target.astype(np.int64) if is_class else self._scale.to(data.target).astype(np.float32)
        return Rows(numbers, plain, embedded, target, data.weights)


def loss_of_values(objective: str) -> str:
    """Return what the network minimises for the loss that the search's metric asks for: one that it has, or squares."""
    return objective if objective == ABSOLUTE or quantile_of(objective) is not None else "squared"


def network_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    params = size.params
    width, layers = int(params.get("width", 192)), int(params.get("layers", 3))
    flops = 6.0 * (4.5 * size.n_features * width + layers * width**2) + 600.0 * size.n_features
    each = flops / 2.2e10 + 4e-6
    seconds = 3.0 + int(params.get("epochs", 48)) * (1.2 * size.n_rows * each + 0.01) / max(1, size.threads) ** 0.5
    return Resources(seconds=float(seconds), memory_mb=400.0 + 40 * size.n_rows * size.n_features / 2**20)


def network_limits(size: FitSize) -> str:
    """Refuse tables so wide that an epoch would not fit into any sensible time."""
    if size.n_features > MOST_FEATURES:
        return f"has {size.n_features} features; the network takes {MOST_FEATURES}"
    return ""


SPACE: dict[str, Domain] = {
    "learning_rate": Float(0.01, 0.2, log=True),
    "width": Choice((96, 128, 192, 256)),
    "layers": Int(2, 4),
    "dropout": Float(0.0, 0.4),
    "weight_decay": Float(0.001, 0.1, log=True),
    "period_spread": Float(0.03, 2.0, log=True),
    "frequencies": Choice((8, 12, 16)),
    "embedding": Choice((4, 8, 12)),
    "epochs": Int(12, 96, log=True),
}


def _default(rate: float, width: int, layers: int, dropout: float, spread: float, epochs: int) -> Mapping[str, Any]:
    named = {"learning_rate": rate, "width": width, "layers": layers, "dropout": dropout, "period_spread": spread}
    return {**named, "epochs": epochs, "weight_decay": 0.02, "frequencies": 12, "embedding": 8}


DEFAULTS = (
    _default(0.04, 256, 3, 0.2, 0.1, 24),
    _default(0.02, 192, 3, 0.3, 0.05, 32),
    _default(0.06, 128, 3, 0.2, 0.05, 24),
    _default(0.04, 192, 2, 0.1, 0.5, 48),
)

NETWORK = ModelSpec(
    name="network",
    build=NetworkLearner,
    space=SPACE,
    defaults=DEFAULTS,
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL}),
    accepts_missing=True,
    requires=("torch",),
    install="pip install 'ensemble-automl[torch]'",
    resources=network_resources,
    limits=network_limits,
    runtime="torch",
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the network."""
    return (NETWORK,)
