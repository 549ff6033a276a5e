"""One failure costs one trial: models that break, hang or die leave the rest of the search as it was."""

import time

import numpy as np
import pytest

from automl import AutoML
from automl.errors import SearchError
from tests.conftest import quick
from tests.tables import binary_table
from tests.troublesome import Offers


def test_models_that_break_are_listed_and_the_others_carry_the_ensemble():
    broken = ("raises_in_build", "raises_in_fit", "raises_in_predict", "predicts_nan", "predicts_wrong_shape", "exits")
    model = quick(models=["linear", *broken], plugins=[Offers(*broken)], max_trials=10).fit(binary_table(), "bought")
    failures = model.failures().set_index("model")
    assert set(failures.index) == set(broken)
    assert (failures["count"] == 1).all()
    assert failures["traceback"].str.contains("Traceback").all()
    stages = {"raises_in_build": "build", "raises_in_fit": "fit", "exits": "fit"}
    assert failures["stage"].to_dict() == {**dict.fromkeys(broken, "predict"), **stages}
    assert set(model.leaderboard()["model"]) == {"linear"}
    assert len(model.leaderboard()) == 4
    assert model.score_ > 0.8


def test_a_model_that_kills_its_worker_costs_one_trial():
    model = quick(
        models=["linear", "aborts"], plugins=[Offers("aborts")], max_trials=3, executor="process_slots", n_jobs=2
    ).fit(binary_table(), "bought")
    (failure,) = model.failures().to_dict("records")
    assert failure["model"] == "aborts"
    assert failure["stage"] == "worker"
    assert failure["traceback"]
    assert (model.leaderboard()["status"] == "complete").all()
    assert len(model.leaderboard()) == 2


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
