"""LightGBM (Ke et al., NeurIPS 2017) by its native API: binned once for all folds, stopped early and in time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    BuildRequest,
    Choice,
    ColumnKind,
    Domain,
    FitSize,
    Float,
    Int,
    Learner,
    ModelSpec,
    Resources,
    TaskKind,
    hookimpl,
)
from automl_builtins.kinds import RANKING
from automl_builtins.models._shared.levels import WITH_QUANTILES, LevelByLevel, as_one_value, levels_of
from automl_builtins.models.lightgbm.learner import LAMBDARANK, MAX_ROUNDS, LightGBMLearner
from automl_builtins.models.lightgbm.linear_leaves import MOST_LEAVES

LINEAR_SECONDS = 2.5e-9
"""Of a row, times the square of the splits before its leaf, for what a tree with linear leaves takes more."""
USUAL_ROUNDS = 7.0
"""Rounds times learning rate that a fit with validation rows takes on a thousand rows, patience included."""


def build_lightgbm(request: BuildRequest) -> Learner:
    """Return the learner; of quantiles there is one for each level, all on the same bins."""
    return LevelByLevel(request, LightGBMLearner) if levels_of(request.task) else LightGBMLearner(request)


def lightgbm_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold; of quantiles that of a value for each level."""
    levels = levels_of(size.task)
    if levels:
        one = lightgbm_resources(replace(size, task=as_one_value(size.task)))
        return Resources(seconds=len(levels) * one.seconds, memory_mb=one.memory_mb)
    params, outputs = size.params, size.task.n_outputs if size.task.kind is TaskKind.MULTICLASS else 1
    leaves = float(min(params.get("num_leaves", 31), max(2, size.n_rows // 4)))
    columns = size.n_features * float(params.get("feature_fraction", 0.7))
    rounds = min(MAX_ROUNDS, _usual_rounds(size, leaves))
    per_row = 3e-9 * columns * np.log2(leaves + 1) + 5e-8
    per_tree = 1e-4 + size.n_rows * per_row + 8e-7 * leaves * columns
    if params.get("linear_tree"):
        leaves = min(leaves, MOST_LEAVES)
        per_tree += LINEAR_SECONDS * size.n_rows * np.log2(leaves + 1) ** 2
    predicting = 3e-8 * size.n_rows * rounds * outputs
    binning = 1e-7 * size.n_rows * size.n_features
    seconds = 0.02 + binning + predicting + rounds * outputs * per_tree / max(1, size.threads) ** 0.7
    megabytes = 30 + 6 * size.n_rows * size.n_features / 2**20 + rounds * outputs * leaves * 200 / 2**20
    return Resources(seconds=float(seconds), memory_mb=float(megabytes))


def _usual_rounds(size: FitSize, leaves: float) -> float:
    """Guess at the rounds until boosting stops: more for clean signals, many rows, small trees and random splits."""
    needed = USUAL_ROUNDS * (max(500, size.n_rows) / 1000) ** 0.35 * (31 / leaves) ** 0.3
    needed *= 1.5 if size.task.kind is TaskKind.REGRESSION else 1.0
    needed *= 0.6 if size.task.kind is TaskKind.MULTICLASS else 1.0
    needed *= 2.5 if size.params.get("extra_trees") else 1.0
    return float(needed / float(size.params.get("learning_rate", 0.08)))


SPACE: dict[str, Domain] = {
    "learning_rate": Float(0.015, 0.2, log=True),
    "num_leaves": Int(4, 200, log=True),
    "min_data_in_leaf": Int(2, 80, log=True),
    "feature_fraction": Float(0.3, 1.0),
    "bagging_fraction": Float(0.6, 1.0),
    "lambda_l1": Float(0.0, 2.0),
    "lambda_l2": Float(0.01, 10.0, log=True),
    "extra_trees": Choice((False, True)),
    "linear_tree": Choice((False, True)),
    "cat_smooth": Float(0.5, 50.0, log=True),
    "cat_l2": Float(0.5, 20.0, log=True),
    "max_cat_to_onehot": Int(4, 40, log=True),
    "min_data_per_group": Int(5, 100, log=True),
    "max_bin": Choice((63, 127, 255)),
    "prepare.categorical": Choice(("codes", "target_encoding")),
    "prepare.extra": Choice(("", "frequency", "crosses", "arithmetic")),
    "objective": Choice((LAMBDARANK, "rank_xendcg")),
}
ONLY_FOR = {"objective": frozenset({RANKING})}


def _default(
    shape: tuple[float, int, int], draw: tuple[float, float], penalty: tuple[float, float], **other: Any
) -> dict[str, Any]:
    """Return a configuration: (learning rate, leaves, rows per leaf), (shares of features, rows), (L1, L2)."""
    named = dict(zip(("learning_rate", "num_leaves", "min_data_in_leaf"), shape, strict=True))
    named |= dict(zip(("feature_fraction", "bagging_fraction"), draw, strict=True))
    named |= dict(zip(("lambda_l1", "lambda_l2"), penalty, strict=True))
    categories = {"cat_smooth": 3.0, "cat_l2": 5.0, "max_cat_to_onehot": 12, "min_data_per_group": 20}
    plain = {
        "extra_trees": False,
        "linear_tree": False,
        "max_bin": 255,
        "prepare.categorical": "codes",
        "prepare.extra": "",
    }
    return {**named, **categories, **plain, **other}


DEFAULTS = (
    _default((0.07, 31, 20), (0.7, 0.9), (0.5, 0.5)),
    _default((0.12, 72, 4), (0.5, 0.9), (0.5, 2.0), extra_trees=True),
    _default((0.04, 40, 30), (0.85, 0.95), (0.6, 0.3), cat_smooth=1.5, cat_l2=10.0, max_bin=127),
    _default((0.12, 5, 10), (0.6, 0.9), (0.1, 0.5), max_bin=127),
    _default((0.05, 120, 8), (0.45, 0.85), (0.1, 3.0), **{"prepare.categorical": "target_encoding"}),
    _default((0.1, 12, 5), (0.45, 0.75), (0.5, 0.3), max_bin=63),
    _default((0.16, 10, 3), (0.8, 0.7), (0.9, 0.1), extra_trees=True, cat_smooth=1.0),
    _default((0.02, 18, 8), (0.5, 0.8), (0.2, 1.0), cat_smooth=30.0, min_data_per_group=100),
    _default((0.1, 15, 20), (0.7, 0.9), (0.1, 0.5), linear_tree=True),
    _default((0.05, 8, 10), (0.7, 0.9), (0.1, 0.5), linear_tree=True),
    _default((0.07, 31, 20), (0.7, 0.9), (0.5, 0.5), objective="rank_xendcg"),
    _default((0.04, 15, 20), (0.5, 0.8), (0.1, 0.5), objective="rank_xendcg"),
)
"""Picked by hand after measuring some forty on 14 public tables of 400 to 9,000 rows: good alone first, then unlike;
those of linear leaves on 23 tables of up to 1,800 rows."""

LIGHTGBM = ModelSpec(
    name="lightgbm",
    aliases=("lgbm",),
    build=build_lightgbm,
    space=SPACE,
    only_for=ONLY_FOR,
    defaults=DEFAULTS,
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL}),
    tasks=WITH_QUANTILES | {RANKING},
    accepts_missing=True,
    requires=("lightgbm",),
    preload=("lightgbm", __name__),
    install="pip install lightgbm",
    resources=lightgbm_resources,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer LightGBM."""
    return (LIGHTGBM,)
