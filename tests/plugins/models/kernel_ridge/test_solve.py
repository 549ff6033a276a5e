"""Kernel ridge regression: predictions of rows left out, and the penalty that they choose."""

from __future__ import annotations

import numpy as np

from automl_builtins.models.kernel_ridge.metric import distances, laplace
from automl_builtins.models.kernel_ridge.solve import STRENGTHS, solve, solve_best

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(60, 3))
KERNEL = laplace(distances(POINTS), 2.0)
TARGETS = np.column_stack([POINTS[:, 0] + 0.5 * RNG.normal(size=60), POINTS[:, 1] ** 2])
WEIGHTS = RNG.uniform(0.2, 3.0, size=60)


def test_a_row_that_is_left_out_is_predicted_as_by_a_fit_to_the_others():
    found = solve(KERNEL, TARGETS, WEIGHTS, 4)
    for row in (0, 17, 59):
        others = np.arange(60) != row
        alone = solve(KERNEL[np.ix_(others, others)], TARGETS[others], WEIGHTS[others], 4)
        np.testing.assert_allclose(found.left_out[row], KERNEL[row, others] @ alone.dual, rtol=1e-8)


def test_the_penalty_has_the_least_error_of_rows_that_were_left_out():
    losses = [solve(KERNEL, TARGETS[:, :1], WEIGHTS, place).loss for place in range(len(STRENGTHS))]
    for start in range(len(STRENGTHS)):
        assert solve_best(KERNEL, TARGETS[:, :1], WEIGHTS, start).place == int(np.argmin(losses))


def test_a_row_of_more_weight_is_fitted_more_closely():
    heavy = WEIGHTS.copy()
    heavy[7] = 300.0
    missed = [abs(KERNEL[7] @ solve(KERNEL, TARGETS, each, 4).dual - TARGETS[7]).sum() for each in (WEIGHTS, heavy)]
    assert missed[1] < 0.2 * missed[0]
