"""Searches on machines that come, go and differ: no candidate fails for a machine's sake, and nothing waits long."""

import pandas as pd
import pytest

from automl.plugin_api import FoldLost, hookimpl
from automl.steps.trials import follow_slots, run_jobs
from automl.vocabulary.states import Ended
from tests.changing import OffersChanging, slots_of
from tests.conftest import quick
from tests.tables import binary_table

TABLE = binary_table(120)
COMPARED = ["model", "score", "weight", "status", "folds", "candidate"]


@pytest.fixture(autouse=True)
def asked_often(monkeypatch):
    """Ask for slots each time, so that a short search sees them change."""
    monkeypatch.setattr(follow_slots, "EVERY_SECONDS", 0.0)


class Watches:
    """Keeps the folds that were lost."""

    def __init__(self):
        self.lost = []

    @hookimpl
    def automl_event(self, event):
        if isinstance(event, FoldLost):
            self.lost.append(event)


def searched(offers, *plugins, **options):
    options = {
        "max_trials": 4,
        "models": ["baseline", "linear", "lightgbm"],
        "executor": "changing",
        "n_jobs": -1,
        **options,
    }
    return quick(plugins=[offers, *plugins], **options).fit(TABLE, "bought")


@pytest.fixture(scope="module")
def alone():
    return quick(max_trials=4, models=["baseline", "linear", "lightgbm"]).fit(TABLE, "bought")


def test_by_count_machines_that_come_and_go_change_nothing(alone):
    begun = []

    def begins(executor, slot):
        begun.append(slot.host)
        if len(begun) == 5:
            executor.offered = [*executor.offered, *slots_of("b", 1, first=9)]
        if len(begun) == 9:
            executor.lose("a")

    watches = Watches()
    model = searched(OffersChanging(slots_of("a", 2), begins), watches)
    assert set(begun) == {"a", "b"}
    assert watches.lost
    pd.testing.assert_frame_equal(model.leaderboard()[COMPARED], alone.leaderboard()[COMPARED])
    assert (model.predict_proba(TABLE) == alone.predict_proba(TABLE)).all()
    assert model.failures().empty
    assert set(", ".join(model.leaderboard()["machine"]).split(", ")) >= {"a", "b"}
    assert any("lost with a machine and handed out again: a (" in note for note in model.notes_)


def test_a_model_that_no_machine_has_the_library_of_is_refused_with_their_names():
    offered = slots_of("a", 1, without=frozenset({"lightgbm"}))
    model = searched(OffersChanging(offered))
    (failure,) = model.failures().to_dict("records")
    assert (failure["model"], failure["stage"]) == ("lightgbm", "choose")
    assert "is not installed on a" in failure["cause"]


def test_a_model_goes_to_the_machine_that_can_fit_it():
    where = []
    offered = [*slots_of("a", 2, without=frozenset({"lightgbm"})), *slots_of("b", 1, first=2)]
    model = searched(OffersChanging(offered, lambda executor, slot: where.append(slot.host)))
    assert model.failures().empty
    assert set(where) == {"a", "b"}


@pytest.mark.parametrize("limits", [{"time_limit": 60, "max_trials": None}, {"max_trials": 30}], ids=["time", "count"])
def test_where_all_machines_are_gone_a_search_ends_after_a_while_with_what_it_has(limits, monkeypatch):
    monkeypatch.setattr(run_jobs, "PATIENCE_SHARE", 0.01)
    monkeypatch.setattr(run_jobs, "MOST_PATIENCE", 0.6)
    begun = []

    def begins(executor, slot):
        begun.append(slot)
        if len(begun) == 8:
            executor.lose("a")

    model = searched(OffersChanging(slots_of("a", 2), begins), **limits)
    assert model.outcome_.reason is Ended.NO_MACHINES
    assert "lightgbm" not in model.failures()["model"].tolist() or (model.failures()["stage"] == "choose").all()
