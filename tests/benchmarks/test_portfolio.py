"""The first entries of the portfolio are chosen by what a search of many rows has fitted within its seconds."""

import numpy as np
import pytest

from automl.plugin_api import Task, TaskKind
from automl.registry import discover


@pytest.fixture
def portfolio(monkeypatch):
    monkeypatch.syspath_prepend("benchmarks")
    return pytest.importorskip("benchmarks.portfolio")


def recorded(portfolio, errors, seconds):
    """Return a table of 40 rows, on which each configuration is off by noise of a size of its own."""
    rng = np.random.default_rng(0)
    target = rng.normal(size=40)
    predictions = {name: (target + error * rng.normal(size=40))[:, None] for name, error in errors.items()}
    metric = discover().metrics["rmse"]
    return portfolio.Recorded("drawn", Task(TaskKind.REGRESSION, "y"), metric, target, predictions, seconds)


def test_an_entry_becomes_the_configuration_of_its_model_that_is_better(portfolio):
    table = recorded(portfolio, {"a": 1.0, "b": 0.01, "other": 0.5}, dict.fromkeys(("a", "b", "other"), 1.0))
    configurations = {"a": ("trees", {}), "b": ("trees", {}), "other": ("linear", {})}
    assert portfolio.exchange_first([table], configurations, ["a", "other"])[0] == "b"


def test_what_leaves_no_time_for_a_better_one_comes_after_it(portfolio):
    table = recorded(portfolio, {"long": 0.5, "better": 0.1}, {"long": 1.9, "better": 1.0})
    configurations = {"long": ("trees", {}), "better": ("linear", {})}
    assert portfolio.exchange_first([table], configurations, ["long", "better"]) == ["better", "long"]


def test_without_large_tables_the_first_entries_stay(portfolio):
    assert portfolio.exchange_first([], {"a": ("trees", {}), "b": ("trees", {})}, ["a"]) == ["a"]


@pytest.mark.parametrize(("seconds", "names"), [(0.1, []), (2.9, ["a"]), (4.5, ["a", "c"]), (9.0, ["a", "c", "d"])])
def test_entries_count_once_they_are_done_one_after_the_other(portfolio, seconds, names):
    table = recorded(portfolio, {"a": 1.0, "c": 1.0, "d": 1.0}, {"a": 2.0, "c": 1.0, "d": 4.0})
    assert portfolio.after_seconds(table, ["a", "b", "c", "d"], seconds) == names


def test_nobody_has_a_second_entry_before_all_have_a_first(portfolio):
    assert portfolio.is_in_rounds(["trees", "linear", "trees"])
    assert not portfolio.is_in_rounds(["trees", "trees", "linear"])


@pytest.mark.parametrize(("kept", "begin"), [([], ["t1", "l1", "t2"]), (["l1"], ["l1", "t1", "t2"])])
def test_the_strongest_begins_unless_others_are_kept_and_each_model_has_its_turn_in_every_round(portfolio, kept, begin):
    errors = {"t1": 0.1, "t2": 0.15, "l1": 0.2, "l2": 0.3}
    table = recorded(portfolio, errors, dict.fromkeys(errors, 1.0))
    configurations = {name: ("trees" if name.startswith("t") else "linear", {}) for name in errors}
    assert portfolio.build([table], configurations, kept)[:3] == begin
