"""Calls aside give what they give, and one that hangs is left with the place where it stood."""

import math
import threading
import time
import traceback

import numpy as np
import pytest

from automl.aside import Aside, HangError


@pytest.fixture
def aside():
    made = Aside(5.0)
    yield made
    made.close()


def loop():
    while True:
        pass


def ended(thread, seconds=5.0):
    thread.join(seconds)
    return not thread.is_alive()


def test_what_a_call_gives_and_raises_comes_back(aside):
    assert aside.call(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        aside.call(lambda: 1 / 0)
    with pytest.raises(KeyboardInterrupt):
        aside.call(lambda: (_ for _ in ()).throw(KeyboardInterrupt))


def test_all_calls_are_made_in_one_thread_that_is_not_the_callers(aside):
    threads = {aside.call(threading.get_ident) for _ in range(3)}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


def test_without_a_limit_a_call_is_made_where_it_is_asked_for(aside):
    assert Aside().call(threading.get_ident) == threading.get_ident()
    assert aside.call(threading.get_ident, math.inf) == threading.get_ident()


def test_a_call_within_a_call_does_not_wait_for_itself(aside):
    assert aside.call(lambda: aside.call(lambda: 3)) == 3


def test_the_callers_context_holds_in_the_thread(aside):
    with np.errstate(divide="raise"):
        assert aside.call(np.geterr)["divide"] == "raise"


@pytest.mark.parametrize("hang", [loop, lambda: time.sleep(3)])
def test_a_call_that_hangs_is_left_and_the_next_is_made(aside, hang):
    begun = time.monotonic()
    with pytest.raises(HangError, match=r"did not end within 0\.2 s") as left:
        aside.call(hang, 0.2)
    assert time.monotonic() - begun < 2.5
    assert "test_aside.py" in "".join(traceback.format_exception(left.value))  # where it stood
    assert aside.call(lambda: 4) == 4


def test_a_loop_that_was_left_ends(aside):
    seen = []
    with pytest.raises(HangError):
        aside.call(lambda: seen.append(threading.current_thread()) or loop(), 0.2)
    assert ended(seen[0])


def test_closing_ends_the_thread_and_a_later_call_has_another(aside):
    thread = aside.call(threading.current_thread)
    aside.close()
    assert ended(thread)
    assert aside.call(threading.current_thread) is not thread
