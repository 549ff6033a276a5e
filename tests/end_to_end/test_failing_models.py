"""One failure costs one trial: models that break, hang or die leave the rest of the search as it was."""

import os
import time

import numpy as np
import pytest

from automl import AutoML
from automl.errors import SearchError
from tests.conftest import quick
from tests.tables import binary_table
from tests.troublesome import BUILDERS, DYING, LIVING, RAISING, UNREADABLE, Offers, RaisesDeciding, RaisesWatching


@pytest.fixture(scope="module")
def undisturbed():
    """The search by count that a fault must not change."""
    return quick(models=["linear", "lightgbm"], max_trials=3).fit(binary_table(), "bought")


def assert_as_undisturbed(model, undisturbed, faulty=()):
    columns = ["candidate", "score", "weight", "status", "folds"]
    board = model.leaderboard().query("model not in @faulty")
    assert board[columns].reset_index(drop=True).equals(undisturbed.leaderboard()[columns])
    test = binary_table(40, seed=3)
    np.testing.assert_array_equal(model.predict_proba(test), undisturbed.predict_proba(test))


@pytest.mark.parametrize("fault", RAISING)
def test_a_search_with_a_broken_model_ends_as_if_it_were_not_there(undisturbed, fault):
    model = quick(models=["linear", "lightgbm", fault], plugins=[Offers(fault)], max_trials=4).fit(
        binary_table(), "bought"
    )
    (failure,) = model.failures().to_dict("records")
    assert failure["model"] == fault
    assert "Traceback" in failure["traceback"]
    assert_as_undisturbed(model, undisturbed, (fault,))


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_model_that_cannot_be_loaded_again_is_left_out_of_the_ensemble(fault):
    model = quick(models=["linear", fault], plugins=[Offers(fault)], max_trials=3).fit(binary_table(), "bought")
    (failure,) = model.failures().to_dict("records")
    assert (failure["model"], failure["stage"]) == (fault, "load")
    weights = model.leaderboard().groupby("model")["weight"].sum()
    assert weights[fault] == 0
    assert weights["linear"] == pytest.approx(1)
    assert model.score_ < 0.99
    assert np.isfinite(model.predict_proba(binary_table(20))).all()


@pytest.mark.parametrize("fault", sorted(set(LIVING) - {"floods"}))
def test_what_a_model_does_to_the_process_and_its_input_ends_with_its_fit(fault):
    table = binary_table()
    copy, before = table.copy(deep=True), (os.getcwd(), dict(os.environ), np.random.get_state()[1].tolist())
    found = []
    for build in ("class_shares", fault):
        plugin = Offers(fault)
        plugin.build = BUILDERS[build]
        options = {"models": ["linear", "lightgbm", fault], "plugins": [plugin], "max_trials": 4}
        found.append(quick(**options).fit(table, "bought"))
    assert (os.getcwd(), dict(os.environ), np.random.get_state()[1].tolist()) == before
    assert table.equals(copy)
    assert_as_undisturbed(found[1], found[0])


def test_plugins_that_raise_while_they_watch_or_decide_are_passed_over(undisturbed):
    plugins = [RaisesWatching(), RaisesDeciding()]
    model = quick(models=["linear", "lightgbm"], plugins=plugins, max_trials=3).fit(binary_table(), "bought")
    stages = {(failure["model"], failure["stage"]) for failure in model.failures().to_dict("records")}
    hooks = ("infer_task", "type_column", "plan_resampling", "should_stop")
    assert stages == {("RaisesWatching", "automl_event"), *(("RaisesDeciding", f"automl_{hook}") for hook in hooks)}
    assert_as_undisturbed(model, undisturbed)


@pytest.mark.long
def test_models_that_kill_or_flood_their_worker_cost_their_trials_and_nothing_is_printed(capfd, undisturbed):
    faults = (*DYING, "floods")
    model = quick(
        models=["linear", "lightgbm", *faults],
        plugins=[Offers(*faults)],
        max_trials=7,
        executor="process_slots",
        n_jobs=2,
    ).fit(binary_table(), "bought")
    failures = model.failures().set_index("model")
    assert set(failures.index) == set(DYING)
    assert (failures["stage"] == "worker").all()
    assert "in fit" in failures.loc["aborts", "traceback"]
    assert "died with SIGABRT" in failures.loc["aborts", "cause"]
    assert len(capfd.readouterr().out) < 1000
    assert_as_undisturbed(model, undisturbed, faults)


def test_a_search_with_nothing_but_broken_models_says_why():
    with pytest.raises(SearchError, match="the fit broke"):
        quick(models=["raises_in_fit"], plugins=[Offers("raises_in_fit")]).fit(binary_table(60), "bought")


def test_models_that_hang_do_not_keep_the_search_from_ending_in_time_with_the_others():
    limit, names = 6, ("sleeps", "loops_in_c")
    model = AutoML(limit, models=["baseline", "linear", *names], plugins=[Offers(*names)], n_jobs=3, verbose=0, cv=3)
    begun = time.monotonic()
    model.fit(binary_table(), "bought")
    assert time.monotonic() - begun < limit + 1 + 0.01 * limit
    assert set(names) <= set(model.failures()["model"])
    assert "baseline" in set(model.leaderboard()["model"])
    assert np.isfinite(model.predict_proba(binary_table(20))).all()
