"""XGBoost (Chen and Guestrin, KDD 2016) by its native API: histograms kept for each fold, stopped early and in time."""

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
    Task,
    TaskKind,
    as_matrix,
    hookimpl,
    quantile_of,
)
from automl_builtins.models._shared.class_shares import class_shares, draw_toward, has_one_class
from automl_builtins.models._shared.decision_values import class_probabilities
from automl_builtins.models._shared.objectives import ABSOLUTE, SQUARED_LOG
from automl_builtins.models._shared.target_scale import TargetScale
from automl_builtins.models.xgboost.histograms import boost, histograms, read_model
from automl_builtins.models.xgboost.level_trees import FEW_ROWS, LevelTrees

MAX_ROUNDS = 4000
FIRST_READ = 2
"""The call for few rows on which the trees are read to be walked without XGBoost."""
ROUNDS_TO_CONVERGE = 8.0
"""Rounds times learning rate after which a fit without validation rows stops."""
OBJECTIVES = {
    TaskKind.BINARY: ("binary:logistic", "logloss"),
    TaskKind.MULTICLASS: ("multi:softprob", "mlogloss"),
    TaskKind.REGRESSION: ("reg:squarederror", "rmse"),
}


class XGBoostLearner:
    """Gradient boosted trees on histograms; categories are split into two sets."""

    _trees: LevelTrees | None = None
    _few_rows_asked = 0

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._model = b""
        self._booster: Any = None
        self._scale = TargetScale()
        self._shares: Array | None = None
        self._rows = 0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Boost until the validation loss stops falling, or the time is nearly over; keep the best round."""
        classification = train.task.kind.is_classification
        log = context.objective == SQUARED_LOG
        self._scale = TargetScale() if classification else TargetScale.of(train.target, log)
        self._shares = class_shares(train) if classification else None
        self._rows = train.n_rows
        self._model, self._booster, self._trees, self._few_rows_asked = b"", None, None, 0
        if has_one_class(train):
            return  # no margin gives a class for certain; its share is all there is to know
        settings = booster_settings(self._params, train, context)
        train_set, valid_set = histograms(train, valid, int(settings["max_bin"]), context)
        self._attach(train_set, train)
        if valid_set is not None and valid is not None:
            self._attach(valid_set, valid)
        limit = MAX_ROUNDS if valid is not None else round(ROUNDS_TO_CONVERGE / settings["learning_rate"])
        limit = int(self._params.get("n_estimators", limit))
        self._model = boost(settings, train_set, valid_set, limit, context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if self._rows == 0:
            raise RuntimeError("predict was called before fit.")
        if not self._model and self._shares is not None:
            return np.tile(self._shares, (features.shape[0], 1))
        margins = self._margins(as_matrix(features)).astype(np.float64)
        if self._task.kind is TaskKind.REGRESSION:
            return self._scale.back(margins[:, 0]).reshape(-1, 1)
        found = class_probabilities(margins)
        return found if self._shares is None else draw_toward(found, self._shares, self._rows)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the model in XGBoost's binary JSON, from which the booster is read again when it is needed."""
        return {**self.__dict__, "_booster": None, "_trees": None, "_few_rows_asked": 0}

    def _margins(self, matrix: Array) -> Array:
        """Return the summed values of the trees, `(n_rows, n_outputs)` float32: the same to the last bit either way."""
        if self._trees is not None and len(matrix) <= FEW_ROWS:
            return self._trees.margins(matrix)
        if self._booster is None:
            self._booster = read_model(self._model)
        found = self._booster.inplace_predict(matrix, predict_type="margin", validate_features=False)
        margins = np.asarray(found, dtype=np.float32).reshape(len(matrix), -1)
        if len(matrix) <= FEW_ROWS:
            self._few_rows_asked += 1
            if self._few_rows_asked == FIRST_READ:  # reading takes as long as many calls; a second asks for more
                self._trees = trees_that_agree(self._model, matrix, margins)
        return margins

    def _attach(self, rows: Any, data: Dataset) -> None:
        """Give kept rows their target and weights; both are set each time, as the rows are shared by many fits."""
        weights = np.ones(data.n_rows, dtype=np.float32) if data.weights is None else data.weights
        target = data.target if data.task.kind.is_classification else self._scale.to(data.target)
        rows.set_info(label=target, weight=weights)


def trees_that_agree(model: bytes, matrix: Array, margins: Array) -> LevelTrees | None:
    """Return the model's trees where they give XGBoost's own margins, None where its version writes them otherwise."""
    try:
        trees = LevelTrees.of(model)
        return trees if np.array_equal(trees.margins(matrix), margins) else None
    except (ValueError, IndexError):
        return None


def booster_settings(params: Mapping[str, Any], train: Dataset, context: FitContext) -> dict[str, Any]:
    """Return all of XGBoost's parameters for one fit."""
    settings = {
        "learning_rate": 0.08,
        "max_bin": 256,
        **{name: value for name, value in params.items() if name != "n_estimators"},
        **objective_settings(train.task, context.objective),
        "tree_method": "hist",
        "verbosity": 0,
        "seed": context.seed,
        "nthread": context.threads,
    }
    if settings.get("grow_policy") == "lossguide":
        settings["max_depth"] = 0
    else:
        settings.pop("max_leaves", None)
    if train.task.kind is TaskKind.MULTICLASS:
        settings["num_class"] = train.task.n_outputs
    return settings


def objective_settings(task: Task, objective: str) -> dict[str, Any]:
    """Return XGBoost's objective and stopping metric for the loss that the search's metric asks for."""
    chosen, metric = OBJECTIVES[task.kind]
    if task.kind is TaskKind.REGRESSION and objective == ABSOLUTE:
        chosen, metric = "reg:absoluteerror", "mae"
    quantile = quantile_of(objective)
    if task.kind is TaskKind.REGRESSION and quantile is not None:
        return {"objective": "reg:quantileerror", "eval_metric": "quantile", "quantile_alpha": quantile}
    return {"objective": chosen, "eval_metric": metric}


def xgboost_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    params, outputs = size.params, size.task.n_outputs if size.task.kind is TaskKind.MULTICLASS else 1
    leaves = float(min(_most_leaves(params), max(2, size.n_rows // 4)))
    rate = float(params.get("learning_rate", 0.08))
    usual = 28.0 if size.task.kind is TaskKind.REGRESSION else 11.0
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
    accepts_missing=True,
    requires=("xgboost",),
    install="pip install 'ensemble-automl[xgboost]'",
    resources=xgboost_resources,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer XGBoost."""
    return (XGBOOST,)
