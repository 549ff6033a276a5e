"""The smoothed loss finds the lines that the exact one has, for dense and sparse columns, and stops in time."""

import time

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import QuantileRegressor

from automl.plugin_api import Deadline, FitContext
from automl_builtins.models._shared.smooth_pinball import fit_quantiles

LEVELS = (0.1, 0.5, 0.9)
RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(300, 2))
TARGET = 0.6 * MATRIX[:, 0] + (0.3 + 0.2 * np.abs(MATRIX[:, 1])) * RNG.normal(size=300)


def test_the_lines_are_those_of_the_linear_programme():
    terms = fit_quantiles(MATRIX, TARGET, LEVELS, 1e-6, None, FitContext())
    for place, level in enumerate(LEVELS):
        exact = QuantileRegressor(quantile=level, alpha=0.0).fit(MATRIX, TARGET)
        np.testing.assert_allclose(terms.coefficients[place], exact.coef_, atol=0.05)
        assert terms.intercepts[place] == pytest.approx(exact.intercept_, abs=0.05)


def test_sparse_columns_and_weights_of_rows_count_alike():
    weights = np.where(np.arange(300) < 150, 1.0, 1e-9)
    half = fit_quantiles(MATRIX[:150], TARGET[:150], LEVELS, 1e-6, None, FitContext())
    found = fit_quantiles(csr_matrix(MATRIX), TARGET, LEVELS, 1e-6, weights, FitContext())
    np.testing.assert_allclose(found.coefficients, half.coefficients, atol=0.02)


def test_a_strong_penalty_leaves_the_quantiles_of_the_target():
    terms = fit_quantiles(MATRIX, TARGET, LEVELS, 1e6, None, FitContext())
    assert np.abs(terms.coefficients).max() < 1e-3
    np.testing.assert_allclose(terms.intercepts, np.quantile(TARGET, LEVELS), atol=0.05)


def test_out_of_time_the_best_so_far_counts():
    started = time.monotonic()
    wide = RNG.normal(size=(4_000, 400))
    terms = fit_quantiles(wide, wide[:, 0], LEVELS, 1.0, None, FitContext(deadline=Deadline(0.3)))
    assert time.monotonic() - started < 3.0
    assert np.isfinite(terms.coefficients).all()
