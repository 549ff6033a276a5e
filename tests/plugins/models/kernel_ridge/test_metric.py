"""The learned metric: gradients of the fitted machine, and the space in which distances are Euclidean."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models.kernel_ridge.metric import (
    distances,
    gradient_products,
    laplace,
    place_rows,
    power,
    quick_distances,
    root,
)

RNG = np.random.default_rng(1)
POINTS = RNG.normal(size=(40, 3))
DUAL = RNG.normal(size=(40, 2))
SOME = RNG.normal(size=(3, 3))
FULL = SOME @ SOME.T + np.eye(3)


def values(metric, rows):
    """Return what the machine gives at `(n, 3)` places."""
    mapped = root(metric)
    return laplace(distances(place_rows(rows, mapped), place_rows(POINTS, mapped)), 1.5) @ DUAL


@pytest.mark.parametrize("metric", [FULL, np.array([0.5, 1.0, 2.0])], ids=["full", "diagonal"])
def test_products_are_those_of_the_gradients_that_small_steps_show(metric):
    points = place_rows(POINTS, root(metric))
    apart = quick_distances(points, points)
    found = gradient_products(POINTS, metric, apart, 1.5, DUAL, np.arange(40))
    step, expected = 1e-5, np.zeros((3, 3))
    for row in range(40):
        # a Laplace kernel has a kink at its own point, which has no part in either
        without = DUAL.copy()
        without[row] = 0
        mapped = root(metric)
        places = POINTS[row] + step * np.vstack([np.eye(3), -np.eye(3)])
        near = laplace(distances(place_rows(places, mapped), place_rows(POINTS, mapped)), 1.5) @ without
        slopes = (near[:3] - near[3:]) / (2 * step)
        expected += slopes @ slopes.T / 40
    np.testing.assert_allclose(found, expected if metric.ndim == 2 else np.diag(expected), rtol=1e-4)


def test_a_direction_that_nothing_depends_on_is_left_out():
    assert root(np.diag([1.0, 2.0, 0.0])).shape == (3, 2)


def test_a_power_keeps_the_mean_weight_at_one():
    for metric in (FULL, np.diag(FULL)):
        raised = power(metric, 0.5)
        weights = np.linalg.eigvalsh(raised) if raised.ndim == 2 else raised
        assert weights.mean() == pytest.approx(1.0)
    np.testing.assert_allclose(power(4 * np.eye(3), 1.0), np.eye(3))


def test_a_row_is_placed_as_among_others_to_the_last_bit():
    mapped = root(FULL)
    np.testing.assert_array_equal(place_rows(POINTS[5:6], mapped), place_rows(POINTS, mapped)[5:6])


def test_quick_distances_are_the_same_and_0_between_equal_rows():
    twice = np.vstack([POINTS, POINTS[:5] + 1e-12]) + 1000.0
    found = quick_distances(twice, twice)
    np.testing.assert_allclose(found, distances(twice, twice), atol=1e-3)
    assert (np.diagonal(found) == 0).all()
