"""Intervals: ends around predictions, by the distance of others, by side, by spread, and never past what is certain."""

import math

import numpy as np
import pytest

from automl.fitted.intervals import Intervals
from automl.fitted.score_curve import score_curve

NEAR, FAR = score_curve(np.arange(1.0, 20.0)), score_curve(np.arange(101.0, 120.0))
PREDICTED, SAME = np.array([0.0, 50.0]), np.ones(2)


def made(below=NEAR, above=NEAR, two_sided=False, least=-math.inf):
    return Intervals(below, above, two_sided, None, least, math.inf, 19, by_group=False)


def test_ends_lie_as_far_as_the_coverage_asks_on_both_sides():
    assert made().ends(PREDICTED, SAME, 0.5).tolist() == [[-10.0, 10.0], [40.0, 60.0]]


def test_each_side_may_have_a_distance_of_its_own_which_misses_half_as_often():
    ends = made(NEAR, FAR, two_sided=True).ends(PREDICTED, SAME, 0.5)
    assert ends.tolist() == [[-15.0, 115.0], [35.0, 165.0]]
    assert made(NEAR, FAR, two_sided=True).promised == pytest.approx(0.9)


def test_ends_are_as_far_as_the_row_is_uncertain():
    assert made().ends(PREDICTED, np.array([1.0, 3.0]), 0.5).tolist() == [[-10.0, 10.0], [20.0, 80.0]]


def test_no_end_lies_past_what_is_certain():
    ends = made(least=0.0).ends(np.array([-90.0, 3.0]), SAME, 0.5)
    assert ends.tolist() == [[0.0, 0.0], [0.0, 13.0]]


def test_more_than_can_be_promised_gets_the_widest_that_is_known():
    assert made().promised == 0.95
    assert made().ends(PREDICTED, SAME, 0.99).tolist() == [[-19.0, 19.0], [31.0, 69.0]]


def test_the_spread_is_one_where_there_is_no_model_of_it():
    assert made().spreads(None, PREDICTED).tolist() == [1.0, 1.0]
