"""The logistic model as plain numbers."""

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext
from automl_builtins.models._shared.logistic import fit_logistic
from tests.plugins.models._shared.test_margins import rows_of


@pytest.mark.parametrize("n_classes", [2, 5])
def test_probabilities_add_up_and_tell_classes_apart(n_classes):
    matrix, train = rows_of(n_classes)
    later, others = rows_of(n_classes, 1_000, seed=1)
    found = fit_logistic(matrix, train, 1.0, 100, FitContext()).probabilities(later)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert (found.argmax(axis=1) == others.target).mean() > 0.6


def test_with_no_time_left_what_a_few_passes_found_counts():
    matrix, train = rows_of(3)
    fitted = fit_logistic(matrix, train, 1.0, 100, FitContext(deadline=Deadline(0.0)))
    assert np.isfinite(fitted.terms.coefficients).all()
