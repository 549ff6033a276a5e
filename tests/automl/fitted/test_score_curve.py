"""A curve keeps at which score each share of new rows lies, with the correction that few rows ask for."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.fitted.score_curve import score_curve


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 999))
def test_a_level_lies_at_the_score_whose_place_counts_one_row_more(scores, thousandth):
    level = thousandth / 1000
    place = math.ceil(level * (len(scores) + 1) - 1e-9)
    found = score_curve(np.array(scores)).within(level)
    assert found == (sorted(scores)[place - 1] if place <= len(scores) else math.inf)


@given(st.lists(st.floats(0, 10), min_size=2, max_size=60), st.floats(0.01, 0.999), st.floats(0.01, 0.999))
def test_scores_never_fall_as_levels_rise(scores, one, other):
    curve = score_curve(np.array(scores))
    assert curve.within(min(one, other)) <= curve.within(max(one, other))


def test_a_new_row_is_within_as_often_as_the_level_says():
    rng = np.random.default_rng(0)
    hits = [rng.exponential() <= score_curve(rng.exponential(size=19)).within(0.9) for _ in range(2_000)]
    assert np.mean(hits) == pytest.approx(0.9, abs=0.02)


def test_what_few_rows_cannot_promise_is_infinite_and_the_most_they_can_is_told():
    curve = score_curve(np.arange(30.0))
    assert curve.within(0.99) == math.inf
    assert (curve.most, curve.greatest, curve.within(30 / 31)) == (30 / 31, 29.0, 29.0)


def test_rows_count_by_their_weight_and_one_more_stands_beside_them():
    curve = score_curve(np.array([3.0, 1.0, 2.0]), np.array([0.0, 1.0, 1.0]), n_units=3)
    assert (curve.within(0.35), curve.within(0.7)) == (1.0, 2.0)


def test_few_groups_promise_less_than_their_many_rows():
    scores = np.arange(1_000.0)
    assert score_curve(scores, n_units=9).most == pytest.approx(0.9)
    assert score_curve(scores, n_units=9).within(0.81) > score_curve(scores).within(0.81)
