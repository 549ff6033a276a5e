"""Calls: an answer reaches who asked, whatever it is, and the end of a machine ends what waits for it."""

import threading
from concurrent.futures import Future

import pytest

from automl_builtins.fleets._calls import Calls, answer_of, question_of


class OddError(Exception):
    """Cannot be unpickled, as it wants another argument than it gives."""

    def __init__(self, first, *, second):
        super().__init__(first)


def raises_oddly():
    raise OddError("what happened", second=2)


def ends_process():
    raise SystemExit(3)


def asked(calls, machine, function, *arguments):
    inner = Future()
    outer = calls.follow(machine, inner)
    inner.set_result(answer_of(question_of(function, *arguments)))
    return outer


def test_what_a_function_returns_or_raises_comes_back():
    assert asked(Calls(), "a", divmod, 7, 2).result(0) == (3, 1)
    with pytest.raises(ValueError, match="invalid literal"):
        asked(Calls(), "a", int, "x").result(0)


def test_functions_of_a_session_travel_by_value():
    factor = 3
    assert asked(Calls(), "a", lambda number: factor * number, 2).result(0) == 6


def test_an_error_that_cannot_be_pickled_as_it_is_is_told_all_the_same():
    with pytest.raises((RuntimeError, OddError), match="what happened"):
        asked(Calls(), "a", raises_oddly).result(0)


def test_what_cannot_be_pickled_is_an_error_and_so_is_the_end_of_the_process():
    with pytest.raises(TypeError, match="pickle"):
        asked(Calls(), "a", threading.Lock).result(0)
    with pytest.raises(SystemExit):
        asked(Calls(), "a", ends_process).result(0)


def test_what_runs_on_a_machine_that_is_gone_fails_at_once_and_the_rest_goes_on():
    calls, inner = Calls(), {"here": Future(), "gone": Future()}
    outer = {name: calls.follow(name, each) for name, each in inner.items()}
    calls.keep({"here"})
    with pytest.raises(ConnectionError, match="gone is gone"):
        outer["gone"].result(0)
    assert not outer["here"].done()
    inner["gone"].set_result(answer_of(question_of(str)))  # its answer comes after all
    inner["here"].set_result(answer_of(question_of(str)))
    assert outer["here"].result(0) == ""


def test_a_closed_connection_is_a_connection_error():
    inner = Future()
    outer = Calls().follow("a", inner)
    inner.cancel()
    with pytest.raises(ConnectionError):
        outer.result(0)
