"""Members of all rows: what predicts where folds are in order of time, and what the scores are then of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.reporting.labelled import OUT_OF_FOLD, label_sample
from tests.conftest import quick

ROWS = 400


def drifting_table():
    """A target whose level rises from month to month, so that a model is worth what the newest rows it saw say."""
    rng = np.random.default_rng(3)
    level = np.linspace(0.0, 20.0, ROWS)
    x = rng.normal(size=ROWS)
    days = pd.date_range("2021-01-01", periods=ROWS)
    return pd.DataFrame(
        {"day": days, "x": x, "level": level + rng.normal(0, 2, ROWS), "y": level + x + rng.normal(0, 0.1, ROWS)}
    )


@pytest.fixture(scope="module")
def dated():
    """A model of a table in order of time; not to be changed."""
    return quick(models=["lightgbm"], max_trials=3).fit(drifting_table(), "y", time_column="day")


def test_with_a_time_column_members_of_all_rows_predict(dated):
    for member in dated.predictor_.members:
        assert member.refitted
        assert len(member.folds) == 1 + len(member.fold_models)
        assert member.dealt[-1] == len(member.fold_models)
    assert dated.leaderboard().query("weight > 0")["refitted"].all()
    (note,) = (note for note in dated.notes_ if note.startswith("refit:"))
    assert f"on all {ROWS} rows" in note
    assert "which end earlier" in note


def test_the_newest_rows_are_seen_by_what_predicts_and_not_by_what_is_scored():
    model = quick(models=["extra_trees"], max_trials=1).fit(drifting_table(), "y", time_column="day")  # learns by heart
    newest = drifting_table().tail(20)
    errors = [
        np.abs(each.predict_outputs(newest)[:, 0] - newest["y"]).mean()
        for each in (model.predictor_, *map(model.predictor_.without_seen, range(3)))
    ]
    assert 2 * errors[0] < min(errors[1:])
    assert model.score_ > 2 * errors[0]


def test_the_note_says_how_scores_age(dated):
    (note,) = (note for note in dated.notes_ if note.startswith("time:"))
    assert "right after the rows that a model was fitted on" in note
    assert dated.interval_[0] <= dated.score_ <= dated.interval_[1]


def test_reports_still_predict_rows_by_models_that_have_not_seen_them(dated):
    labelled = label_sample(dated.predictor_, dated._fit.looked.sample)
    assert labelled.origin == OUT_OF_FOLD


def test_it_is_saved_whole_and_predicts_the_same(dated, tmp_path):
    again = AutoML.load(dated.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.predict(drifting_table()), dated.predict(drifting_table()))


def test_without_refit_the_models_of_the_newest_folds_predict():
    model = quick(models=["lightgbm"], max_trials=2, refit=False).fit(drifting_table(), "y", time_column="day")
    assert all(member.dealt[0] == 0 and not member.refitted for member in model.predictor_.members)
    assert not any(note.startswith("refit:") for note in model.notes_)
