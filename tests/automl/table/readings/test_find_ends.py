"""Where the values of a target end."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from automl.table.readings.find_ends import HEAPED_ROWS, ONE_SIDED_ROWS, ends_of

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)


def drawn(n: int = 1000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 1.0, n)


def test_values_that_grow_rare_end_nowhere():
    assert ends_of(drawn()) == (-math.inf, math.inf)


def test_many_rows_with_the_outermost_value_show_a_cap_or_a_floor():
    assert ends_of(np.minimum(drawn(), 1.5)) == (-math.inf, 1.5)
    assert ends_of(np.maximum(drawn(), -1.5)) == (-1.5, math.inf)


def test_a_share_of_a_hundredth_is_wanted_and_some_rows():
    few = np.concatenate([drawn(5000), np.full(40, 9.0)])
    assert ends_of(few)[1] == math.inf
    assert ends_of(np.concatenate([few, np.full(40, 9.0)]))[1] == 9.0
    small = np.concatenate([drawn(50), np.full(HEAPED_ROWS - 1, 9.0)])
    assert ends_of(small)[1] == math.inf


def test_many_values_on_one_side_of_zero_stay_there():
    sizes = np.abs(drawn()) + 0.1
    assert ends_of(sizes) == (0.0, math.inf)
    assert ends_of(-sizes) == (-math.inf, 0.0)
    assert ends_of(sizes[: ONE_SIDED_ROWS - 1]) == (-math.inf, math.inf)


def test_no_values_have_no_ends():
    assert ends_of(np.zeros(0)) == (-math.inf, math.inf)


@given(arrays(np.float64, st.integers(0, 300), elements=NUMBERS | st.sampled_from([0.0, 7.0])))
def test_every_value_lies_between_the_ends(values):
    least, most = ends_of(values)
    assert ((least <= values) & (values <= most)).all()
    if len(values):
        assert math.isinf(least) or least in (values.min(), 0.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_turned_round_the_ends_are_turned_round(sign):
    values = sign * np.minimum(drawn(), 1.0)
    least, most = ends_of(values)
    assert ends_of(-values) == (-most, -least)
