"""The logistic model as plain numbers."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from automl.plugin_api import Deadline, FitContext
from automl_builtins.models._shared.logistic import fit_logistic, logistic_seconds
from tests.plugins.models._shared.test_margins import rows_of


def dense_and_terms(n_classes, seed=0):
    """Return a dense part whose means are not 0, a part of terms, and the rows."""
    matrix, train = rows_of(n_classes, seed=seed, weights=np.random.default_rng(seed).uniform(0.0, 2.0, 300))
    dense = (matrix.toarray() + 0.5).astype(np.float32)
    return dense, csr_matrix(np.maximum(dense - 1.0, 0.0)), train


@pytest.mark.parametrize("n_classes", [2, 5])
def test_probabilities_add_up_and_tell_classes_apart(n_classes):
    matrix, train = rows_of(n_classes)
    later, others = rows_of(n_classes, 1_000, seed=1)
    found = fit_logistic([matrix], train, 1.0, 100, FitContext()).probabilities(later)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert (found.argmax(axis=1) == others.target).mean() > 0.6


@pytest.mark.parametrize("n_classes", [2, 5])
def test_parts_side_by_side_give_the_model_that_one_matrix_of_all_gives(n_classes):
    dense, terms, train = dense_and_terms(n_classes)
    whole = hstack([terms, csr_matrix(dense)]).tocsr()
    known = LogisticRegression(C=2.0, tol=1e-8, max_iter=2_000)
    known.fit(whole, train.target, sample_weight=train.weights)
    found = fit_logistic([terms, dense], train, 2.0, 500, FitContext()).probabilities(whole)
    np.testing.assert_allclose(found, known.predict_proba(whole), atol=0.01)


def test_classes_are_those_that_the_rows_have():
    dense, _, train = dense_and_terms(5)
    train.target[train.target == 1] = 4
    fitted = fit_logistic([dense], train, 1.0, 20, FitContext())
    np.testing.assert_array_equal(fitted.classes, [0, 2, 3, 4])
    assert fitted.probabilities(dense).shape == (300, 4)


def test_with_no_time_left_what_one_step_found_counts():
    matrix, train = rows_of(3)
    fitted = fit_logistic([matrix], train, 1.0, 100, FitContext(deadline=Deadline(0.0)))
    assert np.isfinite(fitted.terms.coefficients).all()
    assert (fitted.probabilities(matrix).argmax(axis=1) == train.target).mean() > 0.5


def test_more_classes_and_more_numbers_take_longer():
    assert logistic_seconds(1_000, 384, 20, 77, 40) > logistic_seconds(1_000, 384, 20, 30, 40)
    assert logistic_seconds(1_000, 768, 20, 77, 40) > logistic_seconds(1_000, 384, 20, 77, 40)
