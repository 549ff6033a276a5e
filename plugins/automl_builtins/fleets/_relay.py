"""Relay: hand a chunk from machine to machine, so that it leaves this machine once for all of them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import Generic, TypeVar

from automl_builtins.fleets._calls import fail, failed

T = TypeVar("T")
AT_ONCE = 2
"""How many machines one that has the chunk serves at a time: more would share its link, and serve others no sooner."""
HERE = ""
"""Stands for this process among the machines that have the chunk."""


class HolderError(Exception):
    """A machine that had the chunk cannot give it any more."""


class Relay(Generic[T]):
    """Says who gives the chunk to whom; those that have it double in number with every round."""

    def __init__(
        self,
        send: Callable[[str], Future[T]],
        pass_on: Callable[[str, str], Future[T]],
        there: Iterable[str] = (),
    ) -> None:
        """Take what brings the chunk to a machine: from this process, or from one machine to another.

        pass_on: its future raises `HolderError` where the giving machine is at fault. there: who has the chunk already.
        """
        self._send, self._pass_on = send, pass_on
        self._lock = threading.RLock()
        self._serving = dict.fromkeys(there, 0)
        self._sending = False
        self._waiting: list[tuple[str, Future[T]]] = []

    def __call__(self, machine: str) -> Future[T]:
        """Bring the chunk to a machine as soon as somebody has the time for it."""
        asked: Future[T] = Future()
        with self._lock:
            self._waiting.append((machine, asked))
            self._go_on()
        return asked

    def _go_on(self) -> None:
        for machine, asked in tuple(self._waiting):
            giver = self._giver(machine)
            if giver is not None and (machine, asked) in self._waiting:  # what ends at once has others served meanwhile
                self._waiting.remove((machine, asked))
                self._begin(giver, machine, asked)

    def _giver(self, machine: str) -> str | None:
        """Return who gives a machine the chunk now; None where it has to wait."""
        others = {each: serving for each, serving in self._serving.items() if each != machine}
        if not others:
            return None if self._sending else HERE
        least = min(others.values())
        return random.choice([each for each in others if others[each] == least]) if least < AT_ONCE else None

    def _begin(self, giver: str, machine: str, asked: Future[T]) -> None:
        if giver == HERE:
            self._sending = True
        else:
            self._serving[giver] += 1
        try:
            given = self._pass_on(giver, machine) if giver else self._send(machine)
        except Exception as error:
            given = failed(error)
        given.add_done_callback(partial(self._ended, giver, machine, asked))

    def _ended(self, giver: str, machine: str, asked: Future[T], given: Future[T]) -> None:
        error = given.exception()
        with self._lock:
            if giver == HERE:
                self._sending = False
            elif isinstance(error, HolderError):
                self._serving.pop(giver, None)
            elif giver in self._serving:
                self._serving[giver] -= 1
            if error is None:
                self._serving.setdefault(machine, 0)
            elif isinstance(error, HolderError):
                self._waiting.insert(0, (machine, asked))
            self._go_on()
        if error is None:
            asked.set_result(given.result())
        elif not isinstance(error, HolderError):
            fail(asked, error)
