"""The learner of XGBoost: boosts on kept histograms, stops early, and keeps the model in binary JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Dataset,
    Features,
    FitContext,
    Task,
    TaskKind,
    as_matrix,
    first_rows_of,
    gives_scores,
    quantile_of,
)
from automl_builtins.models._shared.decision_values import class_probabilities
from automl_builtins.models._shared.levels import levels_of
from automl_builtins.models._shared.objectives import ABSOLUTE
from automl_builtins.models._shared.output_codec import Coded
from automl_builtins.models._shared.queries import (
    RankCodec,
    by_query,
    codec_of,
    query_sizes,
    query_weights,
)
from automl_builtins.models.xgboost.histograms import boost, histograms, read_model
from automl_builtins.models.xgboost.level_trees import FEW_ROWS, LevelTrees

MAX_ROUNDS = 4000
FIRST_READ = 2
"""The call for few rows on which the trees are read to be walked without XGBoost."""
USUAL_PAIRS, PAST_FIRST, ALL_ROWS = 32, 3, 200
"""How many of a query's first rows are compared with the others: some more than count, of all rows so many."""
ROUNDS_TO_CONVERGE = 8.0
"""Rounds times learning rate after which a fit without validation rows stops."""
OBJECTIVES = {
    TaskKind.BINARY: ("binary:logistic", "logloss"),
    TaskKind.MULTICLASS: ("multi:softprob", "mlogloss"),
    TaskKind.REGRESSION: ("reg:squarederror", "rmse"),
}


class XGBoostLearner(Coded):
    """Gradient boosted trees on histograms; categories are split into two sets."""

    _trees: LevelTrees | None = None
    _few_rows_asked = 0

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._model = b""
        self._booster: Any = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Boost until the validation loss stops falling, or the time is nearly over; keep the best round."""
        if gives_scores(train.task):
            train, valid = by_query(train), None if valid is None else by_query(valid)
        self._codec = codec_of(train, context.objective)
        self._model, self._booster, self._trees, self._few_rows_asked = b"", None, None, 0
        if self._codec.one_class:
            return  # no margin gives a class for certain; its share is all there is to know
        settings = booster_settings(self._params, train, context)
        train_set, valid_set = histograms(train, valid, int(settings["max_bin"]), context)
        self._attach(train_set, train)
        if valid_set is not None and valid is not None:
            self._attach(valid_set, valid)
        limit = MAX_ROUNDS if valid is not None else round(ROUNDS_TO_CONVERGE / settings["learning_rate"])
        limit = int(self._params.get("n_estimators", limit))
        self._model = boost(settings, train_set, valid_set, limit, context)
        if isinstance(self._codec, RankCodec):
            self._codec = self._codec.with_spread(self, train, valid, self._params)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if not self._model:
            return codec.constant(features.shape[0])
        margins = self._margins(as_matrix(features)).astype(np.float64)
        return codec.back(class_probabilities(margins) if codec.classes else margins)

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
        if isinstance(self.codec, RankCodec):
            sizes, weights = query_sizes(data), query_weights(data)
            weights = np.ones(len(sizes), dtype=np.float32) if weights is None else weights
            rows.set_info(label=self.codec.gains()[self.codec.to(data.target)], group=sizes, weight=weights)
            return
        weights = np.ones(data.n_rows, dtype=np.float32) if data.weights is None else data.weights
        rows.set_info(label=self.codec.to(data.target), weight=weights)


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
    if gives_scores(task):
        return ranking_settings(first_rows_of(objective) or 0)
    if levels_of(task):
        alpha = list(levels_of(task))
        return {"objective": "reg:quantileerror", "eval_metric": "quantile", "quantile_alpha": alpha}
    chosen, metric = OBJECTIVES[task.kind]
    if task.kind is TaskKind.REGRESSION and objective == ABSOLUTE:
        chosen, metric = "reg:absoluteerror", "mae"
    quantile = quantile_of(objective)
    if task.kind is TaskKind.REGRESSION and quantile is not None:
        return {"objective": "reg:quantileerror", "eval_metric": "quantile", "quantile_alpha": quantile}
    return {"objective": chosen, "eval_metric": metric}


def ranking_settings(first_rows: int) -> dict[str, Any]:
    """Return XGBoost's objective and stopping metric for the order of a query's first rows, 0 for all of them.

    Rows come with their gains, in place of the relevance that XGBoost would make them of.
    """
    return {
        "objective": "rank:ndcg",
        "eval_metric": f"ndcg@{first_rows}" if first_rows else "ndcg",
        "ndcg_exp_gain": False,
        "lambdarank_pair_method": "topk",
        "lambdarank_num_pair_per_sample": max(USUAL_PAIRS, (first_rows or ALL_ROWS) + PAST_FIRST),
    }
