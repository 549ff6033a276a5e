"""LightGBM's native API: bins shared by all folds, and boosting that stops early and in time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import ColumnKind, Dataset, FitContext, Rows, as_matrix
from automl_builtins.models._shared.light_import import import_without_sklearn
from automl_builtins.models._shared.target_scale import TargetScale

BINNING = {"max_bin": 255, "min_data_in_bin": 3}
"""The hyperparameters that shape the bins: data binned for one set of them cannot serve another."""
PATIENCE, PATIENCE_SHARE = 2.5, 0.2
"""Rounds without gain until a fit stops: the first divided by the learning rate, and a share of the last with gain."""
LEAST_GAIN = 0.002
"""Share of the validation loss that counts as a gain: the long tail beyond costs more time than it is worth."""
PROBE_ROUNDS, FASTEST, LEAST_PROGRESS = 10, 0.3, 4.0
"""After this many rounds the time left is looked at: where it will not do for `LEAST_PROGRESS`, rounds times learning
rate, the learning rate is raised, up to `FASTEST`."""
RESERVE = 0.2
"""Share of the time spent boosting that is kept for writing the model and predicting with it."""


def load_lightgbm() -> Any:
    """Import LightGBM, without scikit-learn where that is not loaded yet."""
    return import_without_sklearn("lightgbm")


def bin_fold(train: Dataset, valid: Dataset | None, settings: dict[str, Any], context: FitContext) -> tuple[Any, Any]:
    """Return the binned training and validation rows, in ascending order of their row numbers where they are shared.

    Bins are made of all rows of the stored table where its preparation needs no fit, once for all folds; otherwise of
    the fold's training rows, once for all configurations. Bins depend on the features alone, never on the target.
    """
    base = train.base if valid is None or valid.base is not None else None
    source = train if base is None else base
    key = ("lightgbm", source.fingerprint, _digest(source.rows), *(settings[name] for name in BINNING))

    def build() -> Any:
        return _bin_rows(source, settings)

    binned = context.cache.get_or_build(key, build) if source.fingerprint else build()
    if base is not None:
        return binned.subset(train.rows), None if valid is None else binned.subset(valid.rows)
    return binned.subset(np.arange(train.n_rows)), None if valid is None else _bin_rows(valid, settings, binned)


def attach_target(binned: Any, data: Dataset, scale: TargetScale) -> None:
    """Give binned rows their target and weights; LightGBM sorts the rows of a subset by their number."""
    binned.construct()
    order = np.argsort(data.rows, kind="stable") if data.base is not None else slice(None)
    binned.set_label(scale.to(data.target)[order])
    if data.weights is not None:
        binned.set_weight(data.weights[order])


def boost(booster: Any, settings: dict[str, Any], limit: int, validated: bool, context: FitContext) -> int:
    """Add trees until nothing is gained any more or the time is nearly over; return the rounds worth keeping.

    Where the time left is far too short for the learning rate, the learning rate is raised.
    """
    started, done = time.monotonic(), 0
    course = Course(PATIENCE / float(settings["learning_rate"]))
    while done < limit and not booster.update():
        done += 1
        if validated:
            course.add(validation_loss(booster))
            if course.is_over():
                break
        left, each = context.seconds_left(), (time.monotonic() - started) / done
        if left < RESERVE * each * done + 2 * each:
            break
        if done == PROBE_ROUNDS and left / each < limit - done:
            _hurry(booster, settings, left / each)
    return max(1, course.best_round if validated else done)


@dataclass(slots=True)
class Course:
    """The course of the validation loss: its best round, and since when it has hardly fallen."""

    base: float
    """Rounds without gain that are waited for at the start."""
    least_gain: float = LEAST_GAIN
    rounds: int = 0
    best_round: int = 0
    gained_round: int = 0
    best: float = np.inf
    mark: float = np.inf

    def add(self, loss: float) -> None:
        """Take note of the next round's loss."""
        self.rounds += 1
        if loss < self.best:
            self.best, self.best_round = loss, self.rounds
        if self.best < self.mark * (1 - self.least_gain):
            self.mark, self.gained_round = self.best, self.rounds

    def is_over(self) -> bool:
        """Tell whether further rounds are not worth their time."""
        return self.rounds - self.gained_round >= self.base + PATIENCE_SHARE * self.gained_round


def validation_loss(booster: Any) -> float:
    """Return the latest loss on the validation rows; every metric that this module is used with is a loss."""
    return float(booster.eval_valid()[0][2])


def _hurry(booster: Any, settings: dict[str, Any], rounds_left: float) -> None:
    wanted = min(FASTEST, LEAST_PROGRESS / max(rounds_left, 1.0))
    if wanted > settings["learning_rate"]:
        booster.reset_parameter({"learning_rate": wanted})


def read_model(text: str) -> Any:
    """Return the booster written as `text`."""
    return load_lightgbm().Booster(model_str=text)


def _bin_rows(data: Dataset, settings: Mapping[str, Any], reference: Any = None) -> Any:
    columns = data.schema.columns
    categorical = [place for place, column in enumerate(columns) if column.kind is ColumnKind.CATEGORICAL]
    fixed = {"feature_pre_filter": False, "verbosity": -1, "num_threads": settings["num_threads"]}
    return (
        load_lightgbm()
        .Dataset(
            as_matrix(data.features),
            np.zeros(data.n_rows, dtype=np.float32),
            reference=reference,
            params={**{name: settings[name] for name in BINNING}, **fixed},
            categorical_feature=categorical,
        )
        .construct()
    )


def _digest(rows: Rows) -> str:
    return hashlib.blake2b(np.ascontiguousarray(rows).tobytes(), digest_size=16).hexdigest()
