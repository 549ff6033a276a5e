"""A neural network for tables, after RealMLP (Holzmüller et al., NeurIPS 2024), on NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl.plugin_api import (
    Choice,
    ColumnKind,
    Domain,
    FitSize,
    Float,
    Int,
    ModelSpec,
    Resources,
    hookimpl,
)
from automl_builtins.kinds import LIKE_VALUES
from automl_builtins.models._shared.levels import WITH_QUANTILES
from automl_builtins.models.network.learner import NetworkLearner
from automl_builtins.models.network.passes import CHUNK
from automl_builtins.models.network.shape import batch_of, most_members, n_members

MOST_FEATURES = 1_500


def network_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold, by what steps of twelve sizes took."""
    params = size.params
    width, layers, inputs = int(params.get("width", 192)), int(params.get("layers", 3)), 4.5 * size.n_features
    members = n_members(params, size.n_rows, inputs, size.task.n_outputs)
    weights = width * (inputs + (layers - 1) * width + size.task.n_outputs)
    each_row = 6.0 * weights / 7.5e10 + 1.9e-8 * width * layers + 2.1e-7 * size.n_features
    each_step = 4.4e-9 * weights * members + 1e-4 + 1e-5 * size.n_features
    epoch = size.n_rows * (members * each_row + each_step / batch_of(size.n_rows))
    seconds = 0.1 + 1.2 * int(params.get("epochs", 48)) * epoch / max(1, size.threads) ** 0.5
    most = most_members(params, weights)
    held = 40.0 * (size.n_rows * size.n_features + weights * most) + 160.0 * CHUNK * size.n_features * most
    return Resources(seconds=float(seconds), memory_mb=30.0 + held / 2**20)


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
    "members": Choice((1, 2, 4)),
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
    tasks=WITH_QUANTILES | LIKE_VALUES,
    space=SPACE,
    defaults=DEFAULTS,
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL}),
    accepts_missing=True,
    resources=network_resources,
    limits=network_limits,
    preload=(__name__,),
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the network."""
    return (NETWORK,)
