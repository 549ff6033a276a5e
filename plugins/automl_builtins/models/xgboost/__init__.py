"""XGBoost (Chen and Guestrin, KDD 2016) by its native API: histograms kept for each fold, stopped early and in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import (
    Choice,
    ColumnKind,
    Domain,
    FitSize,
    Float,
    Int,
    ModelSpec,
    Resources,
    TaskKind,
    hookimpl,
)
from automl_builtins.kinds import RANKING
from automl_builtins.models._shared.levels import WITH_QUANTILES, as_one_value, levels_of
from automl_builtins.models.xgboost.learner import MAX_ROUNDS, XGBoostLearner


def xgboost_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    params, several = size.params, size.task.kind is TaskKind.MULTICLASS or levels_of(size.task)
    outputs = size.task.n_outputs if several else 1
    leaves = float(min(_most_leaves(params), max(2, size.n_rows // 4)))
    rate = float(params.get("learning_rate", 0.08))
    usual = 28.0 if as_one_value(size.task).kind is TaskKind.REGRESSION else 11.0
    rounds = min(MAX_ROUNDS, usual / rate * (max(500, size.n_rows) / 8000) ** 0.3)
    columns = size.n_features * float(params.get("colsample_bylevel", 1.0))
    per_tree = 3e-4 + 1.2e-6 * leaves * columns * float(params.get("max_bin", 256)) / 256
    per_tree += size.n_rows * (3e-8 + 4e-9 * columns * np.log2(leaves + 1))
    reading = 3e-7 * size.n_rows * size.n_features
    seconds = 0.05 + reading + rounds * outputs * per_tree / max(1, size.threads) ** 0.7
    megabytes = 40 + 10 * size.n_rows * size.n_features / 2**20 + rounds * outputs * leaves * 120 / 2**20
    return Resources(seconds=float(seconds), memory_mb=float(megabytes))


def _most_leaves(params: Mapping[str, Any]) -> int:
    if params.get("grow_policy") == "lossguide":
        return int(params.get("max_leaves", 64))
    return 1 << int(params.get("max_depth", 6))


SPACE: dict[str, Domain] = {
    "learning_rate": Float(0.03, 0.2, log=True),
    "grow_policy": Choice(("depthwise", "lossguide")),
    "max_depth": Int(3, 10),
    "max_leaves": Int(8, 200, log=True),
    "min_child_weight": Float(0.001, 20.0, log=True),
    "subsample": Float(0.5, 1.0),
    "colsample_bylevel": Float(0.3, 1.0),
    "reg_lambda": Float(0.01, 20.0, log=True),
    "reg_alpha": Float(0.0, 5.0),
    "max_cat_to_onehot": Int(2, 40, log=True),
    "max_cat_threshold": Int(16, 128, log=True),
    "max_bin": Choice((64, 128, 256)),
    "prepare.categorical": Choice(("codes", "target_encoding")),
}


def _default(shape: Mapping[str, Any], draw: tuple[float, float], penalty: tuple[float, float]) -> dict[str, Any]:
    """Return a configuration: its trees, (shares of rows, features), (L1, L2)."""
    named = dict(zip(("subsample", "colsample_bylevel"), draw, strict=True))
    named |= dict(zip(("reg_alpha", "reg_lambda"), penalty, strict=True))
    plain = {"max_cat_to_onehot": 4, "max_bin": 256, "prepare.categorical": "codes"}
    return {**named, **plain, **shape}


DEFAULTS = (
    _default({"learning_rate": 0.07, "max_depth": 6, "min_child_weight": 2.0}, (0.75, 0.7), (0.0, 3.0)),
    _default(
        {"learning_rate": 0.07, "grow_policy": "lossguide", "max_leaves": 31, "min_child_weight": 4.0},
        (0.85, 0.5),
        (0.2, 1.0),
    ),
    _default({"learning_rate": 0.12, "max_depth": 4, "min_child_weight": 0.1}, (0.9, 0.6), (0.0, 0.5)),
)
"""Set by hand after measuring a dozen on three tables of 8,000 rows: good alone first, then unlike."""

XGBOOST = ModelSpec(
    name="xgboost",
    build=XGBoostLearner,
    space=SPACE,
    defaults=DEFAULTS,
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL}),
    tasks=WITH_QUANTILES | {RANKING},
    accepts_missing=True,
    requires=("xgboost",),
    preload=("xgboost", __name__),
    install="pip install 'ensemble-automl[xgboost]'",
    resources=xgboost_resources,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer XGBoost."""
    return (XGBOOST,)
