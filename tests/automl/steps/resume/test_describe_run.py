"""A search is known again by its table, folds, settings, plugins and versions; what may differ is left out."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from automl.registry import discover
from automl.steps.resume.describe_run import FREE, describe_run, differences, limits_of
from automl.table.take_table import Extras, take_table
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.settings import SearchSettings
from tests.automl.packages import HEADER

FRAME = pd.DataFrame({"age": [31, 42, 53, 64], "city": ["Bern", "Oslo", "Rome", None]})
TARGET = pd.Series([0.5, 1.5, 2.5, 3.5], name="y")
PLAN = ResamplingPlan((Fold(np.arange(2), np.arange(2, 4)),), "one fold")
SETTINGS = SearchSettings(time_limit=60.0, metric="rmse")
REGISTRY = discover()


def facts(frame=FRAME, target=TARGET, plan=PLAN, settings=SETTINGS, registry=REGISTRY, extras=None):
    asked = SimpleNamespace(table=take_table(frame, target, extras or Extras()), plan=plan, models={})
    return describe_run(asked, SimpleNamespace(settings=settings, registry=registry))


def test_the_same_call_differs_in_nothing():
    assert differences(facts(), facts(FRAME.copy(), plan=replace(PLAN))) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"frame": FRAME.assign(age=[31, 42, 53, 65])}, "the values or types of 'age'"),
        ({"frame": FRAME.astype({"age": "float64"})}, "the values or types of 'age'"),
        ({"frame": FRAME.drop(columns="city")}, "the values or types of 'city'"),
        ({"target": TARGET + 1}, "the values or types of the target"),
        ({"extras": Extras(sample_weight=np.ones(4))}, "the values or types of weights"),
        ({"plan": ResamplingPlan((Fold(np.arange(2, 4), np.arange(2)),), "one fold")}, "the folds, which follow"),
        ({"settings": replace(SETTINGS, metric="mae")}, "setting metric: 'rmse' there, 'mae' here"),
        ({"settings": replace(SETTINGS, time_limit=None, max_trials=3)}, "setting end: by time there, by count here"),
    ],
    ids=["value", "type", "column", "target", "weights", "folds", "setting", "end"],
)
def test_what_differs_is_told(other, told):
    (found,) = differences(facts(), facts(**other))
    assert told in found


def test_a_table_of_other_rows_is_told_by_their_number():
    longer = pd.concat([FRAME, FRAME], ignore_index=True)
    found = differences(facts(), facts(longer, pd.concat([TARGET, TARGET], ignore_index=True)))
    assert found[0] == "the table: 4 rows there, 8 here"


def test_how_long_and_with_what_a_search_goes_on_may_differ():
    other = replace(SETTINGS, n_jobs=7, time_limit=90.0, memory_limit_mb=9.0, verbose=0, executor="in_process")
    assert differences(facts(), facts(settings=other)) == []
    assert {"n_jobs", "time_limit", "executor"} <= set(FREE)
    assert limits_of(other) == {"time_limit": "90.0", "max_trials": "None"}


def test_a_metric_is_known_by_its_code_not_by_its_place_in_memory():
    def made(factor):
        space = {}
        exec(f"def metric(y, p):\n    return {factor} * abs(y - p).mean()", space)
        return replace(SETTINGS, metric=space["metric"])

    assert differences(facts(settings=made(2)), facts(settings=made(2))) == []
    (told,) = differences(facts(settings=made(2)), facts(settings=made(3)))
    assert told.startswith("setting metric")


def test_values_that_pandas_cannot_hash_are_described_all_the_same():
    broken = FRAME.assign(city=pd.Series(["Bern", "half a sign \ud800", "Rome", None], dtype=object))
    assert differences(facts(broken), facts(broken.copy())) == []
    assert differences(facts(broken), facts(FRAME))


def test_categories_of_another_order_are_another_table():
    levels = pd.Categorical(["low", "top", "low", "top"], ["low", "top"], ordered=True)
    turned = FRAME.assign(city=levels.reorder_categories(["top", "low"]))
    assert differences(facts(FRAME.assign(city=levels)), facts(turned))


def test_a_plugin_is_known_by_its_source(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    described = []
    for body in ("PASS = 1", "PASS = 2"):
        (tmp_path / "own_plugin.py").write_text(f"{HEADER}\n{body}\n@hookimpl\ndef automl_models(): return []\n")
        sys.modules.pop("own_plugin", None)
        described.append(facts(registry=discover(["own_plugin"])))
    monkeypatch.delitem(sys.modules, "own_plugin")
    (told,) = differences(*described)
    assert told.startswith("plugin own_plugin")
