"""Plots of a regression: each a figure, or one clear refusal."""

import pytest

from tests.automl.reporting.drawing import drawn

NAMES = ("plot_predicted_true", "plot_residuals", "plot_residual_bands")


@pytest.mark.parametrize("name", NAMES)
def test_a_regression_is_drawn(regressor, name):
    assert drawn(getattr(regressor, name)()).count("<path") > 3


@pytest.mark.parametrize("name", NAMES)
def test_what_is_for_values_is_refused_for_classes(classifier, name):
    with pytest.raises((AttributeError, ValueError), match="regression"):
        getattr(classifier, name)()
