"""A deadline never gives less than no time, and an earlier or nested one never more than its own."""

from __future__ import annotations

import math
import time

from automl.vocabulary.deadline import Deadline


def test_a_deadline_without_a_limit_never_ends_and_none_is_left_below_zero():
    assert Deadline(None).left() == math.inf
    assert Deadline(0.0).left() == 0.0
    assert Deadline(None).earlier(5).left() == math.inf
    assert Deadline(None).within(5).seconds == 5
    assert Deadline(2.0).within(50).left() <= 2.0
    assert Deadline(2.0).earlier(50).left() == 0.0


def test_an_earlier_end_keeps_the_clock_and_a_nested_one_starts_its_own():
    clock = Deadline(100.0, started=time.monotonic() - 40)
    assert 59 < clock.left() <= 60
    assert clock.earlier(10).started == clock.started
    assert 49 < clock.earlier(10).left() <= 50
    assert 4 < clock.within(5).left() <= 5
    assert clock.within(500).left() <= 60
