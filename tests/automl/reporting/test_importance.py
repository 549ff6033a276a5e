"""Importance, Shapley values and dependence: what the columns do."""

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.errors import InputError
from automl.reporting.labelled import labelled_of
from tests.tables import binary_table, mixed_table, regression_table

USED = {"age", "city", "member"}
"""The columns that the target was made of."""


def test_the_columns_that_the_target_is_made_of_come_first(importance):
    assert set(importance["feature"][:3]) == USED
    assert importance["importance"].is_monotonic_decreasing


def test_a_column_of_no_use_has_zero_in_its_interval(importance):
    row = importance.set_index("feature").loc["note"]
    assert row["low"] <= 0 <= row["high"]
    assert (importance["low"] <= importance["importance"]).all()
    assert (importance["importance"] <= importance["high"]).all()


def test_the_fitted_table_is_known_again_and_judged_by_models_that_have_not_seen_the_rows(classifier, importance):
    assert labelled_of(classifier._fit, binary_table(), "bought").folds is not None
    assert labelled_of(classifier._fit, binary_table(40, seed=3), "bought").folds is None
    pd.testing.assert_frame_equal(importance, classifier.feature_importance(repeats=3))


def test_the_same_call_gives_the_same(classifier, importance):
    pd.testing.assert_frame_equal(importance, classifier.feature_importance(binary_table(), "bought", repeats=3))


def test_a_loaded_model_asks_for_rows(classifier, tmp_path):
    classifier.save(tmp_path / "model.automl")
    with pytest.raises(InputError, match="rows"):
        AutoML.load(tmp_path / "model.automl").feature_importance()


def test_rows_without_their_target_are_refused(classifier):
    with pytest.raises(InputError, match="no column 'bought'"):
        classifier.feature_importance(mixed_table(20))


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
