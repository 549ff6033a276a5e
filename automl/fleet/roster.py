"""Roster: which machines are there, greeted as they come and given up when they are silent."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import cloudpickle

from automl.errors import error_line
from automl.fleet.agents_here import beat, leave, start_agent
from automl.fleet.crews import Crew
from automl.fleet.greeting import Greeting, Needs, compare, greet
from automl.fleet.messages import Invitation, Joined
from automl.plugin_api.fleets import Fleet, Machine

LOOK_SECONDS = 1.0
SILENT_SECONDS = 10.0
"""A machine that has not answered for so long counts as lost."""
HEARD_SECONDS, LEAVE_SECONDS, CLOSE_SECONDS = 2.5, 3.0, 0.5
"""Machines that were heard of so lately are waited for at the end, how long at most, and how long threads of here."""
GREET_SECONDS = 90.0
"""What a machine may take to answer a greeting, and to bring up an agent."""
MOST_RETURNS = 3
"""How often a machine is greeted again whose agent has ended."""
AT_ONCE = 16
"""Machines that are greeted at a time."""


@dataclass(slots=True)
class Roster:
    """Who is there, watched once a second in a thread of its own.

    invitation: what each agent is brought up with, but for its session and slots. most_slots: how many there may be in
    all. on_join, on_loss: told of machines that have come, and that are lost with the calls that they were at.
    """

    fleet: Fleet
    needs: Needs
    invitation: Invitation
    most_slots: int | None
    on_join: Callable[[Crew], None]
    on_loss: Callable[[Crew, str], None]
    crews: dict[str, Crew] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """Why machines are left out, by what people call them."""
    told: list[str] = field(default_factory=list)
    headless: str = ""
    """Why the cluster cannot tell who is there; "" while it can."""
    seen: Mapping[str, Machine] = field(default_factory=dict)
    """What the cluster said last."""
    _here: Greeting | None = None
    _left_out: set[str] = field(default_factory=set)
    _joining: dict[str, int] = field(default_factory=dict)
    """Machines that are being greeted, and the slots that are kept for them."""
    _silent: dict[str, tuple[Crew, Future[Any]]] = field(default_factory=dict)
    _returns: dict[str, int] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)
    _lock: Any = field(default_factory=threading.RLock)
    _closing: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)
    _greeters: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "automl-greet"))
    _watcher: threading.Thread | None = None

    def start(self) -> None:
        """Begin to greet whoever is there."""
        self._watcher = threading.Thread(target=self._watch, name="automl-fleet", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """Let every machine go, and wait until each has ended its agent, or is not heard of."""
        self._closing.set()
        if self._watcher is not None:
            self._watcher.join(CLOSE_SECONDS)
        self._greeters.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            crews, silent = list(self.crews.values()), [crew for crew, _ in self._silent.values()]
            self.crews = {}
        now = time.monotonic()
        leaving = {crew.session: self._call(crew.machine.name, leave, crew.session) for crew in (*crews, *silent)}
        for crew in crews:
            if now - crew.heard <= HEARD_SECONDS:  # the others end by themselves once they do not hear of this process
                with suppress(Exception):
                    leaving[crew.session].result(max(0.0, now + LEAVE_SECONDS - time.monotonic()))
        for crew in crews:
            crew.lose("the search has ended")

    def there(self) -> tuple[Crew, ...]:
        """Return the machines that are there, in the order in which they have come."""
        with self._lock:
            return tuple(self.crews.values())

    def of(self, number: int) -> Crew | None:
        """Return the machine of a slot; None where it is lost."""
        return next((crew for crew in self.there() if number in crew.local), None)

    def in_session(self, session: str) -> Crew | None:
        """Return the machine of a session; None where it is lost."""
        return next((crew for crew in self.there() if crew.session == session), None)

    def joining(self) -> bool:
        """Tell whether machines are being greeted."""
        with self._lock:
            return bool(self._joining)

    def lose(self, crew: Crew, why: str, *, again: bool = False) -> None:
        """Give a machine up, with all that it was at; `again` where it may be greeted at once."""
        with self._lock:
            if self.crews.get(crew.machine.name) is not crew:
                return
            del self.crews[crew.machine.name]
            if again:
                self._returns[crew.machine.name] = self._returns.get(crew.machine.name, 0) + 1
                if self._returns[crew.machine.name] > MOST_RETURNS:
                    self._leave_out(crew.machine, why)
            self.told.append(f"the machine {crew.label} was lost: {why}")
        self.on_loss(crew, why)
        if again:
            self._call(crew.machine.name, leave, crew.session)
        self._tell_change()

    def leave_out(self, crew: Crew, why: str) -> None:
        """Give a machine up for good."""
        self._leave_out(crew.machine, why)
        self.lose(crew, why)
        with suppress(Exception):
            self._call(crew.machine.name, leave, crew.session)

    def _watch(self) -> None:
        while not self._closing.is_set():
            begun = time.monotonic()
            with suppress(Exception):  # whatever a fleet does, the next look may find more
                self._look()
            self._closing.wait(max(0.0, LOOK_SECONDS - (time.monotonic() - begun)))

    def _look(self) -> None:
        try:
            there = self.fleet.machines()
        except Exception as error:
            if not self.headless:
                self.told.append(f"the cluster did not tell any more who is there: {error_line(error)}")
            self.headless = error_line(error)
        else:
            self.headless, self.seen = "", there
            for crew in self.there():
                if crew.machine.name not in there:
                    self.lose(crew, "it has left the cluster")
            for machine in there.values():
                self._invite(machine)
        for crew in self.there():
            self._listen_to(crew)
        self._hear_again()
        self._tell_change()

    # --- greeting

    def _invite(self, machine: Machine) -> None:
        with self._lock:
            name = machine.name
            if name in self.crews or name in self._joining or name in self._silent or name in self._left_out:
                return
            taken = sum(len(crew.slots) for crew in self.crews.values()) + sum(self._joining.values())
            n_slots = machine.cores if self.most_slots is None else min(machine.cores, self.most_slots - taken)
            if n_slots < 1:
                return
            self._joining[name] = n_slots
        self._greeters.submit(self._greet, machine, n_slots)

    def _greet(self, machine: Machine, n_slots: int) -> None:
        label = self._label(machine)
        try:
            there: Greeting = self._answer(self._call(machine.name, greet, self.needs))
            fit = compare(self._own(), there, self.needs)
            if fit.refused:
                self._leave_out(machine, fit.refused)
                return
            session = uuid.uuid4().hex
            invitation = replace(
                self.invitation, session=session, n_slots=n_slots, memory_mb=self._memory_mb(machine, there),
                n_gpus=machine.gpus if self.invitation.n_gpus is None else self.invitation.n_gpus,
            )  # fmt: skip
            pickled = cloudpickle.dumps(invitation)
            starting = self._call(machine.name, start_agent, session, pickled)
            starting.add_done_callback(lambda _: self._closing.is_set() and self._call(machine.name, leave, session))
            joined: Joined = self._answer(starting)
        except Exception as error:
            self._fail_to_join(machine, error)
            return
        self._add(machine, session, joined, frozenset(fit.without))
        self._tell_fit(label, fit.without, fit.differs)

    def _add(self, machine: Machine, session: str, joined: Joined, without: frozenset[str]) -> None:
        slots, local = [], {}
        for slot in joined.slots:
            number = next(self._numbers)
            local[number] = slot.number
            slots.append(replace(slot, number=number, host=self._label(machine), without=without))
        crew = Crew(machine, self._label(machine), session, tuple(slots), local)
        with self._lock:
            self._joining.pop(machine.name, None)
            self.crews[machine.name] = crew
        if self._closing.is_set():
            self._call(machine.name, leave, session)
        self.on_join(crew)
        self._tell_change()

    def _answer(self, future: Future[Any]) -> Any:
        """Wait for what a machine answers, as long as it may take and the search goes on."""
        until = time.monotonic() + GREET_SECONDS
        while not future.done():
            if self._closing.is_set():
                raise InterruptedError("the search has ended")
            if time.monotonic() > until:
                raise TimeoutError(f"no answer within {GREET_SECONDS:.0f} s")
            wait([future], timeout=0.2)
        return future.result()

    def _own(self) -> Greeting:
        with self._lock:
            if self._here is None:
                self._here = greet(self.needs)
            return self._here

    def _memory_mb(self, machine: Machine, there: Greeting) -> float | None:
        """Return what an agent may use: what was asked for and what the cluster gives, else a part of what is free."""
        beside = max(1, sum(each.host == machine.host for each in self.seen.values()))
        limits = [each for each in (self.invitation.memory_mb, machine.memory_mb) if each is not None]
        return min(limits) if limits else 0.8 * there.memory_mb / beside

    def _fail_to_join(self, machine: Machine, error: Exception) -> None:
        with self._lock:
            self._joining.pop(machine.name, None)
            tries = self._returns[machine.name] = self._returns.get(machine.name, 0) + 1
        if self._closing.is_set():
            return
        if tries >= MOST_RETURNS or isinstance(error, ImportError | AttributeError | SyntaxError):
            self._leave_out(machine, f"it could not be brought up: {error_line(error)}")

    def _leave_out(self, machine: Machine, why: str) -> None:
        label = self._label(machine)
        with self._lock:
            self._joining.pop(machine.name, None)
            self._left_out.add(machine.name)
            self.refused[label] = why
            self.told.append(f"the machine {label} was left out: {why}")
        self._tell_change()

    def _tell_fit(self, label: str, without: Mapping[str, str], differs: tuple[str, ...]) -> None:
        missing, models = self._own().missing, dict[str, list[str]]()
        for model, why in without.items():
            if not missing.intersection(self.needs.models[model]):  # else it runs nowhere, as it cannot run here
                models.setdefault(why, []).append(model)
        with self._lock:
            for why, names in models.items():
                self.told.append(f"{', '.join(names)} did not run on the machine {label}: {why}")
            if differs:
                self.told.append(f"versions differ on the machine {label}: {'; '.join(differs)}")

    def _label(self, machine: Machine) -> str:
        """Return what people call a machine: its host, with a number from the second one there on."""
        with self._lock:
            if machine.name not in self._labels:
                before = set(self._labels.values())
                names = (machine.host if n == 1 else f"{machine.host} {n}" for n in count(1))
                self._labels[machine.name] = next(name for name in names if name not in before)
            return self._labels[machine.name]

    # --- listening

    def _listen_to(self, crew: Crew) -> None:
        now, answer = time.monotonic(), crew.beat
        if answer is not None and answer.done():
            error = answer.exception() if not answer.cancelled() else ConnectionError("its answer was cancelled")
            if error is not None:
                self.lose(crew, error_line(error), again=True)
                return
            crew.heard = now
            crew.note_begun(answer.result())
            answer = crew.beat = None
        if now - crew.heard > SILENT_SECONDS and answer is not None:
            with self._lock:
                self._silent[crew.machine.name] = crew, answer
            self.lose(crew, f"it was silent for {SILENT_SECONDS:.0f} s")
        elif answer is None:
            crew.beat = self._call(crew.machine.name, beat, crew.session)

    def _hear_again(self) -> None:
        """Let machines that were silent come back, as new ones that have their tables still."""
        with self._lock:
            silent = list(self._silent.items())
        for name, (crew, answer) in silent:
            if not answer.done() and (self.headless or name in self.seen):
                continue
            with self._lock:
                del self._silent[name]
            if not answer.cancelled() and answer.exception() is None:
                with suppress(Exception):
                    self._call(name, leave, crew.session)

    def _call(self, machine: str, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function on a machine; what the fleet raises comes by the future."""
        try:
            return self.fleet.call(machine, function, *arguments)
        except Exception as error:
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed

    def _tell_change(self) -> None:
        with self.changed:
            self.changed.notify_all()
