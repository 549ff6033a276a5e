"""Plots of a classification: each a figure, or one clear refusal."""

import pytest

from tests.automl.reporting.drawing import drawn

NAMES = ("plot_roc", "plot_precision_recall", "plot_calibration", "plot_confusion")


@pytest.mark.parametrize("name", NAMES)
def test_a_classifier_is_drawn(classifier, name):
    assert drawn(getattr(classifier, name)()).count("<path") > 3


@pytest.mark.parametrize("name", NAMES)
def test_what_is_for_classes_is_refused_for_values(regressor, name):
    with pytest.raises((AttributeError, ValueError), match="classification"):
        getattr(regressor, name)()
