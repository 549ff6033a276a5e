"""Watch: what was seen last is known at once, and who cannot tell any more is not believed for long."""

import threading

import pytest

from automl_builtins.fleets._watch import Watch
from tests.plugins.fleets.clusters import until


def raised(watch, kind):
    try:
        watch.latest()
    except kind:
        return True
    return False


def test_it_looks_again_and_again():
    seen = iter(range(10_000))
    watch = Watch(lambda: next(seen), every=0.01)
    until(lambda: watch.latest() > 3)
    watch.close()


def test_what_the_first_look_raises_is_raised_at_once():
    with pytest.raises(ZeroDivisionError):
        Watch(lambda: 1 / 0)


def test_an_error_is_raised_until_a_look_succeeds_again():
    answers = [1]
    watch = Watch(lambda: answers[0] / answers[0], every=0.01)
    answers[0] = 0
    until(lambda: raised(watch, ZeroDivisionError))
    answers[0] = 2
    until(lambda: not raised(watch, ZeroDivisionError))
    watch.close()


def test_a_look_that_hangs_is_a_timeout():
    going_on, first = threading.Event(), [True]

    def look():
        if not first:
            going_on.wait(30)
        first.clear()

    watch = Watch(look, every=0.01, patience=0.1)
    until(lambda: raised(watch, TimeoutError))
    going_on.set()
    watch.close()
