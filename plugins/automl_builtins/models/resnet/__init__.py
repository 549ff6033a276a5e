"""Image model on torch: a residual network, small and from scratch or pretrained and fine-tuned, beside numbers."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

from automl.plugin_api import (
    PRETRAINED,
    Choice,
    ColumnKind,
    Domain,
    FitSize,
    Float,
    Int,
    ModelSpec,
    Resources,
    hookimpl,
    weights_path,
)
from automl_builtins.models.resnet.layers import (
    SCRATCH,
)
from automl_builtins.models.resnet.learner import ResNetLearner


def resnet_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    params = size.params
    side, width = int(params.get("side", 32)), int(params.get("width", 16))
    flops = 6 * 18e6 * (width / 16) ** 2 * (side / 32) ** 2
    if params.get("weights", SCRATCH):
        flops = 6 * 1.8e9 * (side / 224) ** 2 * (0.4 if params.get("train") == "head" else 1.0)
    pace = 2e13 if size.device != "cpu" else 3e10 * max(1, size.threads) ** 0.8
    seconds = 4.0 + int(params.get("epochs", 30)) * 0.8 * size.n_rows * flops / pace
    return Resources(seconds, memory_mb=700.0 + 2e-5 * flops + size.n_rows * side**2 * 3 / 2**20)


def resnet_limits(size: FitSize) -> str:
    """Refuse pretrained weights that are not there."""
    weights = str(size.params.get("weights", SCRATCH))
    if weights == SCRATCH:
        return ""
    if importlib.util.find_spec("transformers") is None:
        return "transformers is not installed; run: pip install 'ensemble-automl[image]'"
    try:
        weights_path(weights)
    except LookupError as error:
        return str(error)
    return ""


def _scratch(rate: float, width: int, epochs: int, mix: float) -> Mapping[str, Any]:
    return {
        "weights": SCRATCH, "train": "all", "learning_rate": rate, "width": width, "epochs": epochs, "mix": mix,
        "side": 32, "dropout": 0.1, "weight_decay": 0.05, "mirror": True, "batch": 64,
    }  # fmt: skip


def _tuned(weights: str, train: str, epochs: int) -> Mapping[str, Any]:
    return {
        "weights": weights, "train": train, "learning_rate": 1e-3, "epochs": epochs, "mix": 0.0, "side": 128,
        "dropout": 0.1, "weight_decay": 0.05, "mirror": True, "batch": 32,
    }  # fmt: skip


def resnet_spec(weights: tuple[str, ...] = (PRETRAINED,)) -> ModelSpec:
    """Return the model, with configurations for pretrained networks besides those from scratch."""
    space: dict[str, Domain] = {
        "weights": Choice((SCRATCH, *weights)),
        "train": Choice(("all", "head")),
        "learning_rate": Float(3e-4, 2e-2, log=True),
        "width": Choice((12, 16, 24, 32)),
        "epochs": Int(2, 60, log=True),
        "mix": Choice((0.0, 0.3, 0.6)),
        "side": Choice((32, 48, 64, 96, 128, 160, 224)),
        "dropout": Float(0.0, 0.4),
        "weight_decay": Float(0.005, 0.2, log=True),
        "mirror": Choice((True, False)),
        "batch": Choice((32, 64, 128)),
    }
    tuned = [_tuned(each, train, epochs) for train, epochs in (("head", 2), ("all", 5)) for each in weights]
    return ModelSpec(
        name="resnet",
        build=ResNetLearner,
        space=space,
        defaults=(*tuned, _scratch(5e-3, 16, 20, 0.0), _scratch(5e-3, 16, 8, 0.0), _scratch(5e-3, 24, 40, 0.3)),
        accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.IMAGE}),
        accepts_missing=True,
        requires=("torch",),
        install="pip install 'ensemble-automl[image]'",
        resources=resnet_resources,
        limits=resnet_limits,
        runtime="torch",
        preload=("torch", __name__),
        needs=frozenset({ColumnKind.IMAGE}),
        gpu=True,
        pretrained="image",
    )


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the model."""
    return (resnet_spec(),)
