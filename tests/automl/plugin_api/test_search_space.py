"""Domains draw, move and check values without ever leaving their range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import Choice, Float, Int, neighbour_in_space, sample_space

seeds = st.integers(0, 2**32 - 1)
ints = st.tuples(st.integers(1, 1000), st.integers(0, 1000), st.booleans()).map(lambda d: Int(d[0], d[0] + d[1], d[2]))
floats = st.tuples(st.floats(1e-6, 1e3), st.floats(0, 1e3), st.booleans()).map(lambda d: Float(d[0], d[0] + d[1], d[2]))
choices = st.lists(st.sampled_from(["a", "b", 1.5, None, 2]), min_size=1, unique=True).map(lambda v: Choice(tuple(v)))
domains = st.one_of(ints, floats, choices)


@settings(max_examples=50, deadline=None)
@given(domains, seeds, st.floats(0.01, 1.0))
def test_drawn_and_moved_values_lie_in_the_domain(domain, seed, scale):
    rng = np.random.default_rng(seed)
    value = domain.sample(rng)
    assert domain.contains(value)
    for _ in range(5):
        value = domain.neighbour(value, rng, scale)
        assert domain.contains(value)


@settings(max_examples=50, deadline=None)
@given(ints, seeds)
def test_a_whole_number_always_moves_while_there_is_another(domain, seed):
    rng = np.random.default_rng(seed)
    value = domain.sample(rng)
    assert domain.neighbour(value, rng, 0.001) != value or domain.low == domain.high


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from("abcd"), domains, min_size=1), seeds)
def test_a_neighbour_has_every_hyperparameter_and_equal_seeds_give_equal_ones(space, seed):
    start = sample_space(space, np.random.default_rng(seed))
    one = neighbour_in_space(space, start, np.random.default_rng(seed))
    assert one == neighbour_in_space(space, start, np.random.default_rng(seed))
    assert set(one) == set(space)
    assert neighbour_in_space(space, {}, np.random.default_rng(seed)).keys() == space.keys()


def test_each_whole_number_is_drawn_as_often_as_the_others():
    rng = np.random.default_rng(0)
    counts = np.bincount([Int(0, 3).sample(rng) for _ in range(4000)])
    assert counts.min() > 900


def test_a_log_range_gives_each_order_of_magnitude_its_share():
    rng = np.random.default_rng(0)
    drawn = np.array([Int(1, 999, log=True).sample(rng) for _ in range(3000)])
    shares = [np.mean((drawn >= low) & (drawn < 10 * low)) for low in (1, 10, 100)]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.04)


def test_a_choice_moves_to_another_value_as_often_as_its_scale_says():
    rng = np.random.default_rng(0)
    moved = np.mean([Choice(("a", "b")).neighbour("a", rng, 0.5) == "b" for _ in range(2000)])
    assert moved == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Float(1, 0),
        lambda: Int(2, 1),
        lambda: Float(0, 1, log=True),
        lambda: Int(0, 5, log=True),
        lambda: Choice(()),
    ],
)
def test_an_impossible_domain_is_refused(make):
    with pytest.raises(ValueError, match=r"range|at least one"):
        make()


def test_truth_values_and_text_are_no_numbers():
    assert not Float(0, 1).contains(True)
    assert not Int(0, 1).contains(False)
    assert not Float(0, 1).contains("0.5")
    assert not Float(0, 1).contains(float("nan"))
