from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automl.steps.ensemble.scoring_time import COMPARE_SHARE, LEAST_COMPARED, LEAST_SCORINGS, LEAST_SECONDS, ScoringTime
from automl.steps.score.judge import Judge
from tests.plugins.ensemblers.synthetic import AUC, BINARY

SECONDS = st.one_of(st.just(0.0), st.floats(1e-7, 100.0))
LEFT = st.one_of(st.just(0.0), st.just(math.inf), st.floats(1e-3, 1e4))


def test_it_is_what_the_metric_takes_for_one_candidate():
    def slow(target, predictions, weights):
        time.sleep(0.15)
        return 0.5

    judge = Judge(replace(AUC, score=slow), BINARY, np.repeat([0, 1], 30))
    assert 0.15 <= ScoringTime.of(judge, np.full((60, 2), 0.5)).seconds < 1.0


@given(seconds=SECONDS, left=LEFT, n_candidates=st.integers(1, 200))
def test_some_candidates_are_always_compared_and_more_only_as_time_allows(seconds, left, n_candidates):
    most = ScoringTime(seconds).most_compared(n_candidates, left)
    assert min(n_candidates, LEAST_COMPARED) <= most <= n_candidates
    if most > LEAST_COMPARED:
        assert most * LEAST_SCORINGS * seconds <= COMPARE_SHARE * left * (1 + 1e-9)


def test_all_candidates_are_compared_where_the_metric_is_quick_or_time_without_end():
    assert ScoringTime(1e-4).most_compared(100, 10.0) == 100
    assert ScoringTime(5.0).most_compared(100, math.inf) == 100


def test_fewer_candidates_are_compared_where_the_metric_is_slow():
    assert ScoringTime(0.02).most_compared(100, 10.0) == int(COMPARE_SHARE * 10.0 / (LEAST_SCORINGS * 0.02))


@given(seconds=SECONDS, left=LEFT, n_candidates=st.integers(1, 200))
def test_where_there_is_time_to_cross_fit_there_is_time_for_one_fit(seconds, left, n_candidates):
    scoring = ScoringTime(seconds)
    if scoring.allows_cross_fit(n_candidates, left):
        assert left >= LEAST_SECONDS
        assert scoring.allows_fit(n_candidates, left)


def test_little_time_allows_one_fit_and_less_time_none():
    scoring = ScoringTime(0.01)
    assert not scoring.allows_cross_fit(10, 1.0)
    assert scoring.allows_fit(10, 1.0)
    assert not scoring.allows_fit(10, 0.2)
