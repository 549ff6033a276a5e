"""Intervals: ends around predictions, by the distance of others, by side, by spread, and never past what is certain."""

import math

import numpy as np
import pytest

from automl.fitted.intervals import Intervals, Reach
from automl.fitted.score_curve import score_curve

NEAR, FAR = score_curve(np.arange(1.0, 20.0)), score_curve(np.arange(101.0, 120.0))
VALUES, SAME = np.array([[0.0], [50.0]]), np.ones(2)
QUANTILES = np.array([[0.0, 4.0, 10.0], [50.0, 51.0, 52.0]])


def made(*reaches, least=-math.inf):
    return Intervals(reaches or (Reach(0, 0, 0.0, NEAR, NEAR),), None, least, math.inf, 19, by_group=False)


def test_ends_lie_as_far_as_the_coverage_asks_on_both_sides():
    assert made().ends(VALUES, SAME, 0.5).tolist() == [[-10.0, 10.0], [40.0, 60.0]]


def test_each_side_may_have_a_distance_of_its_own_which_misses_half_as_often():
    two = made(Reach(0, 0, 0.0, NEAR, FAR, two_sided=True))
    assert two.ends(VALUES, SAME, 0.5).tolist() == [[-15.0, 115.0], [35.0, 165.0]]
    assert two.promised == pytest.approx(0.9)


def test_ends_are_as_far_as_the_row_is_uncertain():
    scaled = made(Reach(0, 0, 0.0, NEAR, NEAR, by_spread=True))
    assert scaled.ends(VALUES, np.array([1.0, 3.0]), 0.5).tolist() == [[-10.0, 10.0], [20.0, 80.0]]


def test_no_end_lies_past_what_is_certain():
    ends = made(least=0.0).ends(np.array([[-90.0], [3.0]]), SAME, 0.5)
    assert ends.tolist() == [[0.0, 0.0], [0.0, 13.0]]


def test_more_than_can_be_promised_gets_the_widest_that_is_known():
    assert made().promised == 0.95
    assert made().ends(VALUES, SAME, 0.99).tolist() == [[-19.0, 19.0], [31.0, 69.0]]


def test_the_spread_is_one_where_there_is_no_model_of_it():
    assert made().spreads(None, VALUES).tolist() == [1.0, 1.0]


def test_the_pair_of_quantiles_serves_whose_share_between_is_the_nearest():
    several = made(Reach(0, 2, 0.9, NEAR, NEAR), Reach(1, 1, 0.0, FAR, FAR))
    assert several.ends(QUANTILES, SAME, 0.5).tolist() == [[-10.0, 20.0], [40.0, 62.0]]
    assert several.ends(QUANTILES, SAME, 0.25).tolist() == [[-101.0, 109.0], [-54.0, 156.0]]


def test_ends_beyond_quantiles_may_be_as_far_as_those_are_apart():
    by_width = made(Reach(0, 2, 0.9, NEAR, NEAR, by_width=True, floor=1.0))
    assert by_width.ends(QUANTILES, SAME, 0.5).tolist() == [[-110.0, 120.0], [20.0, 82.0]]
