"""Shapley values."""

import numpy as np
import pytest

from tests.tables import mixed_table, regression_table


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_shapley_values_add_up_to_the_prediction(classifier, regressor):
    pytest.importorskip("shap")
    rows = mixed_table(4, seed=8)
    for model in (classifier, regressor):
        found = model.explain(rows, background=regression_table(20), permutations=1)
        outputs = model.predictor_.predict_outputs(rows)
        wanted = outputs if found.values.ndim == 3 else outputs[:, -1]
        np.testing.assert_allclose(found.values.sum(axis=1) + found.base_values, wanted, atol=1e-6)
        assert list(found.feature_names) == list(rows.columns)
