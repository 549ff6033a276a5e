"""FleetExecutor: an `Executor` whose slots are those of agents on the machines of a cluster."""

from __future__ import annotations

import math
import shutil
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from pickle import PicklingError
from types import ModuleType
from typing import Any, TypeVar

import cloudpickle

from automl.errors import OptionError, error_line
from automl.fleet.agents_here import kill, run
from automl.fleet.crews import Call, Crew
from automl.fleet.greeting import Needs
from automl.fleet.members import Members
from automl.fleet.messages import Answer, Invitation, Kill, Run
from automl.fleet.roster import Roster
from automl.fleet.supply import Supply
from automl.plugin_api.executors import Slot, Started, WorkerEndedError
from automl.plugin_api.fleets import Fleet
from automl.plugin_api.specs import ExecutorRequest, ExecutorSpec
from automl.vocabulary.refs import Ref
from automl.vocabulary.states import Stage

T = TypeVar("T")
HANDED_ON_AT_ONCE = 8
"""Threads that hand on results: whoever listens to one may fetch what it has left."""
SMALL_TABLE_SECONDS = 3.0
"""How long a search waits until its table is on a machine; a large one goes on its way while other things are done."""
FOLDER = "away"


class FleetExecutor:
    """Hands functions to agents, and has what they need brought to them; nothing here waits for a machine for long."""

    def __init__(
        self,
        fleet: Fleet,
        request: ExecutorRequest,
        spec: ExecutorSpec,
        needs: Needs,
        name: str,
        by_value: Sequence[ModuleType] = (),
    ) -> None:
        """Remember what is wanted; nothing is reached for yet. `spec` is what runs on each machine."""
        self._fleet, self._name, self._by_value, self._patience = fleet, name, by_value, request.patience
        invitation = Invitation(
            "", spec, 0, request.initialize, request.memory_each_mb, None if request.wants_gpus else 0,
            modules=request.modules,
        )  # fmt: skip
        self._roster = Roster(fleet, needs, invitation, request.most_slots, self._joined, self._lost)
        self._supply = Supply(fleet, self._roster, self._send_all)
        self._folder = request.folder / FOLDER
        self._members = Members(fleet, self._roster, self._supply, self._folder)
        self._handing_on = ThreadPoolExecutor(HANDED_ON_AT_ONCE, "automl-results")
        self._opened = False

    def start(self) -> None:
        """Open the fleet, and wait for its first machine; an OptionError says why there is none."""
        for module in self._by_value:
            cloudpickle.register_pickle_by_value(module)
        self._folder.mkdir(exist_ok=True)
        try:
            self._fleet.open()
        except OptionError:
            raise
        except Exception as error:
            raise OptionError(
                f"executor={self._name!r} could not be reached: {error_line(error)}. Expected a cluster that is up: "
                f"look at its address, and at what the cluster itself says."
            ) from error
        self._opened = True
        self._roster.start()
        self._members.start()
        self._wait_for_one()

    def slots(self) -> tuple[Slot, ...]:
        """Return the slots of the machines that are there and hold all tables."""
        return tuple(slot for crew in self._roster.there() if self._supply.has_all(crew) for slot in crew.slots)

    def submit(self, slot: Slot, function: Callable[..., T], *arguments: Any, seconds: float = math.inf) -> Started[T]:
        """Run the function on a slot; its machine's agent ends it once it has run for so long."""
        try:
            payload = cloudpickle.dumps((function, arguments))
        except Exception as error:
            return Started(_failed(_unpicklable(error)))
        crew = self._roster.of(slot.number)
        if crew is None:
            return Started(_failed(WorkerEndedError(Stage.MACHINE, f"the machine {slot.host} is lost")))
        call = Call(Run(uuid.uuid4().hex, crew.local[slot.number], slot.runtime, payload, seconds), slot)
        try:
            ready = crew.add(call, self._supply.names)
        except WorkerEndedError as error:
            return Started(_failed(error))
        if ready:
            self._send(crew, call)
        return Started(call.future, call.began, call.last_words)

    def publish(self, name: str, files: Mapping[str, Path]) -> Ref:
        """Have files brought to all machines, in the background; a small table is on one of them when this returns."""
        self._supply.publish(name, files)
        self._wait(lambda: bool(self.slots()), SMALL_TABLE_SECONDS)
        return Ref(name)

    def fetch(self, put: Ref) -> bytes:
        """Return what a function has put; an OSError where it is gone, as with its machine."""
        return self._members.fetch(put)

    def discard(self, put: Ref) -> None:
        """Let go of what a function has put."""
        self._members.discard(put)

    def kill(self, slot: Slot) -> None:
        """End a slot's worker; its future fails at once, and the machine is told."""
        crew = self._roster.of(slot.number)
        if crew is None:
            return
        call = crew.at(slot)
        name = "" if call is None else call.run.call
        with suppress(Exception):
            self._fleet.call(crew.machine.name, kill, crew.session, Kill(name, crew.local[slot.number], slot.runtime))
        if call is not None and crew.take(name) is not None:
            self._end(call, WorkerEndedError(Stage.WORKER, "ended, as it was asked to be"))

    def memory_mb(self, slot: Slot, *, quick: bool = False) -> None:
        """Tell of nothing: every machine watches its own memory."""

    def close(self) -> None:
        """End all agents and let the cluster go."""
        if self._opened:
            self._opened = False
            self._supply.close()
            self._members.close()
            self._roster.close()
            self._fleet.close()
        self._handing_on.shutdown(wait=False, cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        for module in self._by_value:
            with suppress(ValueError):
                cloudpickle.unregister_pickle_by_value(module)

    def notes(self) -> tuple[str, ...]:
        """Return what was lost or left out, and why, each once."""
        return tuple(f"machines: {note}." for note in dict.fromkeys(self._roster.told))

    def joining(self) -> bool:
        """Tell whether machines are on their way: being greeted, or still without the table."""
        return self._roster.joining() or any(not self._supply.has_all(crew) for crew in self._roster.there())

    def seconds_to_fetch(self, members: Sequence[Ref]) -> float:
        """Return what fetching those that are not here yet would take, by what the link has been found to do."""
        return self._members.seconds_to_fetch(members)

    def is_lost(self, member: Ref) -> bool:
        """Tell whether something was put on a machine that is lost by now, and was not fetched before."""
        return self._members.is_lost(member)

    # --- machines

    def _joined(self, crew: Crew) -> None:  # noqa: ARG002  whoever has come
        self._supply.look()

    def _lost(self, crew: Crew, why: str) -> None:
        error = WorkerEndedError(Stage.MACHINE, f"the machine {crew.label} was lost: {why}")
        for call in crew.lose(why):
            self._end(call, error)

    def _wait(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait for something about the machines, but not for long."""
        until = time.monotonic() + seconds
        with self._roster.changed:
            while not condition() and time.monotonic() < until:
                self._roster.changed.wait(0.1)

    def _wait_for_one(self) -> None:
        until = time.monotonic() + self._patience
        while not self._roster.there():
            refused = bool(self._roster.refused) and not self._roster.joining()
            if (refused and len(self._roster.refused) >= len(self._roster.seen)) or time.monotonic() > until:
                raise OptionError(self._why_nobody())
            self._wait(lambda: bool(self._roster.there()), 0.2)

    def _why_nobody(self) -> str:
        roster, asked = self._roster, f"executor={self._name!r}"
        if roster.refused:
            reasons = "\n".join(f"  {label}: {why}" for label, why in roster.refused.items())
            return (
                f"{asked} has no machine that could be used; expected the same Python and packages everywhere, "
                f"as in one image. Of each of its machines:\n{reasons}"
            )
        waited = f"within {self._patience:.0f} s"
        if roster.headless:
            return f"{asked} does not tell {waited} which machines there are: {roster.headless}. Look whether it is up."
        if roster.seen and not any(machine.cores for machine in roster.seen.values()):
            return (
                f"{asked} has no room for one fit {waited} (machines: {len(roster.seen)}): they are taken by somebody "
                f"else's work, or too busy to answer. Wait until they are free, add machines, or give more time."
            )
        if roster.seen:
            named = ", ".join(machine.host for machine in roster.seen.values())
            return f"{asked} has machines ({named}), none ready {waited}. Give more time, or look at their logs."
        return (
            f"{asked} answers, but has no machines; expected at least one {waited}. Start workers, or, where the "
            f"cluster brings them up by itself, look why it does not."
        )

    # --- calls

    def _send_all(self, crew: Crew, calls: list[Call]) -> None:
        for call in calls:
            self._send(crew, call)
        with self._roster.changed:
            self._roster.changed.notify_all()

    def _send(self, crew: Crew, call: Call) -> None:
        try:
            sent: Future[Answer] = self._fleet.call(crew.machine.name, run, crew.session, call.run)
        except Exception as error:
            self._roster.lose(crew, error_line(error), again=True)
            return
        sent.add_done_callback(lambda done: self._hand_on(self._come_back, crew, call, done))

    def _come_back(self, crew: Crew, call: Call, done: Future[Answer]) -> None:
        """Hand on what came of a call, unless it was killed or lost meanwhile."""
        error = ConnectionError("its answer was cancelled") if done.cancelled() else done.exception()
        if error is not None:
            self._roster.lose(crew, error_line(error), again=True)
            return
        answer = done.result()
        if crew.take(call.run.call) is None:
            return
        self._members.note(crew.session, answer.puts)
        call.words = answer.words
        try:
            value = cloudpickle.loads(answer.data)
        except Exception as broken:
            call.future.set_exception(broken)
            return
        if answer.raised:
            call.future.set_exception(value)
        else:
            call.future.set_result(value)

    def _end(self, call: Call, error: BaseException) -> None:
        self._hand_on(call.future.set_exception, error)

    def _hand_on(self, function: Callable[..., None], *arguments: Any) -> None:
        """Do it in a thread that may wait; at the end of the search, nobody listens any more."""
        with suppress(RuntimeError):
            self._handing_on.submit(function, *arguments)


def _failed(error: BaseException) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _unpicklable(error: Exception) -> PicklingError:
    found = PicklingError(str(error))
    found.__cause__ = error
    return found
