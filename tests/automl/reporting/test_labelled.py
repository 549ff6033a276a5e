"""Labelled rows: predicted by models that have not seen them, where that is known."""

import pandas as pd
import pytest

from automl import AutoML
from automl.errors import InputError
from automl.reporting.labelled import labelled_of
from tests.tables import binary_table, mixed_table


def test_the_fitted_table_is_known_again_and_judged_by_models_that_have_not_seen_the_rows(classifier, importance):
    assert labelled_of(classifier._fit, binary_table(), "bought").folds is not None
    assert labelled_of(classifier._fit, binary_table(40, seed=3), "bought").folds is None
    pd.testing.assert_frame_equal(importance, classifier.feature_importance(repeats=3))


def test_a_loaded_model_asks_for_rows(classifier, tmp_path):
    classifier.save(tmp_path / "model.automl")
    with pytest.raises(InputError, match="rows"):
        AutoML.load(tmp_path / "model.automl").feature_importance()


def test_rows_without_their_target_are_refused(classifier):
    with pytest.raises(InputError, match="no column 'bought'"):
        classifier.feature_importance(mixed_table(20))
