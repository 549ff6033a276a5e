"""Machines are lost, silent, late, full or lack a library: the search ends as it would have, and no candidate fails."""

import importlib
import threading
import time

import numpy as np
import pandas as pd
import pytest

from automl.fleet import roster
from automl.plugin_api import CandidateFinished, FoldFinished, TrialsFinished, hookimpl
from tests.conftest import quick
from tests.fleets import FakeCluster, OffersFake, until
from tests.tables import binary_table

OTHERWISE = ["fit_seconds", "predict_seconds", "finished", "machine"]
FEW = {"models": ["linear", "lightgbm"], "max_trials": 4, "cv": 3, "n_jobs": -1}


def searched(executor, *plugins, **options):
    options = {**FEW, "executor": executor, "plugins": [OffersFake(), *plugins], **options}
    return quick(**options).fit(binary_table(80), "bought")


def assert_equal(model, other):
    ours, theirs = (each.leaderboard().drop(columns=OTHERWISE, errors="ignore") for each in (model, other))
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    assert (model.score_, model.interval_, model.ensemble_) == (other.score_, other.interval_, other.ensemble_)
    fresh = binary_table(40, seed=7)
    np.testing.assert_array_equal(model.predict_proba(fresh), other.predict_proba(fresh))


def has_called(machine, *functions):
    """Tell whether functions were called on a machine; a busy computer may get there after the search else."""
    return set(functions) <= set(machine.calls)


def assert_nothing_left(cluster):
    assert not cluster.is_open
    assert until(lambda: all(agent.poll() is not None for agent in cluster.agents()), 10.0)


class When:
    """Does something once, at the first event of a kind."""

    def __init__(self, kind, do):
        self.kind, self.do = kind, do

    @hookimpl
    def automl_event(self, event):
        if isinstance(event, self.kind) and self.do is not None:
            do, self.do = self.do, None
            do()


@pytest.fixture(scope="module")
def undisturbed():
    """What the same search gives in a worker process of this machine."""
    return searched("process_slots")


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setattr(roster, "LOOK_SECONDS", 0.1)


@pytest.fixture
def soon_silent(monkeypatch):
    """Have machines count as lost after two seconds: on a busy computer others than those that were hushed, too."""
    monkeypatch.setattr(roster, "SILENT_SECONDS", 2.0)


@pytest.mark.parametrize(
    "n_machines", [pytest.param(1, marks=pytest.mark.long), 2, pytest.param(4, marks=pytest.mark.long)]
)
def test_a_search_gives_the_same_to_the_last_bit_on_any_number_of_machines(undisturbed, tmp_path, n_machines):
    cluster = FakeCluster("whole", tmp_path, *"abcd"[:n_machines])
    model = searched("fake:whole")
    assert model.failures().empty
    assert_equal(model, undisturbed)
    assert cluster.sent == cluster["a"].received
    assert_nothing_left(cluster)


def test_a_machine_that_is_lost_costs_no_candidate(undisturbed, tmp_path):
    cluster = FakeCluster("lost", tmp_path, "a", "b")
    model = searched("fake:lost", When(FoldFinished, lambda: cluster.lose("a")))
    assert model.failures().empty
    assert_equal(model, undisturbed)
    assert any("the machine a was lost" in note for note in model.notes_)
    assert_nothing_left(cluster)


@pytest.mark.long
def test_models_that_are_lost_with_their_machine_are_fitted_again(undisturbed, tmp_path):
    cluster = FakeCluster("models", tmp_path, "a", "b")
    for machine in cluster.machines.values():
        machine.holds.add("fetch")

    def lose():
        busier, other = sorted(cluster.machines.values(), key=lambda each: each.calls.count("run"), reverse=True)
        cluster.lose(busier.name)
        other.holds.clear()

    model = searched("fake:models", When(TrialsFinished, lose))
    assert model.failures().empty
    assert_equal(model, undisturbed)
    assert any("fitted again" in note for note in model.notes_)


