"""LightGBM (Ke et al., NeurIPS 2017) by its native API: binned once for all folds, stopped early and in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    Task,
    TaskKind,
    as_matrix,
    hookimpl,
    quantile_of,
)
from automl_builtins.models._shared.boosting import BINNING, attach_target, bin_fold, boost, load_lightgbm, read_model
from automl_builtins.models._shared.class_shares import class_shares, draw_toward
from automl_builtins.models._shared.decision_values import class_probabilities
from automl_builtins.models._shared.objectives import ABSOLUTE, SQUARED_LOG
from automl_builtins.models._shared.target_scale import TargetScale
from automl_builtins.models.lightgbm.bit_trees import BitTrees
from automl_builtins.models.lightgbm.single_rows import FEW_ROWS, SingleRows, single_rows

MAX_ROUNDS = 5000
ROWS_WITH_BITS = 2000
"""From so many rows on the trees are walked by bit masks, once the masks have been made."""
ROWS_FOR_BITS, ROWS_FOR_LEAF = 1200, 80
"""Rows from which on making the masks pays: so many, and so many more for each leaf of a tree."""
LOG_LOSS = {TaskKind.BINARY: "binary_logloss", TaskKind.MULTICLASS: "multi_logloss"}
ROUNDS_TO_CONVERGE = 6.0
"""Rounds times learning rate after which a fit without validation rows stops."""
USUAL_ROUNDS = 7.0
"""Rounds times learning rate that a fit with validation rows takes on a thousand rows, patience included."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What LightGBM optimises and stops by. A `log` target is fitted as log(1 + y); `quantile` is of the target."""

    objective: str
    metric: str
    log: bool = False
    quantile: float = 0.5


class LightGBMLearner:
    """Gradient boosted trees on a binned matrix."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._model = ""
        self._booster: Any = None
        self._bits: BitTrees | None = None
        self._single: SingleRows | None = None
        self._scale = TargetScale()
        self._shares: Array | None = None
        self._rows = 0
        self._rounds, self._rate = 0, 0.0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Boost until the validation loss stops falling, or the time is nearly over; keep the best round."""
        goal = choose_goal(train.task, context.objective)
        self._scale = TargetScale() if train.task.kind.is_classification else TargetScale.of(train.target, goal.log)
        self._shares = class_shares(train) if train.task.kind is TaskKind.MULTICLASS else None
        self._rows = train.n_rows
        settings = booster_settings(self._params, train, goal, context)
        train_set, valid_set = bin_fold(train, valid, settings, context)
        attach_target(train_set, train, self._scale)
        booster = load_lightgbm().Booster(settings, train_set)
        limit = round(ROUNDS_TO_CONVERGE / settings["learning_rate"])
        if valid_set is not None and valid is not None:
            attach_target(valid_set, valid, self._scale)
            booster.add_valid(valid_set, "valid")
            limit = MAX_ROUNDS
        limit = int(self._params.get("n_estimators", limit))
        kept = boost(booster, settings, limit, valid is not None, context)
        self._rounds, self._rate = kept, float(booster.params["learning_rate"])
        self._model = booster.model_to_string(num_iteration=kept)
        self._booster = self._bits = self._single = None

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if not self._model:
            raise RuntimeError("predict was called before fit.")
        found = self._raw(as_matrix(features))
        if self._task.kind is TaskKind.REGRESSION:
            return self._scale.back(found)
        found = class_probabilities(found)
        return found if self._shares is None else draw_toward(found, self._shares, self._rows)

    def _raw(self, matrix: Array) -> Array:
        """Return the summed values of the trees, `(n_rows, n_columns)`: the same to the last bit in either way."""
        leaves = int(self._params.get("num_leaves", 31))
        if len(matrix) >= (ROWS_FOR_BITS + ROWS_FOR_LEAF * leaves if self._bits is None else ROWS_WITH_BITS):
            self._bits = self._bits or BitTrees(self._model)
            return self._bits.raw(matrix)
        if self._booster is None:
            self._booster = read_model(self._model)
            self._single = single_rows(self._booster, matrix.shape[1])
        if self._single is not None and len(matrix) <= FEW_ROWS:
            return self._single.raw(matrix)
        found = self._booster.predict(matrix, raw_score=True, num_threads=1)
        return np.asarray(found, dtype=np.float64).reshape(len(matrix), -1)

    def refit_params(self) -> Mapping[str, Any]:
        """Return the rounds that were kept and the learning rate they were made with, which haste may have raised."""
        return {"n_estimators": self._rounds, "learning_rate": self._rate}

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the model's text, from which everything else is read again when it is needed."""
        return {**self.__dict__, "_booster": None, "_bits": None, "_single": None}


