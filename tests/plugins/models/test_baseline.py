"""The baseline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import BuildRequest, TaskKind
from automl_builtins.models.baseline import BASELINE, BaselineLearner
from tests.plugins.models.tables import fit, make_table


def test_values_are_predicted_by_their_weighted_mean():
    data = make_table(TaskKind.REGRESSION, 10)
    weights = np.arange(10.0)
    found = fit(BASELINE, replace(data, weights=weights)).predict(data.features.iloc[:3])
    np.testing.assert_allclose(found, np.full((3, 1), np.average(data.target, weights=weights)))


def test_class_shares_are_those_of_the_rows_with_one_row_more_of_each_class():
    data = make_table(TaskKind.MULTICLASS, 30)
    data = replace(data, target=np.repeat([0, 1], [20, 10]))
    np.testing.assert_allclose(fit(BASELINE, data).predict(data.features)[0], np.array([21, 11, 1]) / 33)


def test_predicting_before_fitting_is_refused():
    data = make_table(TaskKind.REGRESSION, 10)
    with pytest.raises(RuntimeError, match="before fit"):
        BaselineLearner(BuildRequest(data.task)).predict(data.features)
