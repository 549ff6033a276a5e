"""What predictions looked like comes back from a saved model, without any row of the table."""

import numpy as np

from automl.vocabulary.review import Calibration, Confusion, Curve, KnownRows, Looked, Review, SampledRows, Slice
from tests.automl.vocabulary.saved import saved_and_loaded

HALVES = np.array([0.0, 0.5, 1.0])
REVIEW = Review(
    90, "log loss", "wrong labels", 0.5, 0.1,
    slices=(Slice("city", "Bern", 30, 0.9, 0.7, 1.1, 0.4),),
    n_slices=12,
    roc=(Curve("yes", HALVES, HALVES, 0.5, 0.5),),
    calibration=(Calibration("yes", HALVES, HALVES, HALVES, HALVES, HALVES, 0.0),),
    confusion=Confusion(("no", "yes"), np.array([[40, 5], [4, 41]])),
)  # fmt: skip


def test_a_review_comes_back_from_a_saved_model():
    looked = Looked(REVIEW, KnownRows(90, "mark", np.arange(90) % 3), None, {"reason": "time", "scores": {"auc": 0.9}})
    found = saved_and_loaded(looked)
    assert found.review.slices == REVIEW.slices
    assert found.facts == looked.facts
    assert found.known.fingerprint == "mark"
    np.testing.assert_array_equal(found.known.folds, looked.known.folds)
    np.testing.assert_array_equal(found.review.confusion.counts, REVIEW.confusion.counts)
    np.testing.assert_array_equal(found.review.roc[0].x, HALVES)
    assert found.review.residuals is None


def test_rows_of_the_table_are_kept_for_the_session_alone():
    held = {name for name in SampledRows.__dataclass_fields__ if name in KnownRows.__dataclass_fields__}
    assert held == {"folds"}  # what is saved shares nothing else with what holds rows
