"""What cannot be done is refused with one clear error before any worker starts."""

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.errors import AutoMLError
from automl.plugin_api import ExecutorSpec, hookimpl
from automl.registry import discover


class RecordingExecutors:
    """Offers the in-process executor under another name, and notes when it is brought up."""

    def __init__(self):
        self.started = 0

    @hookimpl
    def automl_executors(self):
        inner = discover().executors["in_process"]

        def build(request):
            executor = inner.build(request)
            start = executor.start

            def noted():
                self.started += 1
                start()

            executor.start = noted
            return executor

        return [ExecutorSpec("recording", build, isolated=False)]


def table(**columns):
    rng = np.random.default_rng(0)
    made = {"number": rng.normal(size=60), "letter": rng.choice(list("abc"), 60), "target": rng.integers(0, 2, 60)}
    return pd.DataFrame({**made, **columns})


def fit(frame, target="target", options=None, **arguments):
    plugin = RecordingExecutors()
    settings = {"time_limit": None, "max_trials": 2, "models": ["baseline", "linear"], "verbose": 0, **(options or {})}
    try:
        AutoML(**settings, executor="recording", plugins=[plugin]).fit(frame, target, **arguments)
    except AutoMLError as error:
        return plugin, str(error)
    return plugin, ""


CASES = {
    "an unknown target, with the nearest name": (table(), "targetx", {}, {}, "Did you mean 'target'"),
    "an empty table": (table().head(0), "target", {}, {}, "0 rows"),
    "a target that is all missing": (table(target=np.nan), "target", {}, {}, "missing"),
    "a constant target": (table(target=1), "target", {}, {}, "single value"),
    "one row per class": (table(target=[f"id{i}" for i in range(60)]), "target", {}, {}, "single row"),
    "infinite values": (table(number=np.inf), "target", {}, {}, "infinite"),
    "mixed types in a column": (table(mixed=[1, "a"] * 30), "target", {}, {}, "mixed"),
    "an unknown metric": (table(), "target", {"metric": "rok_auk"}, {}, "Did you mean"),
    "an unknown model": (table(), "target", {"models": ["lightgmb"]}, {}, "lightgbm"),
    "an unknown ensemble": (table(), "target", {"ensemble": "weigted"}, {}, "weighted"),
    "a time limit of 0": (table(), "target", {"time_limit": 0}, {}, "time_limit=0"),
    "a time limit below 0": (table(), "target", {"time_limit": -5}, {}, "time_limit=-5"),
    "no way to end": (table(), "target", {"max_trials": None}, {}, "never end"),
    "more folds than rows": (table(), "target", {"cv": 10_000}, {}, "60"),
    "index pairs that share rows": (table(), "target", {"cv": [([0, 1, 2], [2, 3])]}, {}, "both sides"),
    "a single group": (table(g=1), "target", {}, {"groups": "g"}, "group"),
    "an unknown groups column": (table(), "target", {}, {"groups": "grp"}, "groups"),
}


@pytest.mark.parametrize("case", list(CASES), ids=list(CASES))
def test_it_is_refused_before_any_worker_starts(case):
    frame, target, options, arguments, expected = CASES[case]
    plugin, message = fit(frame, target, options, **arguments)
    assert expected.lower() in message.lower()
    assert plugin.started == 0


def test_duplicate_column_names_are_refused():
    frame = table()
    frame.columns = ["same", "same", "target"]
    plugin, message = fit(frame)
    assert "duplicate" in message
    assert plugin.started == 0


def test_a_table_that_can_be_used_starts_the_executor_once():
    plugin, message = fit(table())
    assert message == ""
    assert plugin.started == 1


def test_an_unknown_option_is_an_error_at_the_constructor():
    with pytest.raises(TypeError, match="time_limt"):
        AutoML(time_limt=60)
