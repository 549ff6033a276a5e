"""Crews: a machine of the cluster with our agent on it, as the controller knows it, and the calls that are there."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from automl.fleet.messages import Run
from automl.plugin_api.executors import Slot, WorkerEndedError
from automl.plugin_api.fleets import Machine
from automl.vocabulary.states import Stage


@dataclass(slots=True)
class Call:
    """A function that was handed over to a slot of a machine; whoever takes it from its crew has it come to its end."""

    run: Run
    slot: Slot
    future: Future[Any] = field(default_factory=Future)
    begun: float | None = None
    words: str = ""

    def began(self) -> float | None:
        """Return when this process heard that it has begun."""
        return self.begun

    def last_words(self) -> str:
        """Return what it has written before its worker was ended."""
        return self.words


@dataclass(slots=True)
class Crew:
    """A machine with an agent of ours.

    label: what people call it. local: the numbers that its slots have there, by those that they have here.
    """

    machine: Machine
    label: str
    session: str
    slots: tuple[Slot, ...]
    local: dict[int, int]
    heard: float = field(default_factory=time.monotonic)
    beat: Future[tuple[str, ...]] | None = None
    calls: dict[str, Call] = field(default_factory=dict)
    held: list[Call] = field(default_factory=list)
    """Calls that wait until their table has come."""
    tables: set[str] = field(default_factory=set)
    lost: str = ""
    """Why it is no more; "" while it is there."""
    lock: Any = field(default_factory=threading.Lock)

    def add(self, call: Call, needed: set[str]) -> bool:
        """Take in a call; tells whether it may be sent now. A WorkerEndedError where the machine is lost."""
        with self.lock:
            if self.lost:
                raise WorkerEndedError(Stage.MACHINE, f"the machine {self.label} is lost: {self.lost}")
            self.calls[call.run.call] = call
            ready = needed <= self.tables
            if not ready:
                self.held.append(call)
            return ready

    def has_table(self, name: str, needed: set[str]) -> list[Call]:
        """Note that a table has come; returns the calls that need not wait any more."""
        with self.lock:
            self.tables.add(name)
            if not needed <= self.tables:
                return []
            held, self.held = self.held, []
            return [call for call in held if call.run.call in self.calls]

    def take(self, call: str) -> Call | None:
        """Take a call out, to have it come to its end; None where somebody else has done so."""
        with self.lock:
            return self.calls.pop(call, None)

    def at(self, slot: Slot) -> Call | None:
        """Return the call that a worker is at."""
        with self.lock:
            return next((call for call in self.calls.values() if call.slot == slot), None)

    def lose(self, why: str) -> list[Call]:
        """Note that the machine is no more; returns the calls that are lost with it."""
        with self.lock:
            self.lost = self.lost or why
            calls, self.calls = list(self.calls.values()), {}
            self.held = []
            return calls

    def note_begun(self, names: tuple[str, ...]) -> None:
        """Note which calls have begun."""
        with self.lock:
            for name in names:
                call = self.calls.get(name)
                if call is not None and call.begun is None:
                    call.begun = time.monotonic()