def choose_goal(task: Task, objective: str) -> Goal:
    """Return LightGBM's objective and stopping metric for the loss that the search's metric asks for."""
    if task.kind is TaskKind.BINARY:
        return Goal("binary", LOG_LOSS[task.kind])
    if task.kind is TaskKind.MULTICLASS:
        return Goal("multiclass", LOG_LOSS[task.kind])
    if objective == ABSOLUTE:
        return Goal("regression_l1", "l1")
    quantile = quantile_of(objective)
    if quantile is not None:
        return Goal("quantile", "quantile", quantile=quantile)
    return Goal("regression", "l2", log=objective == SQUARED_LOG)


def booster_settings(params: Mapping[str, Any], train: Dataset, goal: Goal, context: FitContext) -> dict[str, Any]:
    """Return all of LightGBM's parameters for one fit."""
    settings = {
        "learning_rate": 0.08,
        **BINNING,
        **{name: value for name, value in params.items() if name != "n_estimators"},
        "objective": goal.objective,
        "metric": goal.metric,
        "bagging_freq": 1,
        "feature_pre_filter": False,
        "verbosity": -1,
        "deterministic": True,
        "force_col_wise": True,
        "seed": context.seed,
        "num_threads": context.threads,
    }
    settings["min_data_in_leaf"] = min(int(settings.get("min_data_in_leaf", 20)), max(2, train.n_rows // 20))
    if float(settings.get("bagging_fraction", 1.0)) * train.n_rows < 1.0:  # LightGBM fails on a bag without rows
        settings["bagging_fraction"] = 1.0
    if goal.objective == "multiclass":
        settings["num_class"] = train.task.n_outputs
    if goal.objective == "quantile":
        settings["alpha"] = goal.quantile
    return settings


def lightgbm_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    params, outputs = size.params, size.task.n_outputs if size.task.kind is TaskKind.MULTICLASS else 1
    leaves = float(min(params.get("num_leaves", 31), max(2, size.n_rows // 4)))
    columns = size.n_features * float(params.get("feature_fraction", 0.7))
    rounds = min(MAX_ROUNDS, _usual_rounds(size, leaves))
    per_row = 3e-9 * columns * np.log2(leaves + 1) + 5e-8
    per_tree = 1e-4 + size.n_rows * per_row + 8e-7 * leaves * columns
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
    "cat_smooth": Float(0.5, 50.0, log=True),
    "cat_l2": Float(0.5, 20.0, log=True),
    "max_cat_to_onehot": Int(4, 40, log=True),
    "min_data_per_group": Int(5, 100, log=True),
    "max_bin": Choice((63, 127, 255)),
    "prepare.categorical": Choice(("codes", "target_encoding")),
    "prepare.extra": Choice(("", "frequency", "crosses", "arithmetic")),
}


def _default(
    shape: tuple[float, int, int], draw: tuple[float, float], penalty: tuple[float, float], **other: Any
) -> dict[str, Any]:
    """Return a configuration: (learning rate, leaves, rows per leaf), (shares of features, rows), (L1, L2)."""
    named = dict(zip(("learning_rate", "num_leaves", "min_data_in_leaf"), shape, strict=True))
    named |= dict(zip(("feature_fraction", "bagging_fraction"), draw, strict=True))
    named |= dict(zip(("lambda_l1", "lambda_l2"), penalty, strict=True))
    categories = {"cat_smooth": 3.0, "cat_l2": 5.0, "max_cat_to_onehot": 12, "min_data_per_group": 20}
    plain = {"extra_trees": False, "max_bin": 255, "prepare.categorical": "codes", "prepare.extra": ""}
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
)
"""Picked by hand after measuring some forty on 14 public tables of 400 to 9,000 rows: good alone first, then unlike."""

LIGHTGBM = ModelSpec(
    name="lightgbm",
    build=LightGBMLearner,
    space=SPACE,
    defaults=DEFAULTS,
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL}),
    accepts_missing=True,
    requires=("lightgbm",),
    install="pip install lightgbm",
    resources=lightgbm_resources,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer LightGBM."""
    return (LIGHTGBM,)
