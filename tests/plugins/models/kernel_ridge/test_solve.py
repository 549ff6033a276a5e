"""Kernel ridge regression with rows of different weight."""

from __future__ import annotations

import numpy as np

from automl_builtins.models.kernel_ridge.metric import distances, laplace
from automl_builtins.models.kernel_ridge.solve import solve

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(60, 3))
KERNEL = laplace(distances(POINTS, POINTS), 2.0)
TARGETS = np.column_stack([POINTS[:, 0] + 0.5 * RNG.normal(size=60), POINTS[:, 1] ** 2])


def test_a_row_of_weight_two_counts_as_two_rows():
    twice = np.r_[np.arange(60), 7]
    doubled = np.ones(60)
    doubled[7] = 2.0
    one = KERNEL @ solve(KERNEL, TARGETS, doubled, 0.3)
    other = KERNEL[:, twice] @ solve(KERNEL[np.ix_(twice, twice)], TARGETS[twice], np.ones(61), 0.3)
    np.testing.assert_allclose(one, other, rtol=1e-8)


def test_the_kernel_is_left_as_it_is():
    before = KERNEL.copy()
    solve(KERNEL, TARGETS, np.ones(60), 1.0)
    np.testing.assert_array_equal(KERNEL, before)
