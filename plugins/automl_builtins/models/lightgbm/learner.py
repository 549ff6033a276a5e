"""The learner of LightGBM: boosts on shared bins, stops early, and keeps the model as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from automl_builtins.models._shared.objectives import ABSOLUTE
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models._shared.queries import SPREAD, RankCodec, by_query, codec_of, spread_of
from automl_builtins.models.lightgbm.bins import BINNING, attach_target, bin_fold, load_lightgbm
from automl_builtins.models.lightgbm.bit_trees import BitTrees
from automl_builtins.models.lightgbm.boosting import boost, read_model
from automl_builtins.models.lightgbm.linear_leaves import EvenScale, settings_of_leaves
from automl_builtins.models.lightgbm.single_rows import FEW_ROWS, SingleRows, single_rows

MAX_ROUNDS = 5000
ROWS_WITH_BITS = 2000
"""From so many rows on the trees are walked by bit masks, once the masks have been made."""
ROWS_FOR_BITS, ROWS_FOR_LEAF = 1200, 80
"""Rows from which on making the masks pays: so many, and so many more for each leaf of a tree."""
LOG_LOSS = {TaskKind.BINARY: "binary_logloss", TaskKind.MULTICLASS: "multi_logloss"}
LAMBDARANK = "lambdarank"
USUAL_TRUNCATION, PAST_FIRST, ALL_ROWS = 30, 3, 200
"""How many of a query's first rows are compared with the others: some more than count, of all rows so many."""
ROUNDS_TO_CONVERGE = 6.0
"""Rounds times learning rate after which a fit without validation rows stops."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What LightGBM optimises and stops by; `quantile` is the one of the target that "quantile" asks for.

    first_rows: of a ranking, how many of a query's first rows count, 0 for all. gains: what rows of each level of
    relevance contribute.
    """

    objective: str
    metric: str
    quantile: float = 0.5
    first_rows: int = 0
    gains: tuple[float, ...] = ()


class LightGBMLearner(Coded):
    """Gradient boosted trees on a binned matrix."""

    _even_scale: EvenScale | None = None
    """Of trees with linear leaves, the scale that numbers come on."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._model = ""
        self._booster: Any = None
        self._bits: BitTrees | None = None
        self._single: SingleRows | None = None
        self._rounds, self._rate = 0, 0.0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Boost until the validation loss stops falling, or the time is nearly over; keep the best round."""
        if gives_scores(train.task):
            train, valid = by_query(train), None if valid is None else by_query(valid)
        codec = self._codec = codec_of(train, context.objective)
        goal = choose_goal(train.task, context.objective, codec, str(self._params.get("objective", LAMBDARANK)))
        settings = booster_settings(self._params, train, goal, context)
        train_set, valid_set, self._even_scale = bin_fold(train, valid, settings, context)
        attach_target(train_set, train, codec.to(train.target))
        booster = load_lightgbm().Booster(settings, train_set)
        limit = round(ROUNDS_TO_CONVERGE / settings["learning_rate"])
        if valid_set is not None and valid is not None:
            attach_target(valid_set, valid, codec.to(valid.target))
            booster.add_valid(valid_set, "valid")
            limit = MAX_ROUNDS
        limit = int(self._params.get("n_estimators", limit))
        kept = boost(booster, settings, limit, valid is not None, context)
        self._rounds, self._rate = kept, float(booster.params["learning_rate"])
        self._model = booster.model_to_string(num_iteration=kept)
        self._booster = self._bits = self._single = None
        if isinstance(codec, RankCodec):
            self._codec = codec.with_spread(self, train, valid, self._params)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        found = self._raw(as_matrix(features))
        if not codec.classes:
            return codec.back(found, bounded=self._even_scale is not None)
        return codec.back(class_probabilities(found), rows=None if self._task.n_outputs > 2 else 0)

    def _raw(self, matrix: Array) -> Array:
        """Return the summed values of the trees, `(n_rows, n_columns)`: the same to the last bit in either way."""
        leaves = int(self._params.get("num_leaves", 31))
        if self._even_scale is not None:
            matrix = self._even_scale.to(matrix)
        elif len(matrix) >= (ROWS_FOR_BITS + ROWS_FOR_LEAF * leaves if self._bits is None else ROWS_WITH_BITS):
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
        return {"n_estimators": self._rounds, "learning_rate": self._rate, **spread_of(self.codec)}

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the model's text, from which everything else is read again when it is needed."""
        return {**self.__dict__, "_booster": None, "_bits": None, "_single": None}


def choose_goal(task: Task, objective: str, codec: OutputCodec | None = None, of_order: str = LAMBDARANK) -> Goal:
    """Return LightGBM's objective and stopping metric for the loss that the search's metric asks for.

    of_order: how orders are learned, by pairs of rows ("lambdarank") or by lists ("rank_xendcg", Bruch, "An alternative
    cross entropy loss for learning-to-rank", WWW 2021).
    """
    if isinstance(codec, RankCodec):
        return Goal(of_order, "ndcg", first_rows=first_rows_of(objective) or 0, gains=tuple(codec.gains()))
    if task.kind is TaskKind.BINARY:
        return Goal("binary", LOG_LOSS[task.kind])
    if task.kind is TaskKind.MULTICLASS:
        return Goal("multiclass", LOG_LOSS[task.kind])
    if objective == ABSOLUTE:
        return Goal("regression_l1", "l1")
    quantile = quantile_of(objective)
    if quantile is not None:
        return Goal("quantile", "quantile", quantile=quantile)
    return Goal("regression", "l2")


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
    settings |= settings_of_leaves(settings)
    settings.pop(SPREAD, None)
    settings["min_data_in_leaf"] = min(int(settings.get("min_data_in_leaf", 20)), max(2, train.n_rows // 20))
    if float(settings.get("bagging_fraction", 1.0)) * train.n_rows < 1.0:  # LightGBM fails on a bag without rows
        settings["bagging_fraction"] = 1.0
    if goal.objective == "multiclass":
        settings["num_class"] = train.task.n_outputs
    if goal.objective == "quantile":
        settings["alpha"] = goal.quantile
    if goal.gains:
        settings["label_gain"] = list(goal.gains)
        settings["eval_at"] = [goal.first_rows or ALL_ROWS]
        settings["lambdarank_truncation_level"] = max(USUAL_TRUNCATION, (goal.first_rows or ALL_ROWS) + PAST_FIRST)
    return settings
