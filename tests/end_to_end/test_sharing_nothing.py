"""A search whose workers see no folder of the controller's gives what one on this machine gives, to the last bit."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import ExecutorRequest, FoldFinished, FoldStarted, hookimpl
from automl.testing import executor_checks
from tests.apart import APART, RUNNING, OffersApart, may_mount
from tests.conftest import quick
from tests.tables import binary_table
from tests.troublesome import Offers

TIMES = ["fit_seconds", "predict_seconds", "finished"]
PATIENCE = 100
FEW = {"models": ["linear", "lightgbm"], "max_trials": 3, "cv": 2}
CHECKS = dict(executor_checks(APART))


def searched(*plugins, executor="apart", **options):
    """Return a model fitted on one host, unless more are asked for, or elsewhere."""
    options = {**FEW, "executor": executor, "plugins": [OffersApart(), *plugins], **options}
    return quick(**options).fit(binary_table(80), "bought")


def assert_equal(model, other, fresh):
    pd.testing.assert_frame_equal(
        model.leaderboard().drop(columns=[*TIMES, "machine"], errors="ignore"),
        other.leaderboard().drop(columns=[*TIMES, "machine"], errors="ignore"),
        check_exact=True,
    )
    assert (model.score_, model.interval_, model.ensemble_) == (other.score_, other.interval_, other.ensemble_)
    np.testing.assert_array_equal(model.predict_proba(fresh), other.predict_proba(fresh))


@pytest.fixture(scope="module")
def undisturbed():
    """What the same search gives in a worker process of this machine."""
    return searched(executor="process_slots")


def sees(place, path):
    return Path(path).exists(), str(place.folder), str(Path.cwd())


@pytest.mark.skipif(not may_mount(), reason="a process may have no /tmp of its own here")
def test_the_hosts_of_these_tests_see_nothing_of_the_controller_nor_of_each_other(tmp_path):
    executor = APART.build(ExecutorRequest(2, 1, folder=tmp_path))
    executor.start()
    try:
        (tmp_path / "here").write_text("")
        path = str(tmp_path / "here")
        assert path.startswith(tempfile.gettempdir())
        found = [executor.submit(slot, sees, path).future.result(PATIENCE) for slot in executor.slots()]
        there = [
            executor.submit(slot, sees, found[1 - slot.number][1]).future.result(PATIENCE) for slot in executor.slots()
        ]
    finally:
        executor.close()
    assert [seen for seen, *_ in (*found, *there)] == 4 * [False]
    assert all(folder == working for _, folder, working in found)
    assert not any(Path(folder).exists() for _, folder, _ in found)


@pytest.mark.parametrize(
    "name",
    ["check_exceptions_are_values", "check_last_words_are_heard", "check_published_files_are_found",
     "check_what_was_put_is_fetched_until_it_is_discarded"],
)  # fmt: skip
def test_the_executor_of_these_tests_keeps_the_contract(name):
    CHECKS[name]()


def test_a_search_gives_the_same_to_the_last_bit_and_fetches_the_members_that_predict(undisturbed):
    model = searched(n_jobs=2)
    assert model.failures().empty
    assert_equal(model, undisturbed, binary_table(40, seed=7))
    board = model.leaderboard().query("weight != 0 and model != 'baseline'")
    fetched = [name.removesuffix(".pkl").rsplit("-", 1) for name in RUNNING[-1].fetched]
    assert {candidate for candidate, _ in fetched} <= set(board["candidate"])
    assert len(fetched) == board["folds"].sum()


def test_a_worker_that_dies_costs_one_trial_and_its_last_words_arrive(undisturbed):
    model = searched(Offers("aborts"), models=["linear", "lightgbm", "aborts"], max_trials=4)
    (failure,) = model.failures().to_dict("records")
    assert (failure["model"], failure["stage"]) == ("aborts", "worker")
    assert "Aborted" in failure["traceback"]
    assert "in fit" in failure["traceback"]
    board = model.leaderboard().query("model != 'aborts'")
    assert list(board["score"]) == list(undisturbed.leaderboard()["score"])


class Watcher:
    """Counts the fits that are begun, and copies the folder after the third: what a SIGKILL would leave."""

    def __init__(self, path):
        self.path, self.begun, self.finished = path, [], 0

    @hookimpl
    def automl_event(self, event):
        if isinstance(event, FoldStarted):
            self.begun.append((event.candidate_id, event.fold))
        if isinstance(event, FoldFinished):
            self.finished += 1
            if self.finished == 3:
                shutil.copytree(self.path, self.path.parent / "killed")


@pytest.mark.long
def test_a_search_that_was_killed_goes_on_with_the_members_that_have_arrived(undisturbed, tmp_path):
    watcher, other = Watcher(tmp_path / "kept"), Watcher(tmp_path / "killed")
    assert_equal(searched(watcher, path=str(tmp_path / "kept")), undisturbed, binary_table(40, seed=7))
    assert RUNNING[-1].kept == {}  # they lie here
    resumed = searched(other, path=str(tmp_path / "killed"))
    assert_equal(resumed, undisturbed, binary_table(40, seed=7))
    assert len(other.begun) <= len(watcher.begun) - 3


@pytest.mark.long
def test_images_are_seen_there_as_they_are_here():
    rng = np.random.default_rng(0)
    shade = rng.integers(0, 200, 40)
    pictures = [np.full((32, 32, 3), each, np.uint8) + rng.integers(0, 50, (32, 32, 3), np.uint8) for each in shade]
    table = pd.DataFrame({"picture": pictures, "bright": shade > 100})
    options = {"models": ["linear"], "max_trials": 1, "cv": 2, "n_jobs": 1, "plugins": [OffersApart()]}
    there, here = (quick(executor=name, **options).fit(table, "bright") for name in ("apart", "in_process"))
    assert there.failures().empty
    assert there.score_ == here.score_
    np.testing.assert_array_equal(there.predict_proba(table), here.predict_proba(table))
