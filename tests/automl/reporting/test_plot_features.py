"""Plots of columns: importance, dependence, and the slices that are predicted worst."""

import numpy as np
import pytest

from automl.errors import InputError
from tests.automl.reporting.drawing import drawn
from tests.conftest import quick
from tests.tables import binary_table


def test_importance_and_dependence_are_drawn(classifier, importance):
    assert "age" in drawn(classifier.plot_importance(importance)) or importance["feature"].iloc[0]
    assert drawn(classifier.plot_dependence("age", binary_table(30)))
    assert drawn(classifier.plot_dependence("city"))


def test_slices_are_drawn_where_there_are_some_and_else_it_is_said_that_there_is_nothing(classifier):
    with pytest.raises(InputError, match="no slice is predicted worse than the rest"):
        classifier.plot_slices()
    table = binary_table(300)
    at_random = np.random.default_rng(0).permutation(table["bought"].to_numpy())
    table["bought"] = np.where(table["city"] == "Rome", at_random, np.where(table["age"] > 40, "yes", "no"))
    model = quick(max_trials=2, models=["lightgbm"]).fit(table, "bought")
    assert "Rome" in drawn(model.plot_slices())
