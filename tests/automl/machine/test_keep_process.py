"""What a plugin does to the process is undone."""

import os
import random
import threading

import numpy as np
import pytest

from automl.machine.keep_process import kept_process


def spoil(folder):
    random.seed(1)
    np.random.seed(1)
    np.seterr(all="ignore")
    os.environ["AUTOML_TEST_NEW"] = "new"
    os.environ["AUTOML_TEST_OLD"] = "changed"
    os.environ.pop("AUTOML_TEST_GONE")
    os.chdir(folder)


def state():
    return os.getcwd(), dict(os.environ), random.getstate(), np.random.get_state()[1].tolist(), np.geterr()


@pytest.mark.parametrize("ends", ["well", "badly"])
def test_everything_is_put_back_however_it_ends(tmp_path, monkeypatch, ends):
    monkeypatch.setenv("AUTOML_TEST_OLD", "old")
    monkeypatch.setenv("AUTOML_TEST_GONE", "here")
    before = state()
    try:
        with kept_process():
            spoil(tmp_path)
            assert state() != before
            if ends == "badly":
                raise KeyError
    except KeyError:
        pass
    assert state() == before


def test_a_seed_makes_what_is_drawn_the_same_whatever_was_drawn_before():
    drawn = []
    for burnt in (0, 5):
        np.random.random(burnt)
        with kept_process(seed=3):
            drawn.append((random.random(), np.random.random()))
    assert drawn[0] == drawn[1]


def test_a_folder_that_is_gone_meanwhile_is_no_error(tmp_path, monkeypatch):
    doomed = tmp_path / "doomed"
    doomed.mkdir()
    monkeypatch.chdir(doomed)
    with kept_process():
        os.chdir(tmp_path)
        doomed.rmdir()
    assert os.getcwd() == str(tmp_path)


def test_beside_a_main_program_that_goes_on_its_own_changes_stay(monkeypatch):
    monkeypatch.setenv("AUTOML_TEST_OLD", "old")

    def work():
        with kept_process():
            np.seterr(all="raise")
            os.environ["AUTOML_TEST_OLD"] = "changed by the program"
            random.seed(1)
        errors.append(np.geterr()["divide"])

    errors = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert os.environ["AUTOML_TEST_OLD"] == "changed by the program"
    assert random.getstate() == random.Random(1).getstate()
    assert errors == ["warn"]


def test_what_runs_inside_finds_the_usual_error_state_of_numpy():
    with np.errstate(all="raise"):
        with kept_process():
            assert np.geterr()["under"] == "ignore"
        assert np.geterr()["under"] == "raise"
