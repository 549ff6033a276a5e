"""Quantiles from a table to a saved model: never crossing, named by level, scored, shown, resumed with no others."""

import numpy as np
import pandas as pd
import pytest

from automl import AutoML, AutoMLRegressor, fit_table
from automl.errors import AutoMLError, OptionError
from automl.reporting.story import tell_story
from tests.automl.cli.running import run
from tests.competitions import numbers
from tests.conftest import quick
from tests.docs.quick import quick_settings

LEVELS = [0.1, 0.5, 0.9]


def table(n_rows=240, seed=0):
    rng = np.random.default_rng(seed)
    a, kind = rng.normal(size=n_rows), rng.choice(["narrow", "wide"], n_rows)
    y = 10.0 + 3.0 * a + np.where(kind == "wide", 2.0, 0.5) * rng.normal(size=n_rows)
    return pd.DataFrame({"a": a, "kind": kind, "y": y})


def asked(**options):
    return quick(task="quantile", quantiles=LEVELS, models=["baseline", "linear"], max_trials=2, **options)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quantiles")
    return asked(path=str(folder / "kept")).fit(table(), "y"), folder


def test_quantiles_rise_in_each_row_and_cover_what_they_promise(kept):
    model, later = kept[0], table(1_000, seed=1)
    found = model.predict(later)
    assert found.shape == (1_000, 3)
    assert (np.diff(found, axis=1) >= 0).all()
    assert found[3] == pytest.approx(model.predict(later.iloc[[3]])[0])
    scores = model.evaluate(later)
    assert list(scores) == ["pinball", "coverage", "interval_width", "mae_of_median"]
    assert scores["coverage"] == pytest.approx(0.8, abs=0.07)
    assert model.interval_[0] <= scores["pinball"] <= model.interval_[1]
    assert model.feature_importance(later.iloc[:200], "y")["feature"].iloc[0] == "a"
    assert set(model.check(later)["verdict"]) == {"ok"}


def test_a_saved_model_predicts_the_same_and_its_columns_are_named_by_level(kept):
    model, folder = kept
    model.save(folder / "model.automl")
    loaded, later = AutoML.load(folder / "model.automl"), table(50, seed=2)
    np.testing.assert_array_equal(loaded.predict(later), model.predict(later))
    assert loaded.quantiles == LEVELS
    later.to_csv(folder / "later.csv", index=False)
    run("predict", folder / "model.automl", folder / "later.csv", "-o", folder / "out.csv")
    written = pd.read_csv(folder / "out.csv")
    assert list(written.columns) == ["y_0.1", "y_0.5", "y_0.9"]
    np.testing.assert_allclose(written.to_numpy(), model.predict(later))


def test_reports_show_what_the_levels_cover_and_how_the_middle_one_is_off(kept):
    story = tell_story(kept[0]._fitted(), None, None)
    assert {"Levels", "Coverage"} <= {table.title for table in story.shown}
    assert story.review.residuals is not None
    assert dict(story.other_scores)["coverage"] == pytest.approx(0.8, abs=0.1)
    assert "Quantile model" in kept[0].card()


def test_a_search_of_other_levels_does_not_go_on_in_the_folder(kept):
    model, folder = kept
    again = asked(path=str(folder / "kept")).fit(table(), "y")
    np.testing.assert_array_equal(again.predict(table()), model.predict(table()))
    with pytest.raises(AutoMLError, match="quantiles: "):
        quick(task="quantile", quantiles=[0.5], models=["baseline", "linear"], path=str(folder / "kept")).fit(
            table(), "y"
        )


def test_a_target_far_from_zero_keeps_its_digits_and_a_single_level_its_column():
    shifted = table().assign(y=lambda frame: frame["y"] + 1e9)
    found = quick(task="quantile", quantiles=[0.9], models=["linear"], max_trials=1).fit(shifted, "y").predict(shifted)
    assert found.shape == (240, 1)
    assert (shifted["y"] <= found[:, 0]).mean() == pytest.approx(0.9, abs=0.06)


def test_levels_for_another_task_are_refused():
    with pytest.raises(OptionError, match="expected it with task='quantile'"):
        AutoMLRegressor(quantiles=LEVELS, verbose=0).fit(table(), "y")


def test_the_command_line_takes_levels(tmp_path, monkeypatch):
    monkeypatch.setattr(fit_table, "parse_settings", quick_settings)
    table().to_csv(tmp_path / "train.csv", index=False)
    options = ("--task", "quantile", "--quantiles", "0.25,0.75", "--models", "linear")
    run("fit", tmp_path / "train.csv", "--target", "y", *options, "-o", tmp_path / "model")
    assert AutoML.load(tmp_path / "model").predict(table()).shape == (240, 2)


def test_a_submission_has_each_level_in_the_column_that_is_named_after_it(tmp_path):
    train, test, sample = numbers()
    sample = sample[["id"]].assign(**{"q0.9": 1.0, "q0.1": 1.0})
    model = quick(task="quantile", quantiles=[0.1, 0.9], models=["linear"], max_trials=1)
    model.compete(train, test, sample, tmp_path / "submission.csv", target="yield")
    written = pd.read_csv(tmp_path / "submission.csv")
    assert list(written.columns) == ["id", "q0.9", "q0.1"]
    assert (written["q0.9"] > written["q0.1"]).all()
