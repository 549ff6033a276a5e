"""CatBoost (Prokhorenkova et al., NeurIPS 2018): ordered category statistics, symmetric trees, stopped in time."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
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
    first_rows_of,
    gives_scores,
    hookimpl,
    quantile_of,
)
from automl_builtins.kinds import RANKING
from automl_builtins.models._shared.early_stopping import PATIENCE, Course
from automl_builtins.models._shared.levels import WITH_QUANTILES, as_one_value, levels_of
from automl_builtins.models._shared.objectives import ABSOLUTE
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models._shared.queries import (
    SPREAD,
    RankCodec,
    by_query,
    codec_of,
    query_sizes,
    query_weights,
    spread_of,
)

MAX_ROUNDS, ROUNDS_OF_FEW_ROWS = 4000, 300
"""The most rounds, and how many of them come before any row is counted: one row allows one round more."""
ROUNDS_TO_CONVERGE = 20.0
"""Rounds times learning rate after which a fit without validation rows stops."""
PERIOD = 5
"""Rounds from one look at the validation loss to the next; CatBoost hands over the whole course at every round."""
LEAST_GAIN = 0.004
"""Share of the validation loss that counts as a gain; a round takes several times as long as one of LightGBM's."""
FASTEST = 0.3
RESERVE = 0.12
"""Share of the time left that is kept for what comes after the last round."""
GAIN = "NDCG"
LOSS = {TaskKind.BINARY: "Logloss", TaskKind.MULTICLASS: "MultiClass"}
STATISTICS = ["Borders:Prior=0.5/1", "Counter:Prior=0/1"]
"""What is made of a category: the target's mean drawn to one prior, where CatBoost's own choice has three that take
three times as long and are hardly better, and how frequent it is."""
MANY_LEVELS = 100
"""A column of so many categories is worth statistics of it with up to two other columns, whatever the rows."""
TOGETHER = 3
SURE_ROWS = 5_000
"""From so many rows on the means of such columns are drawn to three priors: with fewer one does as well."""
PRIORS = ["Borders:Prior=0/1:Prior=0.5/1:Prior=1/1", "Counter:Prior=0/1"]
ROWS_PER_BORDER, WIDE, WIDE_BORDERS = 4, 100, 64
"""A border has at least so many rows; a table of more than `WIDE` features has `WIDE_BORDERS` of each at most, since
where rows are few the time goes into scoring borders."""
PAIRED_ROWS = 30_000
"""With more rows no statistics of pairs of categories are made, which would take most of the time, unless there are
many categories."""

FEW_CELLS = 2_000
"""Rows x columns up to which a pool to predict is kept."""
_LAST_POOL: dict[str, tuple[Any, Any]] = {}


class CatBoostLearner(Coded):
    """Gradient boosted symmetric trees."""

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._params = dict(request.params)
        self._task = request.task
        self._model = b""
        self._booster: Any = None
        self._refit: dict[str, Any] = {}
        self._categories: list[int] = []

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Boost until the validation loss stops falling, or the time is nearly over; keep the best round."""
        if gives_scores(train.task):
            train, valid = by_query(train), None if valid is None else by_query(valid)
        self._codec = codec_of(train, context.objective)
        columns = train.schema.columns
        self._categories = [place for place, each in enumerate(columns) if each.kind is ColumnKind.CATEGORICAL]
        self._model, self._booster = b"", None
        if self._codec.one_class or is_constant(train):
            return  # CatBoost refuses such rows; their share, or their mean, is all there is to know
        self._booster = self._boost(train, valid, context)
        self._refit = {
            "n_estimators": int(self._booster.tree_count_),
            "learning_rate": float(self._booster.get_params()["learning_rate"]),
        }
        self._model = written(self._booster)
        if isinstance(self._codec, RankCodec):
            self._codec = self._codec.with_spread(self, train, valid, self._params)
            self._refit |= spread_of(self._codec)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if not self._model:
            return codec.constant(features.shape[0])
        if self._booster is None:
            self._booster = read_booster(self._model)
        data = pool_to_predict(features, self._categories)
        kind = "Probability" if codec.classes else "RawFormulaVal"
        return codec.back(np.asarray(self._booster.predict(data, prediction_type=kind, thread_count=1)))

    def refit_params(self) -> Mapping[str, Any]:
        """Return the rounds that were kept and the learning rate they were made with, which haste may have raised."""
        return self._refit

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the model in CatBoost's own format, from which it is read again when it is needed."""
        return {**self.__dict__, "_booster": None}

    def _boost(self, train: Dataset, valid: Dataset | None, context: FitContext) -> Any:
        from catboost import CatBoost

        settings = booster_settings(self._params, train, valid is not None, context)
        booster = CatBoost(settings)
        booster.fit(
            labelled_pool(train, self._categories, self.codec),
            eval_set=None if valid is None else labelled_pool(valid, self._categories, self.codec),
            callbacks=[
                StopInTime(settings.get("eval_metric", settings["loss_function"]), settings["learning_rate"], context)
            ],
        )
        return booster


