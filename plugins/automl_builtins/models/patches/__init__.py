"""Image model without a network: how much of an image looks like each of many learnt patches, and a linear model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl.plugin_api import (
    Choice,
    ColumnKind,
    Domain,
    FitSize,
    Float,
    ModelSpec,
    Resources,
    hookimpl,
)
from automl_builtins.models.patches.learner import PatchLearner


def patches_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    params = size.params
    filters, side, grid = int(params.get("filters", 800)), int(params.get("side", 32)), int(params.get("grid", 3))
    places = (side - int(params.get("size", 6)) + 1) ** 2
    n_features = grid**2 * filters * (1 if params.get("mirror", True) else 2)
    seconds = 1.0 + 4e-3 * filters + 9e-9 * 1.5 * size.n_rows * places * filters
    seconds += (
        6 * min(size.n_rows, n_features) ** 3 / 4e10 + size.n_rows * n_features * min(size.n_rows, n_features) / 4e10
    )
    return Resources(seconds=float(seconds), memory_mb=300.0 + 16 * size.n_rows * n_features / 2**20)


SPACE: dict[str, Domain] = {
    "filters": Choice((100, 200, 400, 800, 1200)),
    "size": Choice((5, 6, 7, 8)),
    "grid": Choice((2, 3, 4)),
    "threshold": Float(0.1, 1.0, log=True),
    "mirror": Choice((True, False)),
    "side": Choice((32, 48)),
}


def _default(filters: int, size: int, grid: int, mirror: bool, side: int = 32) -> Mapping[str, Any]:
    return {"filters": filters, "size": size, "grid": grid, "threshold": 0.25, "mirror": mirror, "side": side}


PATCHES = ModelSpec(
    name="patches",
    build=PatchLearner,
    space=SPACE,
    defaults=(
        _default(400, 6, 3, True),
        _default(100, 6, 3, True),
        _default(800, 6, 3, True),
        _default(400, 6, 3, False),
        _default(800, 8, 3, True),
    ),
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.IMAGE}),
    accepts_missing=True,
    requires=("scipy",),
    resources=patches_resources,
    needs=frozenset({ColumnKind.IMAGE}),
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the model."""
    return (PATCHES,)
