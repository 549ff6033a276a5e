"""Refit: one model on all rows in the place of the fold models, with what the folds agreed on, inside the time."""

from __future__ import annotations

import time

import numpy as np

from automl import AutoML
from automl.steps.ensemble.refit_members import agreed_params
from automl.vocabulary.results import FoldResult
from tests.conftest import quick
from tests.tables import binary_table, regression_table


def fold(number, params) -> FoldResult:
    return FoldResult("id", number, np.zeros((1, 1), np.float32), 1.0, 1.0, 0.1, info={"refit_params": params})


def test_numbers_are_the_median_over_folds_and_whole_ones_stay_whole():
    folds = [
        fold(k, {"rounds": rounds, "rate": rounds / 100, "kind": "a"}) for k, rounds in enumerate((10, 90, 21, 22))
    ]
    assert agreed_params(folds) == {"rounds": 22, "rate": 0.215, "kind": "a"}
    assert isinstance(agreed_params(folds)["rounds"], int)
    assert agreed_params([FoldResult("id", 0, np.zeros((1, 1)), 1.0, 1.0, 0.1)]) == {}


def test_in_order_of_time_the_newest_half_of_the_folds_says_how_long_to_train():
    folds = [fold(k, {"rounds": rounds}) for k, rounds in enumerate((90, 80, 70, 5, 1))]
    assert agreed_params(folds, ordered=True) == {"rounds": 80}


def test_each_member_becomes_one_model_and_the_scores_stay_those_of_the_folds(tmp_path):
    table = binary_table()
    plain = quick(models=["linear", "lightgbm"]).fit(table, "bought")
    model = quick(models=["linear", "lightgbm"], refit=True).fit(table, "bought")
    assert all(len(member.folds) == 1 for member in model.predictor_.members)
    assert model.score_ == plain.score_
    assert any("those of the fold models" in note for note in model.notes_)
    board = model.leaderboard()
    assert board.loc[board["weight"] > 0, "refitted"].all()
    assert not plain.leaderboard()["refitted"].any()
    assert abs(model.predict_proba(table) - plain.predict_proba(table)).max() < 0.4
    again = AutoML.load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.predict_proba(table), model.predict_proba(table))


def test_boosting_takes_the_rounds_that_its_folds_kept():
    model = quick(models=["lightgbm"], refit=True, max_trials=1).fit(regression_table(), "spent")
    (result,) = model.outcome_.results
    (member,) = model.predictor_.members
    kept = [each.info["refit_params"]["n_estimators"] for each in result.folds]
    assert member.folds[0].learner.refit_params()["n_estimators"] == round(np.median(kept))


def test_the_time_limit_is_kept_with_refit():
    limit = 8
    begun = time.monotonic()
    model = AutoML(limit, refit=True, verbose=0, n_jobs=1).fit(regression_table(400), "spent")
    assert time.monotonic() - begun < limit + 1.1
    assert any(note.startswith("refit:") for note in model.notes_)
    assert np.isfinite(model.predict(regression_table(20))).all()
