"""A search that is stopped goes on where it was, in the folder that `path` names."""

import contextlib
import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.errors import FolderError, SearchWarning
from automl.machine.hold_folder import held
from automl.plugin_api import FoldFinished, FoldStarted, SearchStarted, hookimpl
from tests.conftest import quick
from tests.tables import binary_table

ROOT = Path(__file__).parents[2]
TIMES = ["fit_seconds", "predict_seconds", "finished"]
FULL = Path("/dev/full")


class Watcher:
    """Counts the fits that are begun; with `into`, copies the folder after each: what a SIGKILL would leave."""

    def __init__(self, path, into=None):
        self.path, self.into, self.begun = path, into, []
        self.number = itertools.count()

    @hookimpl
    def automl_event(self, event):
        if isinstance(event, FoldStarted):
            self.begun.append((event.candidate_id, event.fold))
        if self.into is not None and isinstance(event, FoldFinished):
            shutil.copytree(self.path, self.into / str(next(self.number)))


class Fills:
    """Lets the disk be full from the start of the search on, for the log."""

    def __init__(self, path):
        self.path = path

    @hookimpl
    def automl_event(self, event):
        if isinstance(event, SearchStarted):
            (self.path / "run" / "folds.log").symlink_to(FULL)


def searched(path, watcher=None, **options):
    return quick(path=str(path), plugins=[watcher or Watcher(path)], **options).fit(binary_table(), "bought")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """A search that ran to its end, and what its folder held after each fit."""
    folder = tmp_path_factory.mktemp("unbroken")
    watcher = Watcher(folder / "kept", folder)
    model = searched(folder / "kept", watcher)
    return model, watcher, folder


@pytest.fixture
def stopped(unbroken, tmp_path):
    """A folder as it was left by a search that was killed after its seventh fit."""
    shutil.copytree(unbroken[2] / "6", tmp_path / "kept")
    return tmp_path / "kept"


def assert_equal(model, other):
    pd.testing.assert_frame_equal(
        model.leaderboard().drop(columns=TIMES), other.leaderboard().drop(columns=TIMES), check_exact=True
    )
    assert (model.score_, model.interval_, model.ensemble_) == (other.score_, other.interval_, other.ensemble_)
    fresh = binary_table(40, seed=7)
    np.testing.assert_array_equal(model.predict_proba(fresh), other.predict_proba(fresh))


def logged(path):
    lines = (path / "run" / "folds.log").read_bytes().splitlines()
    return {tuple(json.loads(line.split(b" ", 1)[1])["key"][:2]) for line in lines}


@pytest.mark.parametrize("number", [0, 1, 4, 6, 9])
def test_no_finished_fit_is_made_again_and_the_result_is_that_of_an_unbroken_search(unbroken, tmp_path, number):
    model, everything, folder = unbroken
    shutil.copytree(folder / str(number), tmp_path / "kept")
    done, watcher = logged(tmp_path / "kept"), Watcher(tmp_path / "kept")
    resumed = searched(tmp_path / "kept", watcher)
    assert len(done) == number + 1
    assert not done & set(watcher.begun)
    assert done | set(watcher.begun) >= set(everything.begun)
    assert_equal(model, resumed)
    assert any(note.startswith("resumed: ") for note in resumed.notes_)


@pytest.mark.long
def test_a_search_killed_by_the_system_goes_on_in_worker_processes_with_an_equal_result():
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "resume.py", "--kills", "1", "--trials", "3"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"kills": 1, "fitted_again": 0, "equal": 1}


def test_a_line_that_was_torn_while_it_was_written_costs_its_own_fit(unbroken, stopped):
    log = stopped / "run" / "folds.log"
    log.write_bytes(log.read_bytes()[:-20])
    watcher = Watcher(stopped)
    assert_equal(unbroken[0], searched(stopped, watcher))
    assert len(watcher.begun) == len(unbroken[1].begun) - 6


def test_a_fitted_member_that_was_changed_is_not_loaded(unbroken, stopped):
    member = max((stopped / "run").glob("*.pkl"), key=lambda each: each.stat().st_mtime)
    member.write_bytes(member.read_bytes() + b"more")
    assert_equal(unbroken[0], searched(stopped))


