"""When a search ends for want of improvement."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import SearchProgress
from automl_builtins.deciders.stopping import automl_should_stop


def progress(seconds_since_improvement, time_limit, n_finished=5, best_loss=0.1, elapsed=1000.0, trials=30):
    return SearchProgress(elapsed, time_limit, None, n_finished, 0, best_loss, seconds_since_improvement, trials)


@pytest.mark.parametrize(("time_limit", "patience"), [(60.0, 120.0), (300.0, 120.0), (1000.0, 400.0), (3600.0, 1440.0)])
def test_a_timed_search_ends_when_its_patience_is_used_up(time_limit, patience):
    assert automl_should_stop(progress(patience - 1, time_limit)) is False
    assert automl_should_stop(progress(patience + 1, time_limit)) is True


def test_few_candidates_are_no_reason_to_end_however_long_each_takes():
    assert automl_should_stop(progress(280.0, 300.0, trials=29)) is False


def test_a_long_candidate_under_way_is_waited_for():
    waiting = replace(progress(500.0, 600.0), longest_under_way=400.0)
    assert automl_should_stop(waiting) is False
    assert automl_should_stop(replace(waiting, longest_under_way=200.0)) is True


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1e9))
def test_a_search_by_count_is_left_to_others_whatever_the_clock_says(seconds):
    assert automl_should_stop(progress(seconds, None)) is None


@pytest.mark.parametrize(("n_finished", "best_loss"), [(0, math.inf), (2, math.inf), (2, math.nan)])
def test_a_search_without_a_result_goes_on(n_finished, best_loss):
    assert automl_should_stop(progress(1e6, 300.0, n_finished, best_loss)) is False
