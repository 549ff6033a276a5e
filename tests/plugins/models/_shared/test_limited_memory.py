"""Minima of smooth functions by limited memory."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_builtins.models._shared.limited_memory import minimise


def go_on():
    return True


def bowl(bends, lowest):
    return lambda x: (0.5 * float(bends @ (x - lowest) ** 2), bends * (x - lowest))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 100.0), st.floats(-50.0, 50.0)), min_size=1, max_size=12))
def test_the_lowest_place_of_a_bowl_is_found(shape):
    bends, lowest = np.array(shape).T
    found = minimise(bowl(bends, lowest), np.zeros(len(shape)), 500, 1e-6, go_on)
    np.testing.assert_allclose(found, lowest, atol=1e-3)


def test_a_bent_valley_is_followed_to_its_end():
    def valley(x):
        value = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        inner = x[1] - x[0] ** 2
        return value, np.array([-2 * (1 - x[0]) - 400 * x[0] * inner, 200 * inner])

    np.testing.assert_allclose(minimise(valley, np.array([-1.2, 1.0]), 500, 1e-8, go_on), 1.0, atol=1e-4)


def test_a_step_to_where_there_is_no_number_is_made_shorter_and_what_was_lower_is_kept():
    def walled(x):
        with np.errstate(invalid="ignore"):
            return float(100.0 * x[0] - np.log(x[0])), np.array([100.0 - 1.0 / x[0]])

    np.testing.assert_allclose(minimise(walled, np.array([0.5]), 200, 1e-6, go_on), 0.01, rtol=1e-3)
    endless = minimise(lambda x: (-float(x[0]), np.array([-1.0])), np.zeros(1), 1, 1e-9, go_on)
    assert endless[0] > 100.0
    lost = np.array([1.0])
    np.testing.assert_array_equal(minimise(lambda x: (0.0, np.full(1, np.nan)), lost, 50, 1e-9, go_on), lost)


def test_no_step_leads_up_and_numbers_stay_as_exact_as_they_were():
    values = []

    def watched(x):
        values.append(float(np.sum(x**4)))
        return values[-1], 4 * x**3

    found = minimise(watched, np.full(3, 2.0, dtype=np.float32), 20, 1e-9, go_on)
    assert found.dtype == np.float32
    assert float(np.sum(found**4)) == min(values)


def test_it_ends_where_it_is_told_to_and_where_nothing_leads_down():
    one = minimise(bowl(np.ones(2), np.full(2, 9.0)), np.zeros(2), 50, 1e-9, lambda: False)
    assert one[0] > 0.0
    flat = np.array([1.0, 2.0])
    np.testing.assert_array_equal(minimise(lambda x: (0.0, np.zeros(2)), flat, 50, 0.0, go_on), flat)
    np.testing.assert_array_equal(minimise(lambda x: (0.0, np.ones(2)), flat, 50, 0.0, go_on), flat)