class StopInTime:
    """CatBoost's callback after each round: False ends the fit."""

    def __init__(self, loss: str, rate: float, context: FitContext) -> None:
        """Note when it must end; `loss` names the course to watch, where there are validation rows."""
        left = context.seconds_left()
        self._context = context
        self._kept = RESERVE * left if np.isfinite(left) else 0.0
        self._loss = loss
        self._course = Course(PATIENCE / rate / PERIOD, LEAST_GAIN)

    def after_iteration(self, info: Any) -> bool:
        """Return whether there is time for another round, and any sense in it."""
        course = info.metrics.get("validation", {}).get(self._loss, ())
        if len(course) > self._course.rounds:
            self._course.add(1.0 - course[-1] if self._loss.startswith(GAIN) else course[-1])
            if self._course.is_over():
                return False
        return bool(self._context.seconds_left() > self._kept)


def is_constant(train: Dataset) -> bool:
    """Tell whether the features, or the values to predict, are the same in all rows."""
    if train.n_features == 0 or (not train.task.has_classes and np.ptp(train.target) == 0):
        return True
    matrix = as_matrix(train.features)
    same = (matrix == matrix[0]) | (np.isnan(matrix) & np.isnan(matrix[0]))
    return bool(same.all())


def booster_settings(params: Mapping[str, Any], train: Dataset, validated: bool, context: FitContext) -> dict[str, Any]:
    """Return all of CatBoost's parameters for one fit; the learning rate is raised where the time is short."""
    given = dict(params)
    rate = float(given.pop("learning_rate", 0.08))
    size = FitSize(train.n_rows, train.n_features, train.task, params, context.threads)
    if context.seconds_left() < np.inf:
        expected = catboost_resources(size).seconds
        rate = float(np.clip(rate * expected / (3.0 * max(context.seconds_left(), 1e-3)), rate, max(rate, FASTEST)))
    limit = min(MAX_ROUNDS, ROUNDS_OF_FEW_ROWS + train.n_rows) if validated else round(ROUNDS_TO_CONVERGE / rate)
    limit = int(given.pop("n_estimators", limit))
    settings = {
        "subsample": 0.85,
        "bootstrap_type": "Bernoulli",
        "leaf_estimation_iterations": 1,
        **given,
        **category_statistics(train),
        "depth": min(int(given.get("depth", 6)), max(2, int(np.log2(max(4, train.n_rows))) - 1)),
        "iterations": limit,
        "learning_rate": rate,
        "loss_function": loss_function(train.task, context.objective),
        "boosting_type": "Plain",
        "metric_period": PERIOD,
        "random_seed": context.seed,
        "thread_count": context.threads,
        "allow_writing_files": False,
        "logging_level": "Silent",
    }
    settings.pop(SPREAD, None)
    if train.task.kind is TaskKind.MULTICLASS:
        settings["classes_count"] = train.task.n_outputs
    if gives_scores(train.task):
        first = first_rows_of(context.objective) or 0
        settings["eval_metric"] = f"{GAIN}:{f'top={first};' if first else ''}type=Exp"
    settings["border_count"] = _borders(settings, train.n_rows, train.n_features)
    return settings | {"use_best_model": validated}


