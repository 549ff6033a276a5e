"""Intervals and sets of fitted estimators: shapes, kept in saved models, alike for one row and many, and refusals."""

from pathlib import Path

import numpy as np
import pytest

from automl import AutoML, AutoMLRegressor
from automl.errors import InputError, NotFittedError, OptionError
from tests.conftest import quick
from tests.tables import binary_table, multiclass_table, regression_table

OLDER = Path(__file__).parents[1] / "saved" / "format_2.automl"


@pytest.fixture(scope="module")
def spending():
    """A regression of enough rows to learn where it is less sure; not to be changed."""
    table = regression_table(400)
    louder = np.random.default_rng(7).normal(size=400) * np.where(table["member"], 900.0, 9.0)
    return quick(models=["linear"], max_trials=1).fit(table.assign(spent=table["spent"] + louder), "spent")


@pytest.fixture(scope="module")
def mixed_targets():
    """A model of a label, two values and a target of three classes, with its table; not to be changed."""
    table = multiclass_table(150).assign(x=regression_table(150)["spent"], y=lambda each: each["x"] * 2 + each["age"])
    table["label"] = table["x"] > 100
    return quick(models=["linear"], max_trials=1).fit(table, ["label", "x", "y", "grade"]), table


def test_intervals_have_two_ends_a_row_around_the_prediction(regressor):
    rows = regression_table(30, seed=3)
    ends, predicted = regressor.predict_interval(rows), regressor.predict(rows)
    assert (ends.shape, ends.dtype) == ((30, 2), float)
    assert ((ends[:, 0] < predicted) & (predicted < ends[:, 1])).all()
    wider = regressor.predict_interval(rows, coverage=0.95)
    assert ((wider[:, 0] <= ends[:, 0]) & (ends[:, 1] <= wider[:, 1])).all()


def test_sets_have_a_column_a_class_and_hold_the_label_that_is_predicted(classifier, three_classes):
    for model, rows in ((classifier, binary_table(30, seed=3)), (three_classes, multiclass_table(30, seed=3))):
        sets = model.predict_set(rows, 0.8)
        assert (sets.shape, sets.dtype) == ((30, len(model.classes_)), bool)
        places = np.searchsorted(model.classes_, model.predict(rows))
        assert sets[np.arange(30), places].all()
        assert np.array_equal(model.predict_set(rows, 0.8), sets)


def test_a_row_alone_gets_what_it_gets_among_others_and_a_loaded_model_gives_the_same(spending, tmp_path):
    assert spending._fit.calibrated.spread is not None
    rows = regression_table(50, seed=3)
    ends = spending.predict_interval(rows)
    assert np.array_equal(spending.predict_interval(rows.iloc[[7]])[0], ends[7])
    loaded = AutoML.load(spending.save(tmp_path / "model.automl"))
    assert np.array_equal(loaded.predict_interval(rows), ends)
    widths = ends[:, 1] - ends[:, 0]
    assert widths[rows["member"]].mean() > 3 * widths[~rows["member"]].mean()


def test_sets_of_a_loaded_model_are_the_same(three_classes, tmp_path):
    rows = multiclass_table(50, seed=3)
    loaded = AutoML.load(three_classes.save(tmp_path / "model"))
    assert np.array_equal(loaded.predict_set(rows), three_classes.predict_set(rows))


def test_no_rows_have_no_intervals_and_no_sets(spending, classifier):
    assert spending.predict_interval(regression_table(10).iloc[:0]).shape == (0, 2)
    assert classifier.predict_set(binary_table(10).iloc[:0]).shape == (0, 2)


def test_estimators_of_a_task_of_their_own_have_them_after_fits_on_all_rows():
    options = quick(models=["linear"], max_trials=1, cv=2, refit=True).get_params()
    model = AutoMLRegressor(**options).fit(regression_table(60), "spent")
    assert model.predict_interval(regression_table(5)).shape == (5, 2)


def test_quantiles_have_intervals_that_are_moved_until_they_hold():
    table = regression_table(120)
    model = quick(task="quantile", quantiles=[0.2, 0.5, 0.8], models=["linear"], max_trials=1, cv=2).fit(table, "spent")
    ends = model.predict_interval(table, 0.9)
    assert ends.shape == (120, 2)
    assert ((ends[:, 0] <= table["spent"]) & (table["spent"] <= ends[:, 1])).mean() >= 0.85
    assert "### Intervals" in model.card()


