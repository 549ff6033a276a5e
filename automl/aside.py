"""Aside: calls plugins in a thread of their own where a clock runs, and leaves one that hangs."""

from __future__ import annotations

import ctypes
import math
import sys
import threading
import traceback
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
HOOK_SECONDS = 10.0
"""Time for one call of a plugin in the search's own process, where the search has a time limit."""


class HangError(Exception):
    """A call was not waited for any longer; its notes hold where it stood."""


@dataclass(slots=True)
class _Call:
    function: Callable[[], Any]
    done: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.answer = self.function()
        except BaseException as error:
            self.error = error
        self.done.set()


class Aside:
    """Makes one call after another in one thread, so that what a plugin keeps for its thread stays.

    `seconds` is how long a call may take; with infinity it is made where it is asked for, without a thread. A call that
    takes longer raises `HangError`; its thread is given up, and ends as soon as it runs Python code again.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        """Start no thread yet."""
        self.seconds = seconds
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def call(self, function: Callable[[], T], seconds: float | None = None) -> T:
        """Return what the function returns, or raise what it raises."""
        seconds = self.seconds if seconds is None else seconds
        if math.isinf(seconds) or threading.current_thread() is self._thread:
            return function()
        context = copy_context()
        call = _Call(lambda: context.run(function))
        thread = self._send(call)
        try:
            ended = call.done.wait(seconds)
        except BaseException:  # the user interrupts
            self._give_up(thread)
            raise
        if not ended:
            raise self._give_up(thread, seconds)
        if call.error is not None:
            raise call.error
        answer: T = call.answer
        return answer

    def close(self) -> None:
        """End the thread once its call has ended."""
        self._calls.put(None)
        self._thread = None

    def _send(self, call: _Call) -> threading.Thread:
        if self._thread is None:
            self._calls = SimpleQueue()
            self._thread = threading.Thread(target=_serve, args=(self._calls,), name="automl-aside", daemon=True)
            self._thread.start()
        self._calls.put(call)
        return self._thread

    def _give_up(self, thread: threading.Thread, seconds: float = 0.0) -> HangError:
        self.close()
        number = thread.ident or 0
        frame = sys._current_frames().get(number)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(number), ctypes.py_object(SystemExit))
        error = HangError(f"it did not end within {seconds:.3g} s and is not waited for")
        error.add_note("It stood here:\n" + "".join(traceback.format_stack(frame)))
        return error


def _serve(calls: SimpleQueue[_Call | None]) -> None:
    while (call := calls.get()) is not None:
        call.run()
