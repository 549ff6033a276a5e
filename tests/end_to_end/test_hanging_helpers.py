"""Whatever hangs in the search's own process is left, listed with where it stood, and the search goes on."""

import time
from dataclasses import replace

import pytest

import automl.search
from automl import AutoML
from automl.plugin_api import EnsemblerSpec, SearchStrategySpec, hookimpl
from automl.registry import discover
from tests.end_to_end.test_refused_before_workers import table

FOREVER = 60.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(automl.search, "HOOK_SECONDS", 0.4)


def search(plugin, limit=12, **options):
    """Return a fitted search with a time limit, in this process, after seeing that it kept it."""
    settings = {"max_trials": 3, "verbose": 0, "executor": "in_process", "models": ["baseline", "linear"], **options}
    begun = time.monotonic()
    model = AutoML(limit, **settings, plugins=[plugin]).fit(table(), "target")
    assert time.monotonic() - begun < limit + 1 + 0.01 * limit
    assert set(model.leaderboard().model) > {"baseline"}
    return model


def the_hang(model, stage):
    """Return the only failure of a stage, which is a call that was left."""
    (row,) = model.failures().query("stage == @stage").to_dict("records")
    assert "is not waited for" in row["cause"]
    assert "test_hanging_helpers.py" in row["traceback"]
    assert row["count"] == 1
    return row


class HangsWatching:
    @hookimpl
    def automl_event(self, event):
        time.sleep(FOREVER)


class HangsDeciding:
    @hookimpl
    def automl_type_column(self, column):
        time.sleep(FOREVER)

    @hookimpl
    def automl_should_stop(self, progress):
        return None


class HangsEstimating:
    @hookimpl
    def automl_models(self):
        linear = discover().models["linear"]
        return [replace(linear, name="guessing", resources=lambda size: time.sleep(FOREVER))]


class HangingStrategy:
    def __init__(self, request):
        self.asked = []

    def ask(self, seconds_left):
        from automl.plugin_api import Proposal

        if self.asked:
            time.sleep(FOREVER)
        self.asked.append(True)
        return Proposal("linear", {}, 0)

    def tell(self, outcome):
        pass


class HangsAsked:
    @hookimpl
    def automl_search_strategies(self):
        return [SearchStrategySpec("hanging", HangingStrategy)]


class HangingEnsembler:
    def __init__(self, request):
        pass

    def fit(self, out_of_fold, context):
        time.sleep(FOREVER)


class HangsCombining:
    @hookimpl
    def automl_ensemblers(self):
        return [EnsemblerSpec("hanging", HangingEnsembler, family="weighted", complexity=0)]


def test_a_watcher_that_hangs_is_told_no_more():
    assert the_hang(search(HangsWatching()), "automl_event")["model"] == "HangsWatching"


def test_a_decision_that_does_not_come_is_made_without():
    the_hang(search(HangsDeciding()), "automl_type_column")


def test_a_model_whose_estimate_hangs_is_tried_all_the_same():
    model = search(HangsEstimating(), models=["baseline", "guessing"])
    the_hang(model, "resources")
    assert "guessing" in set(model.leaderboard().model)


def test_a_strategy_that_hangs_leaves_what_was_found_before():
    the_hang(search(HangsAsked(), strategy="hanging"), "ask")


def test_an_ensembler_that_hangs_is_left_out():
    model = search(HangsCombining(), limit=5)
    failures = model.failures().query("model == 'hanging'")
    assert failures["cause"].str.contains("is not waited for").all()
    assert len(failures)
    assert model.ensemble_ != "hanging"
