"""A lopsided target is put on a scale where it is less so, and comes back as it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from automl_builtins.models._shared.stretch import Stretch

NORMAL = np.random.default_rng(0).normal(size=500)


@pytest.mark.parametrize(
    ("target", "power"),
    [
        (NORMAL, 1.0),
        (100.0 + NORMAL, 1.0),
        (np.exp(NORMAL), 0.0),
        ((4.0 + NORMAL) ** 2, 0.5),
        (np.where(NORMAL > 0.5, np.exp(NORMAL), 0.0), 1.0),
    ],
    ids=["of both signs", "even", "lognormal", "squares", "mostly zero"],
)
def test_the_scale_is_the_one_on_which_the_target_is_least_skewed(target, power):
    assert Stretch.of(target).power == power


@given(arrays(np.float64, st.integers(2, 40), elements=st.floats(0.0, 1e6)))
def test_a_target_comes_back_as_it_was_and_in_its_order(target):
    stretch = Stretch.of(target)
    there = stretch.to(target)
    np.testing.assert_allclose(stretch.back(there), target, rtol=1e-6, atol=1e-6 * max(1.0, target.max()))
    assert (np.diff(there[np.argsort(target)]) >= 0).all()


def test_values_far_beyond_the_target_are_held_back():
    stretch = Stretch.of(np.exp(NORMAL))
    assert np.isfinite(stretch.back(np.array([-1e9, 1e9]))).all()
