"""The deadline of a search and the time of its events count from the same call."""

import math
import time

from automl.steps.plan.given import Search
from automl.vocabulary.deadline import Stopwatch
from automl.vocabulary.settings import SearchSettings


def test_the_time_limit_counts_from_when_the_user_called():
    search = Search(SearchSettings(time_limit=60.0), None, Stopwatch(time.monotonic() - 50))
    assert 50 <= search.elapsed() < 51
    assert 9 < search.deadline.left() <= 10


def test_a_search_by_count_has_no_end_in_time():
    search = Search(SearchSettings(time_limit=None, max_trials=3), None, Stopwatch(time.monotonic() - 50))
    assert search.deadline.left() == math.inf
