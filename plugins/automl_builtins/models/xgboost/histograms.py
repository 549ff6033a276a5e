"""XGBoost's native API: a fold's rows as histograms kept for all configurations, and boosting that ends in time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import ColumnKind, Dataset, FitContext, as_matrix
from automl_builtins.models._shared.early_stopping import PATIENCE, PROBE_ROUNDS, Course, hurried, is_out_of_time
from automl_builtins.models._shared.light_import import import_without_sklearn
from automl_builtins.models._shared.row_digest import row_digest


def load_xgboost() -> Any:
    """Import XGBoost, without scikit-learn where that is not loaded yet."""
    return import_without_sklearn("xgboost")


def histograms(train: Dataset, valid: Dataset | None, max_bin: int, context: FitContext) -> tuple[Any, Any]:
    """Return the fold's rows for fitting and for validation, binned by the former, without target or weights.

    XGBoost cannot cut rows out of a binned table, so that each fold has its own, once for all configurations.
    """

    def build() -> tuple[Any, Any]:
        binned = _bin_rows(train, max_bin, context.threads)
        return binned, None if valid is None else _bin_rows(valid, max_bin, context.threads, binned)

    if not train.fingerprint:
        return build()
    digests = [row_digest(data.rows) for data in (train, valid) if data is not None]
    return context.cache.get_or_build(("xgboost", train.fingerprint, max_bin, *digests), build)


def boost(settings: Mapping[str, Any], train_set: Any, valid_set: Any, limit: int, context: FitContext) -> bytes:
    """Add trees until nothing is gained any more or the time is nearly over; return the best rounds as a model.

    Where the time left is far too short for the learning rate, the learning rate is raised.
    """
    watched = [] if valid_set is None else [(valid_set, "valid")]
    booster = load_xgboost().Booster(dict(settings), [train_set, *(rows for rows, _ in watched)])
    started, done = time.monotonic(), 0
    course = Course(PATIENCE / float(settings["learning_rate"]))
    while done < limit:
        booster.update(train_set, done)
        done += 1
        if watched:
            course.add(_loss_in(booster.eval_set(watched, done - 1), str(settings["eval_metric"])))
            if course.is_over():
                break
        left, each = context.seconds_left(), (time.monotonic() - started) / done
        if is_out_of_time(left, each, done):
            break
        if done == PROBE_ROUNDS and left < np.inf:
            _hurry(booster, float(settings["learning_rate"]), left / each)
    kept = max(1, course.best_round) if watched else done
    return bytes((booster if kept == done else booster[:kept]).save_raw("ubj"))


def read_model(model: bytes) -> Any:
    """Return the booster written as `model`, to predict in one thread."""
    booster = load_xgboost().Booster()
    booster.load_model(bytearray(model))
    booster.set_param({"nthread": 1})
    return booster


def _loss_in(line: str, metric: str) -> float:
    """Return the loss in a line such as "[7] valid-rmse:0.25"; of a ranking's gain what is lacking to 1."""
    found = float(line.rsplit(":", 1)[1])
    return 1.0 - found if metric.startswith("ndcg") else found


def _hurry(booster: Any, rate: float, rounds_left: float) -> None:
    wanted = hurried(rate, rounds_left)
    if wanted > rate:
        booster.set_param({"learning_rate": wanted})


def _bin_rows(data: Dataset, max_bin: int, threads: int, reference: Any = None) -> Any:
    categories = [column.kind is ColumnKind.CATEGORICAL for column in data.schema.columns]
    return load_xgboost().QuantileDMatrix(
        as_matrix(data.features),
        feature_types=["c" if each else "q" for each in categories],
        enable_categorical=True,
        max_bin=max_bin,
        nthread=threads,
        ref=reference,
    )