def category_statistics(train: Dataset) -> dict[str, Any]:
    """Return which statistics are made of categories, and of how many columns together where the table decides that.

    One CatBoost on five public tables with columns of 100 categories or more, statistics of up to three columns against
    those of single ones: 0.38, 0.82, 0.86, 0.98 and 0.98 of the loss, in two to five times the time.
    """
    many = any(len(column.categories) >= MANY_LEVELS for column in train.schema.columns)
    kinds = PRIORS if many and train.n_rows >= SURE_ROWS else STATISTICS
    settings: dict[str, Any] = {"simple_ctr": kinds, "combinations_ctr": kinds}
    if many or train.n_rows > PAIRED_ROWS:
        settings["max_ctr_complexity"] = TOGETHER if many else 1
    return settings


def _borders(params: Mapping[str, Any], n_rows: int, n_features: int) -> int:
    most = WIDE_BORDERS if n_features > WIDE else 254
    return int(np.clip(n_rows // ROWS_PER_BORDER, 16, min(most, int(params.get("border_count", most)))))


def loss_function(task: Task, objective: str) -> str:
    """Return CatBoost's name of the loss that the search's metric asks for."""
    if gives_scores(task):
        return "YetiRank"
    levels = levels_of(task)
    if levels:
        return f"MultiQuantile:alpha={','.join(map(str, levels))}"
    quantile = quantile_of(objective)
    values = "MAE" if objective == ABSOLUTE else "RMSE" if quantile is None else f"Quantile:alpha={quantile}"
    return LOSS.get(task.kind, values)


def labelled_pool(data: Dataset, categories: list[int], codec: OutputCodec) -> Any:
    """Return rows with their target and weights in CatBoost's form."""
    if not isinstance(codec, RankCodec):
        return pool(data.features, categories, codec.to(data.target), data.weights)
    made = pool(data.features, categories, np.asarray(data.target, dtype=np.float64))
    sizes, weights = query_sizes(data), query_weights(data)
    made.set_group_id(np.repeat(np.arange(len(sizes)), sizes))
    if weights is not None:
        made.set_group_weight(np.repeat(weights, sizes))
    return made


def pool(features: Features, categories: list[int], target: Array | None = None, weights: Array | None = None) -> Any:
    """Return rows in CatBoost's form, numbers first.

    Category codes become texts, which CatBoost takes faster from `FeaturesData` than from a frame; a missing one is
    "-1", a category of its own.
    """
    from catboost import FeaturesData, Pool

    matrix = np.asarray(as_matrix(features))
    if not categories:
        return Pool(matrix, target, weight=weights, thread_count=1)
    numbers = np.delete(matrix, categories, axis=1) if len(categories) < matrix.shape[1] else None
    codes = np.nan_to_num(matrix[:, categories], nan=-1.0).astype(np.int64)
    values, places = np.unique(codes, return_inverse=True)
    texts = np.array([str(value).encode() for value in values], dtype=object)
    data = FeaturesData(num_feature_data=numbers, cat_feature_data=texts[places].reshape(codes.shape))
    return Pool(data, target, weight=weights, thread_count=1)


def pool_to_predict(features: Features, categories: list[int]) -> Any:
    """Return rows in CatBoost's form; few rows are kept, as making their pool takes longer than predicting them.

    All fold models of a candidate, and candidates of the same preparation, predict the same rows.
    """
    matrix = np.ascontiguousarray(as_matrix(features))
    if matrix.size > FEW_CELLS:
        return pool(features, categories)
    key = (matrix.tobytes(), matrix.dtype.str, matrix.shape, tuple(categories))
    kept = _LAST_POOL.get("last")
    if kept is None or kept[0] != key:
        kept = _LAST_POOL["last"] = (key, pool(features, categories))
    return kept[1]


def written(booster: Any) -> bytes:
    """Return a fitted model in CatBoost's binary format, which it only writes to files."""
    with tempfile.TemporaryDirectory(prefix="automl-catboost-") as folder:
        path = Path(folder) / "model.cbm"
        booster.save_model(str(path))
        return path.read_bytes()


def read_booster(model: bytes) -> Any:
    """Return the model that `written` wrote."""
    from catboost import CatBoost

    booster = CatBoost()
    booster.load_model(blob=model)
    return booster


def catboost_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    params, depth = size.params, int(size.params.get("depth", 6))
    outputs = 0.9 * size.task.n_outputs if size.task.kind is TaskKind.MULTICLASS else 1.0
    outputs = max(outputs, 0.25 * len(levels_of(size.task)))
    rate = float(params.get("learning_rate", 0.08))
    rounds = (
        (50.0 if as_one_value(size.task).kind is TaskKind.REGRESSION else 18.0)
        / rate
        * (max(500, size.n_rows) / 8000) ** 0.3
    )
    rounds = min(MAX_ROUNDS, ROUNDS_OF_FEW_ROWS + size.n_rows, rounds)
    columns = size.n_features * float(params.get("rsm", 1.0))
    scoring = 1.5e-8 * columns * _borders(params, size.n_rows, size.n_features) * 2**depth
    counting = size.n_rows * (1.2e-7 + 1e-9 * columns * depth)
    paired = int(params.get("max_ctr_complexity", 1)) > 1 and size.n_rows <= PAIRED_ROWS
    per_round = 5e-4 + (scoring + counting) * (1.5 if paired else 1.15)
    reading = 3e-7 * size.n_rows * size.n_features
    seconds = 0.05 + reading + rounds * outputs * per_round / max(1, size.threads) ** 0.7
    megabytes = 40 + 16 * size.n_rows * size.n_features / 2**20 + 2**depth * outputs * rounds * 24 / 2**20
    return Resources(seconds=float(seconds), memory_mb=float(megabytes))


SPACE: dict[str, Domain] = {
    "learning_rate": Float(0.03, 0.2, log=True),
    "depth": Int(4, 8),
    "l2_leaf_reg": Float(0.5, 20.0, log=True),
    "bootstrap_type": Choice(("MVS", "Bernoulli")),
    "subsample": Float(0.6, 1.0),
    "rsm": Float(0.5, 1.0),
    "random_strength": Float(0.0, 2.0),
    "max_ctr_complexity": Int(1, 2),
    "one_hot_max_size": Int(2, 30, log=True),
    "border_count": Choice((64, 128, 254)),
    "leaf_estimation_iterations": Int(1, 8, log=True),
}


def _default(trees: tuple[float, int, float], draw: tuple[str, float, float], **other: Any) -> dict[str, Any]:
    """Return a configuration: (learning rate, depth, L2), (bootstrap, shares of rows and features)."""
    named = dict(zip(("learning_rate", "depth", "l2_leaf_reg"), trees, strict=True))
    return {**named, **dict(zip(("bootstrap_type", "subsample", "rsm"), draw, strict=True)), **other}


DEFAULTS = (
    _default(
        (0.09, 6, 3.0), ("MVS", 0.8, 1.0), random_strength=0.3, max_ctr_complexity=1, one_hot_max_size=4,
        border_count=254,
    ),
    _default(
        (0.06, 7, 4.0), ("Bernoulli", 0.85, 0.8), random_strength=0.5, max_ctr_complexity=2, one_hot_max_size=10,
        border_count=128,
    ),
    _default(
        (0.1, 4, 1.0), ("Bernoulli", 0.9, 1.0), random_strength=1.0, max_ctr_complexity=1, one_hot_max_size=20,
        border_count=128, leaf_estimation_iterations=4,
    ),
)  # fmt: skip
"""Set by hand after measuring some thirty on three tables of 8,000 rows: good alone and quick first, then unlike."""

CATBOOST = ModelSpec(
    name="catboost",
    build=CatBoostLearner,
    space=SPACE,
    defaults=DEFAULTS,
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL}),
    tasks=WITH_QUANTILES | {RANKING},
    accepts_missing=True,
    requires=("catboost",),
    preload=("catboost", __name__),
    install="pip install 'ensemble-automl[catboost]'",
    resources=catboost_resources,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer CatBoost."""
    return (CATBOOST,)