@pytest.mark.long
def test_a_machine_that_is_silent_for_a_while_comes_back(undisturbed, soon_silent, tmp_path):
    cluster = FakeCluster("hushed", tmp_path, "a")

    def hush():
        cluster["a"].speaks.clear()
        threading.Timer(6.0, cluster["a"].speaks.set).start()

    model = searched("fake:hushed", When(FoldFinished, hush))
    assert model.failures().empty
    assert_equal(model, undisturbed)
    assert any("silent" in note for note in model.notes_)


@pytest.mark.long
def test_a_full_disk_a_missing_library_and_a_late_machine_change_nothing_but_where_fits_run(undisturbed, tmp_path):
    cluster = FakeCluster("several", tmp_path, "full", "lacks", "late", "well")
    cluster["full"].full_disk, cluster["lacks"].lacks, cluster["late"].comes_after = True, ("lightgbm",), 3.0

    def await_all():
        assert until(lambda: has_called(cluster["full"], "keep_part", "leave"))
        assert until(lambda: all(has_called(cluster[name], "beat") for name in ("lacks", "late")))

    model = searched("fake:several", When(FoldFinished, await_all))
    assert model.failures().empty
    assert_equal(model, undisturbed)
    boosted = model.leaderboard().query("model == 'lightgbm'")
    assert not boosted["machine"].str.contains("lacks|full").any()
    notes = " ".join(model.notes_)
    assert "full was left out" in notes
    assert "lightgbm did not run on the machine lacks" in notes


@pytest.mark.long
@pytest.mark.parametrize("fault", ["lost", "silent", "headless"])
def test_the_time_limit_is_kept_whatever_becomes_of_the_machines(soon_silent, tmp_path, fault):
    cluster = FakeCluster("timed", tmp_path, "a", "b")

    def break_down():
        if fault == "headless":
            cluster.headless = "the scheduler is gone"
        for machine in cluster.machines.values():
            if fault == "lost":
                cluster.lose(machine.name)
            if fault == "silent":
                machine.speaks.clear()

    begun = time.monotonic()
    models = ["baseline", *FEW["models"]]  # the first is fitted here, and so is always there to end with
    model = searched("fake:timed", When(CandidateFinished, break_down), models=models, time_limit=25, max_trials=None)
    assert time.monotonic() - begun < 25 + 2
    assert len(model.leaderboard()) > 0
    for machine in cluster.machines.values():
        machine.speaks.set()


SCRIPT = """
from automl.plugin_api import Float, ModelSpec, hookimpl
from tests.troublesome import ClassShares
class Mine(ClassShares):
    pass
@hookimpl
def automl_models():
    return [ModelSpec("mine", Mine, space={"x": Float(0.0, 1.0)}, defaults=({"x": 0.5},))]
"""


def test_a_model_of_a_script_that_no_machine_can_import_travels_there(tmp_path, monkeypatch):
    (tmp_path / "of_a_script.py").write_text(SCRIPT)
    FakeCluster("script", tmp_path, "a")
    with monkeypatch.context() as here:
        here.syspath_prepend(tmp_path)
        mine = importlib.import_module("of_a_script")
    model = searched("fake:script", mine, models=["mine"], max_trials=1)
    assert model.failures().empty
    assert "mine" in set(model.leaderboard()["model"])


@pytest.mark.long
def test_a_search_with_a_path_goes_on_from_its_log_wherever_its_fits_ran(tmp_path):
    FakeCluster("path", tmp_path, "a", "b")
    path = tmp_path / "run"
    whole = searched("process_slots", path=str(tmp_path / "here"))

    def interrupt():
        raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted"):
        searched("fake:path", When(CandidateFinished, interrupt), path=str(path))
    FakeCluster("path", tmp_path, "a", "b")
    model = searched("fake:path", When(CandidateFinished, None), path=str(path))
    assert_equal(model, whole)
    assert any("were taken over" in note for note in model.notes_)
