"""The small objects of the contract do what they say with nothing set."""

import math

from automl.plugin_api import FitContext
from automl.plugin_api.protocols import NoCache
from automl.vocabulary.deadline import Deadline


def test_a_cache_that_keeps_nothing_builds_each_time():
    cache, built = NoCache(), []
    for _ in range(2):
        assert cache.get_or_build("key", lambda: built.append(1) or len(built)) == len(built)
    assert built == [1, 1]


def test_a_fit_has_all_the_time_there_is_unless_somebody_waits():
    assert FitContext().seconds_left() == math.inf
    assert 0 < FitContext(deadline=Deadline(5.0)).seconds_left() <= 5
    assert FitContext(deadline=Deadline(0.0)).seconds_left() == 0
    assert FitContext().deadline is not FitContext().deadline
