"""Calls: futures of what runs on machines, which fail as soon as their machine is gone."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from functools import partial
from typing import Any

import cloudpickle


class Calls:
    """What is under way on each machine; all that fails for a machine's sake fails with a ConnectionError."""

    def __init__(self) -> None:
        """Nothing is under way yet."""
        self._lock = threading.Lock()
        self._open: defaultdict[str, set[Future[Any]]] = defaultdict(set)

    def follow(self, machine: str, inner: Future[bytes]) -> Future[Any]:
        """Return a future of what the machine answers, an outcome as `answer_of` writes it."""
        outer: Future[Any] = Future()
        with self._lock:
            self._open[machine].add(outer)
        inner.add_done_callback(partial(self._take, machine, outer))
        return outer

    def keep(self, machines: Collection[str]) -> None:
        """Fail what is under way on all other machines."""
        with self._lock:
            gone = [name for name in self._open if name not in machines]
            futures = [(name, future) for name in gone for future in self._open.pop(name)]
        for name, future in futures:
            fail(future, ConnectionError(f"the machine {name} is gone"))

    def _take(self, machine: str, outer: Future[Any], inner: Future[bytes]) -> None:
        with self._lock:
            self._open[machine].discard(outer)
        try:
            kept, value = cloudpickle.loads(inner.result())
        except CancelledError:
            fail(outer, ConnectionError("the connection was closed"))
        except Exception as error:
            fail(outer, error)
        else:
            if kept:
                with suppress(InvalidStateError):  # the machine was taken for lost a moment ago
                    outer.set_result(value)
            else:
                fail(outer, value)


def fail(future: Future[Any], error: BaseException) -> None:
    """Fail a future, unless it is done already."""
    with suppress(InvalidStateError):
        future.set_exception(error)


def failed(error: BaseException) -> Future[Any]:
    """Return a future that has failed."""
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def question_of(function: Any, *arguments: Any) -> bytes:
    """Write down a call, for a machine to answer."""
    return bytes(cloudpickle.dumps((function, arguments)))


def answer_of(question: bytes) -> bytes:
    """Make a call that was written down; return what it returned or raised, written down too."""
    try:
        function, arguments = cloudpickle.loads(question)
        return bytes(cloudpickle.dumps((True, function(*arguments))))
    except BaseException as error:
        return _raised(error)


def _raised(error: BaseException) -> bytes:
    try:
        written = bytes(cloudpickle.dumps((False, error)))
        cloudpickle.loads(written)
    except Exception:  # of errors that do not survive pickling, such as those with arguments of their own
        return bytes(cloudpickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}"))))
    return written