def test_the_same_call_after_the_end_returns_what_was_found(unbroken):
    model, _, folder = unbroken
    watcher = Watcher(folder / "kept")
    again = searched(folder / "kept", watcher)
    assert watcher.begun == []
    assert_equal(model, again)
    assert "finished before" in again.notes_[-1]


def test_another_table_is_refused_and_the_columns_that_differ_are_named(stopped):
    with pytest.raises(FolderError, match=r"a search that was stopped and differs.*types of 'age'.*another path"):
        quick(path=str(stopped)).fit(binary_table().assign(age=1.0), "bought")


def test_other_settings_are_refused_by_name(stopped):
    with pytest.raises(FolderError, match=r"setting metric: .* there, 'accuracy' here"):
        quick(path=str(stopped), metric="accuracy", plugins=[Watcher(stopped)]).fit(binary_table(), "bought")


def test_more_trials_of_a_search_that_was_stopped_are_allowed(stopped):
    longer = searched(stopped, max_trials=5)
    assert len(longer.leaderboard()) == 5


def test_more_trials_of_a_search_that_has_ended_are_refused(unbroken):
    with pytest.raises(FolderError, match=r"has finished and differs.*max_trials: 4 there, 5 here"):
        searched(unbroken[2] / "kept", max_trials=5)


def test_two_searches_in_one_folder_are_refused(stopped):
    with held(stopped / "run"), pytest.raises(FolderError, match="Another search is running"):
        searched(stopped)


def test_a_folder_that_no_search_has_made_is_left_alone(tmp_path):
    (tmp_path / "kept" / "run").mkdir(parents=True)
    (tmp_path / "kept" / "run" / "letters.txt").write_text("dear")
    with pytest.raises(FolderError, match="no search has made it"):
        searched(tmp_path / "kept")
    assert (tmp_path / "kept" / "run" / "letters.txt").read_text() == "dear"


def test_a_folder_of_a_search_that_was_killed_before_it_wrote_anything_is_taken(tmp_path):
    (tmp_path / "kept" / "run").mkdir(parents=True, mode=0o700)
    (tmp_path / "kept" / "run" / "lock").touch()
    assert len(searched(tmp_path / "kept", max_trials=1).leaderboard()) == 1


def test_a_search_by_time_takes_over_what_was_fitted(tmp_path):
    watcher = Watcher(tmp_path / "kept", tmp_path)
    searched(tmp_path / "kept", watcher, time_limit=4, max_trials=6, random_state=0)
    number = str(min(7, next(watcher.number) - 1))
    shutil.copytree(tmp_path / number, tmp_path / "again")
    done, other = logged(tmp_path / "again"), Watcher(tmp_path / "again")
    resumed = searched(tmp_path / "again", other, time_limit=4, max_trials=6, random_state=0)
    assert not done & set(other.begun)
    assert {key[0] for key in done} <= set(resumed.leaderboard()["candidate"])
    assert any("not repeatable to the last bit: the clock decides" in note for note in resumed.notes_)


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
def test_a_full_disk_costs_the_log_and_not_the_search(unbroken, tmp_path):
    path = tmp_path / "kept"
    model = quick(path=str(path), plugins=[Watcher(path), Fills(path)]).fit(binary_table(), "bought")
    assert_equal(unbroken[0], model)
    assert any("could no longer be written down" in note and "No space left" in note for note in model.notes_)


def test_a_model_that_cannot_be_saved_is_given_back_with_a_warning(tmp_path):
    class Blocks(Watcher):
        @hookimpl
        def automl_event(self, event):
            if isinstance(event, FoldFinished):
                with contextlib.suppress(FileExistsError):
                    (tmp_path / "kept" / "model").write_text("somebody else's")

    with pytest.warns(SearchWarning, match="The model is fitted, but not saved"):
        model = searched(tmp_path / "kept", Blocks(tmp_path / "kept"))
    assert len(model.predict(binary_table(5))) == 5
    assert isinstance(model, AutoML)
