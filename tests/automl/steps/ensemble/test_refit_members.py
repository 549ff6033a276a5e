"""Refit: one model on all rows in the place of the fold models, with what the folds agreed on, inside the time."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from automl import AutoML
from automl.steps.ensemble.refit_members import BeforeRefit, agreed_params, expected_seconds, refit_seconds, wants_refit
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.results import CandidateResult, FoldResult
from automl.vocabulary.settings import SearchSettings
from tests.conftest import quick
from tests.tables import binary_table, regression_table

ROWS = np.arange(100)


def fold(number, params) -> FoldResult:
    return FoldResult("id", number, np.zeros((1, 1), np.float32), 1.0, 1.0, 0.1, "", info={"refit_params": params})


def test_numbers_are_the_median_over_folds_and_whole_ones_stay_whole():
    folds = [
        fold(k, {"rounds": rounds, "rate": rounds / 100, "kind": "a"}) for k, rounds in enumerate((10, 90, 21, 22))
    ]
    assert agreed_params(folds) == {"rounds": 22, "rate": 0.215, "kind": "a"}
    assert isinstance(agreed_params(folds)["rounds"], int)
    assert agreed_params([FoldResult("id", 0, np.zeros((1, 1)), 1.0, 1.0, 0.1, "")]) == {}


def searched(settings, results=(), stretches=None, n_slots=2):
    """What is looked at of a search: its settings, folds, slots and results."""
    rows = np.arange(100)
    plan = ResamplingPlan((Fold(rows[:80], rows[80:]), Fold(rows[:60], rows[60:80])), "two", stretches)
    judge = SimpleNamespace(plan=plan, target=rows)
    return SimpleNamespace(around=SimpleNamespace(settings=settings, judge=judge, n_slots=n_slots), results=results)


def result(seconds, loss=1.0, status="complete"):
    folds = tuple(replace(fold(number, {}), seconds=each) for number, each in enumerate(seconds))
    return CandidateResult(Candidate("m", {}, Preparation((), ())), folds, loss, loss, (), status, 0)


@pytest.mark.parametrize(
    ("refit", "stretches", "wanted"),
    [(None, None, False), (True, None, True), (False, ROWS, False), (None, ROWS, True)],
)
def test_members_are_fitted_on_all_rows_as_asked_else_where_folds_are_in_order_of_time(refit, stretches, wanted):
    trials = searched(SearchSettings(time_limit=100.0, refit=refit), stretches=stretches)
    assert wants_refit(trials.around.settings, trials.around.judge.plan) is wanted
    assert (refit_seconds(trials) > 0) is wanted
    assert refit_seconds(searched(SearchSettings(time_limit=None, max_trials=2, refit=True))) == 0


def test_the_time_kept_is_what_the_best_candidates_will_take_and_never_more_than_a_share():
    settings = SearchSettings(time_limit=100.0, refit=True)
    unknown = refit_seconds(searched(settings))
    quick_ones = refit_seconds(searched(settings, [result((0.1, 0.1))] * 3))
    assert 0 < quick_ones < 1 < unknown
    assert refit_seconds(searched(settings, [result((50.0, 50.0))] * 30)) == unknown
    assert refit_seconds(searched(settings, [result((50.0, 50.0), status="dropped"), result((0.1, 0.1))])) < 1
    left = BeforeRefit(Deadline(90.0), searched(settings, [result((0.1, 0.1))])).left()
    assert 88 < left < 90


def test_a_fit_on_all_rows_is_expected_to_take_as_long_for_a_row_as_those_of_the_folds():
    trials = searched(SearchSettings())
    assert expected_seconds(result((8.0, 6.0)), trials.around.judge.plan, 100) == pytest.approx(10.0)


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