def test_a_model_of_another_form_is_refused_with_what_to_use(regressor, classifier):
    with pytest.raises(InputError, match=r"this binary model predicts one class a row\. Use predict_set"):
        classifier.predict_interval(binary_table(5))
    with pytest.raises(InputError, match=r"predicts one value a row, or quantiles of it\. Use predict_interval"):
        regressor.predict_set(regression_table(5))


def test_several_targets_have_intervals_of_those_that_are_values_and_sets_of_those_of_classes(mixed_targets, tmp_path):
    model, rows = mixed_targets
    ends, sets = model.predict_interval(rows), model.predict_set(rows)
    assert (ends.shape, [each.shape for each in sets]) == ((150, 2, 2), [(150, 2), (150, 3)])
    predicted = model.predict(rows)
    for place, column in enumerate((1, 2)):
        values = predicted[:, column].astype(float)
        assert ((ends[:, place, 0] <= values) & (values <= ends[:, place, 1])).all()
    for place, column in enumerate((0, 3)):
        places = np.searchsorted(model.classes_[place], predicted[:, column].astype(model.classes_[place].dtype))
        assert sets[place][np.arange(150), places].all()
    loaded = AutoML.load(model.save(tmp_path / "model.automl"))
    assert np.array_equal(loaded.predict_interval(rows), ends)
    assert all(np.array_equal(*pair) for pair in zip(loaded.predict_set(rows), sets, strict=True))
    assert model.predict_interval(rows.iloc[:0]).shape == (0, 2, 2)
    assert "### Intervals of each target" in model.card()
    assert "### Sets of classes of each target" in model.card()


def test_sets_of_several_labels_and_intervals_of_several_values_cover_each_as_asked():
    rng = np.random.default_rng(3)
    table = regression_table(300).rename(columns={"spent": "a"})
    table = table.assign(b=table["a"] + 50 * rng.normal(size=300))
    model = quick(models=["linear"], max_trials=1).fit(table.iloc[:200], ["a", "b"])
    ends = model.predict_interval(table.iloc[200:], 0.8)
    for place, name in enumerate("ab"):
        values = table[name].to_numpy()[200:]
        assert 0.7 <= ((ends[:, place, 0] <= values) & (values <= ends[:, place, 1])).mean() <= 0.92
    labels = table.assign(a=table["a"] > 100, b=np.where(table["b"] > 200, "much", "little"))
    model = quick(models=["linear"], max_trials=1).fit(labels.iloc[:200], ["a", "b"])
    for name, found in zip("ab", model.predict_set(labels.iloc[200:], 0.9), strict=True):
        codes = np.searchsorted(np.unique(labels[name]), labels[name].to_numpy()[200:])
        assert found[np.arange(100), codes].mean() >= 0.83
    with pytest.raises(InputError, match=r"this multilabel model predicts one class a row of each target\. Use"):
        model.predict_interval(labels)


@pytest.mark.parametrize("coverage", [0, 1, 90, -0.1, float("nan"), None, "0.9", True, [0.9]])
def test_a_coverage_that_is_no_share_is_refused(coverage, regressor, classifier):
    for ask, rows in ((regressor.predict_interval, regression_table(5)), (classifier.predict_set, binary_table(5))):
        with pytest.raises(OptionError, match="expected a number between 0 and 1"):
            ask(rows, coverage=coverage)


def test_more_than_the_rows_can_promise_is_told(regressor, classifier):
    with pytest.warns(UserWarning, match="more than 150 held-out rows can promise, at most 0.9934; each interval is"):
        ends = regressor.predict_interval(regression_table(5), 0.999)
    assert np.isfinite(ends).all()
    with pytest.warns(UserWarning, match="each set has all classes"):
        assert classifier.predict_set(binary_table(5), 0.999).all()


def test_a_model_of_an_older_version_says_to_fit_anew():
    with pytest.raises(InputError, match=r"saved by an older version, or failures\(\) says why. Fit it anew"):
        AutoML.load(OLDER).predict_set(binary_table(5))


def test_what_is_not_fitted_says_so():
    with pytest.raises(NotFittedError):
        AutoML().predict_interval(regression_table(5))
