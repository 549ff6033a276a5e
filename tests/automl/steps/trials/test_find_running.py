"""Finding columns that run with time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.plugin_api import Column, ColumnKind, Task, TaskKind
from automl.steps.plan.plan_resampling import time_ordered
from automl.steps.trials.find_running import find_running
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.schema import Schema
from tests.conftest import quick

ROWS = 600
RNG = np.random.default_rng(0)
ORDER = RNG.permutation(ROWS)
"""The rows lie in no order of time."""


def table():
    return pd.DataFrame(
        {
            "counter": ORDER * 3.0,
            "year": 2010 + ORDER // 50,
            "noisy": ORDER + RNG.normal(0, 40, ROWS),
            "month": ORDER % 12,
            "falling": -ORDER,
            "constant": np.ones(ROWS),
            "gaps": np.where(RNG.random(ROWS) < 0.5, np.nan, ORDER),
        }
    ).astype(np.float32)


def test_what_is_the_time_in_other_words_is_found_and_nothing_else():
    frame = table()
    schema = Schema(tuple(Column(name, ColumnKind.NUMERIC) for name in frame))
    data = Dataset(frame, ORDER.astype(float), schema, Task(TaskKind.REGRESSION, "y"), np.arange(ROWS))
    assert find_running(data, time_ordered(ORDER.astype(float), 5)) == ("counter", "year")
    assert find_running(data, ResamplingPlan((), "none")) is None


def test_a_numeric_time_column_is_bounded_in_a_search_and_a_month_is_not():
    frame = table()[["counter", "month"]].assign(y=ORDER / 100 + RNG.normal(0, 0.1, ROWS))
    model = quick(models=["lightgbm"], max_trials=1).fit(frame, "y", time_column="counter")
    later = frame.assign(counter=frame["counter"] + 1e6)
    newest = frame.assign(counter=frame["counter"].max())
    np.testing.assert_array_equal(model.predict(later), model.predict(newest))
    assert len(np.unique(model.predict(frame.sort_values("counter").tail(40)[["counter"]].assign(month=1)))) == 1
