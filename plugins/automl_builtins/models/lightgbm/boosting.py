"""Boost with LightGBM by its native API: stopped early and in time, by the loss on the validation rows."""

from __future__ import annotations

import time
from typing import Any

from automl.plugin_api import FitContext
from automl_builtins.models._shared.early_stopping import PATIENCE, PROBE_ROUNDS, Course, hurried, is_out_of_time
from automl_builtins.models.lightgbm.bins import load_lightgbm


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
        if is_out_of_time(left, each, done):
            break
        if done == PROBE_ROUNDS and left / each < limit - done:
            _hurry(booster, settings, left / each)
    return max(1, course.best_round if validated else done)


def validation_loss(booster: Any) -> float:
    """Return the latest loss on the validation rows; of a metric of which more is better, what is lacking to 1."""
    _, _, value, more_is_better = booster.eval_valid()[0]
    return 1.0 - float(value) if more_is_better else float(value)


def _hurry(booster: Any, settings: dict[str, Any], rounds_left: float) -> None:
    wanted = hurried(settings["learning_rate"], rounds_left)
    if wanted > settings["learning_rate"]:
        booster.reset_parameter({"learning_rate": wanted})


def read_model(text: str) -> Any:
    """Return the booster written as `text`."""
    return load_lightgbm().Booster(model_str=text)
