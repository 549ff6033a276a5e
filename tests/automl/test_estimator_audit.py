"""What the fitted estimator tells of its table, and of later ones."""

import numpy as np
import pandas as pd
import pytest

from automl import AutoML
from automl.errors import InputError, NotFittedError
from automl.report import FINDING_COLUMNS
from tests.conftest import quick
from tests.tables import binary_table, mixed_table

ONE = {"models": ["linear"], "max_trials": 1, "cv": 2}


def test_a_leak_and_a_shift_are_in_the_audit_and_nothing_is_dropped():
    table = binary_table(200).assign(paid=lambda t: t["bought"].eq("yes") * 2.5)
    new = mixed_table(100, seed=5).assign(paid=2.5, age=200.0)
    model = quick(**ONE).fit(table, "bought", unlabeled=new)
    assert tuple(model.audit_.columns) == FINDING_COLUMNS
    assert set(model.audit_.query("severity == 'warning'")["topic"]) == {"leak", "shift"}
    assert list(model.feature_names_in_) == [*mixed_table(1).columns, "paid"]
    assert model.schema_summary_["used"].all()


def test_an_unlabeled_table_without_a_column_is_refused_before_any_fit():
    with pytest.raises(InputError, match=r"unlabeled lacks the columns \['city'\]"):
        quick(**ONE).fit(binary_table(60), "bought", unlabeled=mixed_table(60).drop(columns="city"))


def test_the_audit_changes_neither_the_folds_nor_the_predictions():
    table, new = binary_table(100), mixed_table(50, seed=3)
    plain, with_new = (quick(**ONE).fit(table, "bought", unlabeled=given) for given in (None, new))
    np.testing.assert_array_equal(plain.predict_proba(new), with_new.predict_proba(new))
    assert plain.score_ == with_new.score_


def test_rows_without_a_target_are_in_the_audit():
    table = binary_table(60)
    table.loc[:2, "bought"] = None
    with pytest.warns(UserWarning, match="3 of 60 rows"):
        model = quick(**ONE).fit(table, "bought")
    assert "3 of 60 rows" in model.audit_.set_index("topic").loc["rows", "found"]


def test_a_loaded_predictor_checks_as_the_fitted_one(classifier, tmp_path):
    new = mixed_table(80, seed=5).assign(city="Paris")
    loaded = AutoML.load(classifier.save(tmp_path / "model"))
    report = loaded.check(new)
    pd.testing.assert_frame_equal(report, classifier.check(new))
    assert report.set_index("column").loc["city", "verdict"].startswith("100% in unseen categories")
    pd.testing.assert_frame_equal(loaded.audit_, classifier.audit_)
    with pytest.raises(InputError, match="1 of 6 columns differ"):
        loaded.check(new, strict=True)


def test_check_before_fit_says_so():
    with pytest.raises(NotFittedError, match="fit"):
        AutoML().check(mixed_table(3))
