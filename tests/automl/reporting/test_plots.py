"""Plots: each a figure that can be saved, or one clear refusal."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure

from automl import AutoML
from automl.errors import InputError, NotFittedError
from tests.conftest import quick
from tests.tables import binary_table

ANY = ("plot_leaderboard", "plot_score_over_time", "plot_weights")
CLASSES = ("plot_roc", "plot_precision_recall", "plot_calibration", "plot_confusion")
VALUES = ("plot_predicted_true", "plot_residuals", "plot_residual_bands")


def drawn(figure):
    assert isinstance(figure, Figure)
    place = io.BytesIO()
    figure.savefig(place, format="svg")
    return place.getvalue().decode()


@pytest.mark.parametrize("name", [*ANY, *CLASSES])
def test_a_classifier_is_drawn(classifier, name):
    assert drawn(getattr(classifier, name)()).count("<path") > 3


@pytest.mark.parametrize("name", [*ANY, *VALUES])
def test_a_regression_is_drawn(regressor, name):
    assert drawn(getattr(regressor, name)()).count("<path") > 3


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_for_classes_is_refused_for_values(regressor, name):
    with pytest.raises((AttributeError, ValueError), match="classification"):
        getattr(regressor, name)()


@pytest.mark.parametrize("name", VALUES)
def test_what_is_for_values_is_refused_for_classes(classifier, name):
    with pytest.raises((AttributeError, ValueError), match="regression"):
        getattr(classifier, name)()


def test_importance_and_dependence_are_drawn(classifier, importance):
    assert "age" in drawn(classifier.plot_importance(importance)) or importance["feature"].iloc[0]
    assert drawn(classifier.plot_dependence("age", binary_table(30)))
    assert drawn(classifier.plot_dependence("city"))


def test_dependence_on_a_column_that_is_not_there_names_the_nearest(classifier):
    with pytest.raises(ValueError, match=r"'agee'.*'age'"):
        classifier.plot_dependence("agee")


def test_slices_are_drawn_where_there_are_some_and_else_it_is_said_that_there_is_nothing(classifier):
    with pytest.raises(InputError, match="no slice is predicted worse than the rest"):
        classifier.plot_slices()
    table = binary_table(300)
    at_random = np.random.default_rng(0).permutation(table["bought"].to_numpy())
    table["bought"] = np.where(table["city"] == "Rome", at_random, np.where(table["age"] > 40, "yes", "no"))
    model = quick(max_trials=2, models=["lightgbm"]).fit(table, "bought")
    assert "Rome" in drawn(model.plot_slices())


def test_an_unfitted_model_has_nothing_to_draw():
    with pytest.raises(NotFittedError):
        AutoML().plot_leaderboard()
