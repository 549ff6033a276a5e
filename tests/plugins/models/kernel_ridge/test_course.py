"""The way to a metric: its steps are judged on rows that neither metric nor machine has seen."""

from __future__ import annotations

import numpy as np

from automl_builtins.models.kernel_ridge.course import STEPS, Walk, Way, choose_course

WAY = Way(width=5.0, full=False, power=1.0)
RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(200, 12))
SIGNAL = (2 * MATRIX[:, :1] + MATRIX[:, 1:2]) / 2.3
WEIGHTS = np.ones(200)


def choose(targets, seconds=np.inf, matrix=MATRIX):
    return choose_course(matrix, targets, WEIGHTS, WAY, np.random.default_rng(1), lambda: seconds)


def test_a_signal_in_two_features_is_followed_and_predicted():
    course = choose(SIGNAL)
    assert len(course.penalties) > 1
    assert np.mean((course.left_out - SIGNAL) ** 2) < 0.2


def test_where_features_tell_nothing_rows_held_out_are_predicted_by_the_mean():
    noise = np.random.default_rng(2).normal(size=(200, 1))
    course = choose(noise - noise.mean())
    assert course.penalties[-1] >= 1.0
    assert np.abs(course.left_out).max() < 1.0
    assert abs(np.corrcoef(course.left_out[:, 0], noise[:, 0])[0, 1]) < 0.2


def test_no_step_is_tried_without_time_for_it():
    assert len(choose(SIGNAL, seconds=0.0).penalties) == 1


def test_no_more_steps_than_are_allowed_are_taken():
    assert len(choose(SIGNAL).penalties) <= STEPS + 1


def test_a_step_gives_features_that_matter_more_weight():
    walk = Walk.of(MATRIX, SIGNAL, WEIGHTS, WAY)
    assert walk.step(0.1, RNG)
    assert set(np.argsort(walk.metric)[-2:]) == {0, 1}


def test_features_without_spread_end_the_walk():
    assert not Walk.of(MATRIX * 0, SIGNAL, WEIGHTS, WAY).step(0.1, RNG)
    assert np.isfinite(choose(SIGNAL, matrix=MATRIX * 0).left_out).all()
