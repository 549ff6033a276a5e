"""LightGBM (Ke et al., NeurIPS 2017) by its native API: binned once for all folds, stopped early and in time."""

from __future__ import annotations

import hashlib
import time
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
)
from automl_plugins.models._class_shares import class_shares, draw_toward

MAX_ROUNDS = 10_000
BINNING = {"max_bin": 255, "min_data_in_bin": 3}
"""The hyperparameters that shape the bins: data binned for one set of them cannot serve another."""
LOG_LOSS = {TaskKind.BINARY: "binary_logloss", TaskKind.MULTICLASS: "multi_logloss"}
SLOWEST_STEP = 0.3
"""The learning rate that is not passed when too little time is left for the one asked for."""
ROUNDS_TO_CONVERGE = 6.0
"""Rounds times learning rate after which a fit without validation rows stops."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What LightGBM optimises and stops by. A `log` target is fitted as log(1 + y)."""

    objective: str
    metric: str
    log: bool = False


class LightGBMLearner:
    """Gradient boosted trees on a binned matrix."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._model = ""
        self._booster: Any = None
        self._scale = TargetScale()
        self._shares: Array | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Boost until the validation loss stops falling, or the time is nearly over; keep the best round."""
        import lightgbm

        goal = choose_goal(train.task, context.metric)
        self._scale = TargetScale() if train.task.kind.is_classification else TargetScale.of(train.target, goal.log)
        self._shares = class_shares(train) if train.task.kind is TaskKind.MULTICLASS else None
        settings = booster_settings(self._params, train, goal, context)
        train_set, valid_set = bin_fold(train, valid, settings, context)
        label(train_set, train, self._scale)
        booster = lightgbm.Booster(settings, train_set)
        if valid_set is not None and valid is not None:
            label(valid_set, valid, self._scale)
            booster.add_valid(valid_set, "valid")
        limit = int(self._params.get("n_estimators", MAX_ROUNDS))
        kept = boost(booster, settings, limit, valid_set is not None, patience_of(settings, train.n_rows), context)
        self._model = booster.model_to_string(num_iteration=kept)
        self._booster = None

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if not self._model:
            raise RuntimeError("predict was called before fit.")
        if self._booster is None:
            self._booster = read_model(self._model)
        found = np.asarray(self._booster.predict(as_matrix(features), num_threads=1), dtype=np.float64)
        if self._task.kind is TaskKind.REGRESSION:
            return self._scale.back(found).reshape(-1, 1)
        if self._task.kind is TaskKind.BINARY:
            return np.column_stack([1.0 - found, found])
        return found if self._shares is None else draw_toward(found, self._shares, self._shares.min())

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the model's text, from which the booster is read again when it is needed."""
        return {**self.__dict__, "_booster": None}


@dataclass(frozen=True, slots=True)
class TargetScale:
    """A target moved to mean 0 and spread 1, so that regularisation means the same for every table."""

    centre: float = 0.0
    spread: float = 1.0
    log: bool = False

    @staticmethod
    def of(target: Array, log: bool) -> TargetScale:
        """Return the scale of a training target; a target below 0 is never put on a log scale."""
        log = bool(log and target.min() >= 0)
        values = np.log1p(target) if log else target
        return TargetScale(float(values.mean()), float(values.std()) or 1.0, log)

    def to(self, target: Array) -> Array:
        """Return the target on this scale."""
        values = np.log1p(np.maximum(target, 0)) if self.log else target
        return np.asarray((values - self.centre) / self.spread)

    def back(self, values: Array) -> Array:
        """Return values on this scale as they were."""
        found = values * self.spread + self.centre
        return np.asarray(np.expm1(found) if self.log else found)


def choose_goal(task: Task, metric: str) -> Goal:
    """Return the objective and the stopping metric that fit the search's metric."""
    if task.kind is TaskKind.BINARY:
        return Goal("binary", "auc" if metric == "roc_auc" else LOG_LOSS[task.kind])
    if task.kind is TaskKind.MULTICLASS:
        return Goal("multiclass", LOG_LOSS[task.kind])
    if metric in {"mae", "median_absolute_error"}:
        return Goal("regression_l1", "l1")
    return Goal("regression", "l2", log=metric in {"rmsle", "msle"})


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
    if goal.objective == "multiclass":
        settings["num_class"] = train.task.n_outputs
    return settings


def bin_fold(train: Dataset, valid: Dataset | None, settings: dict[str, Any], context: FitContext) -> tuple[Any, Any]:
    """Return the binned training and validation rows.

    Bins are made of all rows of the stored table where its preparation needs no fit, once for all folds; otherwise of
    the fold's training rows, once for all configurations. Bins depend on the features alone, never on the target.
    """
    shared = train.base is not None and (valid is None or valid.base is not None)
    source = train.base if shared and train.base is not None else train
    key = ("lightgbm", source.fingerprint, _digest(source.rows), *(settings[name] for name in BINNING))

    def build() -> Any:
        return bin_rows(source, settings)

    binned = context.cache.get_or_build(key, build) if source.fingerprint else build()
    if not shared:
        return binned.subset(np.arange(train.n_rows)), None if valid is None else bin_rows(valid, settings, binned)
    return binned.subset(train.rows), None if valid is None else binned.subset(valid.rows)
