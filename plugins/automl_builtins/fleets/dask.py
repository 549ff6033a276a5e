"""Dask: machines are the workers of a cluster, whose places are taken by tasks that hold them."""

from __future__ import annotations

import asyncio
import logging
import pickle
import sys
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePath
from typing import Any, TypeVar
from uuid import uuid4

from automl.plugin_api import FleetRequest, FleetSpec, Machine, hookimpl
from automl_builtins.fleets._calls import Calls, question_of
from automl_builtins.fleets._dask_address import connect
from automl_builtins.fleets._dask_side import HANDLER, Place, greet_worker, places_held, take_over
from automl_builtins.fleets._relay import HolderError, Relay
from automl_builtins.fleets._watch import Watch

T = TypeVar("T")
ANSWER_SECONDS = 4.0
"""How long scheduler and workers may take to say who is there."""
CLOSE_SECONDS = 1.0
"""How long leaving may take: a search may be at its limit, and its scheduler gone."""
DIRECT_SECONDS = 3.0
"""How long a worker may take to answer us directly, before its calls go through the scheduler."""
SETTLE_SECONDS = 2.0
"""How long a new worker's places may take to be ours before it is offered with those that are."""
MOST_CONNECTIONS = 2**16
"""To workers: a call that is under way has one."""
LOGGERS = ("distributed.client", "distributed.core", "distributed.comm")
WISHES = 8
"""Tasks without a place, in a cluster that has fewer than are wanted: those that grow with their work see them."""


@dataclass(slots=True)
class _Worker:
    """A worker as it was seen last: where, whether it can be reached, how many places were asked for, and held."""

    address: str
    known: Mapping[str, Any]
    joined: float = field(default_factory=time.monotonic)
    greeted: bool = False
    direct: bool = True
    broken: bool = False
    tasks: list[Any] = field(default_factory=list)
    held: int = 0

    @property
    def cores(self) -> int:
        """Return the places to offer: none yet where more are about to be ours."""
        if self.broken:  # a call will say why
            return int(self.known["nthreads"])
        settled = self.held >= len(self.tasks) or time.monotonic() - self.joined > SETTLE_SECONDS
        return min(self.held, len(self.tasks)) if settled else 0  # a wish may have come true there, too


class DaskFleet:
    """The workers of a Dask cluster.

    Calls go to the workers directly where they can be reached, beside their tasks; else through the scheduler. As many
    of their threads as there are wanted slots are held by tasks: the scheduler sees busy workers and sends others' work
    elsewhere, and a cluster that grows and shrinks with its work lets none of them go.
    """

    def __init__(self, request: FleetRequest) -> None:
        """Remember the request."""
        self._request, self._search = request, uuid4().hex
        self._workers: dict[str, _Worker] = {}
        self._wishes: list[Any] = []
        self._calls, self._numbers = Calls(), count()
        self._client: Any = None
        self._watch: Watch[Mapping[str, Machine]] | None = None

    def open(self) -> None:
        """Connect; an OptionError where nobody answers, or not as wanted."""
        self._client = self._connect()
        self._watch = Watch(self._look)

    def machines(self) -> Mapping[str, Machine]:
        """Return the workers that were there a moment ago."""
        if self._watch is None:
            raise ConnectionError("the fleet is not open")
        return self._watch.latest()

    def call(self, machine: str, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a function in a worker's process, in a thread of its own."""
        return self._calls.follow(machine, self._soon(self._ask(machine, question_of(function, *arguments))))

    def spread(
        self,
        chunk: Callable[[], bytes],
        write: Callable[..., T],
        read: Callable[..., bytes],
        *arguments: Any,
        there: Collection[str] = (),
    ) -> Callable[[str], Future[T]]:
        """Return what brings a chunk to a worker: from here to the first, from worker to worker after that."""

        def send(machine: str) -> Future[T]:
            return self.call(machine, write, chunk(), *arguments)

        def pass_on(giver: str, machine: str) -> Future[T]:
            known = self._workers
            if giver not in known:
                raise HolderError(f"{giver} is gone")
            if machine not in known:
                raise ConnectionError(f"the machine {machine} is gone")
            addresses = known[giver].address, known[machine].address
            return self.call(machine, take_over, *addresses, read, write, arguments)

        return Relay(send, pass_on, there)

    def close(self) -> None:
        """Leave the cluster; its scheduler then ends the tasks that hold our places."""
        if self._watch is not None:
            self._watch.close()
        self._calls.keep(())
        if self._client is not None:
            with suppress(Exception):
                self._client.close(timeout=CLOSE_SECONDS)

    def _connect(self) -> Any:
        """Connect, without Dask's own reports of lost connections: whoever asks for machines hears of them."""
        import distributed  # noqa: F401  which sets these levels itself

        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        client = connect(self._request.address)
        client.rpc.limit = MOST_CONNECTIONS
        return client

    def _soon(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._client.loop.asyncio_loop)

    def _look(self) -> Mapping[str, Machine]:
        if self._client.status == "closed":  # it gives up after some time without a scheduler
            self._client = self._connect()
        try:
            found = self._soon(self._look_around()).result(2 * ANSWER_SECONDS)
        except OSError as error:  # a timeout is one, too
            raise ConnectionError("its scheduler does not answer") from error
        self._calls.keep(found)
        return found

    async def _look_around(self) -> Mapping[str, Machine]:
        asked = self._client.scheduler.identity(n_workers=-1)
        there = (await asyncio.wait_for(asked, ANSWER_SECONDS))["workers"]
        named = {f"{address} {PurePath(each['local_directory']).name}": address for address, each in there.items()}
        known = {name: worker for name, worker in self._workers.items() if name in named}
        new = {name: _Worker(address, there[address]) for name, address in named.items() if name not in known}
        self._workers = {**known, **new}
        await asyncio.gather(*(self._greet(worker) for worker in self._workers.values() if not worker.greeted))
        self._take_places()
        waiting = [worker for worker in self._workers.values() if worker.held < len(worker.tasks)]
        await asyncio.gather(*(self._count(worker) for worker in waiting))
        return {name: _machine(name, worker) for name, worker in self._workers.items()}

    async def _greet(self, worker: _Worker) -> None:
        """Have a worker answer calls; where it cannot, as this package is missing there, each call will say so."""
        asked = {"op": "run", "function": pickle.dumps(greet_worker)}
        try:
            try:
                answer = await asyncio.wait_for(self._tell(worker.address, True, asked), DIRECT_SECONDS)
            except (OSError, TimeoutError):
                worker.direct = False
                answer = await asyncio.wait_for(self._tell(worker.address, False, asked), DIRECT_SECONDS)
        except Exception:
            answer = {}
        worker.greeted, worker.broken = True, answer.get("status") != "OK"

    def _take_places(self) -> None:
        """Ask for the threads of new workers, as far as they are wanted; wish for more where there are too few."""
        left = self._request.most_slots or sys.maxsize
        for worker in self._workers.values():
            wanted = 0 if worker.broken else min(left, int(worker.known["nthreads"]))
            left -= wanted
            while len(worker.tasks) < wanted:
                worker.tasks.append(self._task(workers=[worker.address]))
        wanted = 0 if any(wish.status == "error" for wish in self._wishes) else min(WISHES, left)
        while len(self._wishes) > wanted:
            self._wishes.pop().release()
        while len(self._wishes) < wanted:
            self._wishes.append(self._task())

    def _task(self, **where: Any) -> Any:
        key = f"automl-place-{self._search}-{next(self._numbers)}"
        return self._client.submit(pickle.loads, pickle.dumps(Place(self._search)), key=key, pure=False, **where)

    async def _count(self, worker: _Worker) -> None:
        question = question_of(places_held, self._search, worker.address)
        with suppress(Exception):  # of one that is silent: as many as before
            asked = self._tell(worker.address, worker.direct, {"op": HANDLER, "question": question})
            kept, held = pickle.loads(await asyncio.wait_for(asked, ANSWER_SECONDS / 2))
            worker.held = held if kept else worker.held

    async def _ask(self, machine: str, question: bytes) -> bytes:
        worker = self._workers.get(machine)
        if worker is None:
            raise ConnectionError(f"the machine {machine} is gone")
        try:
            return bytes(await self._tell(worker.address, worker.direct, {"op": HANDLER, "question": question}))
        except OSError as error:
            raise ConnectionError("the connection to its worker was closed") from error

    async def _tell(self, address: str, direct: bool, message: dict[str, Any]) -> Any:
        """Send a message to a worker and return its answer, by way of the scheduler where we cannot reach it."""
        if direct:
            operation = getattr(self._client.rpc(address), message["op"])
            return await operation(**{name: value for name, value in message.items() if name != "op"})
        return (await self._client.scheduler.broadcast(msg=message, workers=[address]))[address]


def _machine(name: str, worker: _Worker) -> Machine:
    known = worker.known
    memory, gpus = known["memory_limit"], known["resources"].get("GPU")
    return Machine(
        name,
        str(known["host"]),
        cores=worker.cores,
        memory_mb=memory / 2**20 if memory else None,
        gpus=None if gpus is None else int(gpus),
    )


DASK = FleetSpec(name="dask", build=DaskFleet, requires=("distributed",), install="pip install 'ensemble-automl[dask]'")


@hookimpl
def automl_fleets() -> list[FleetSpec]:
    """Offer the fleet."""
    return [DASK]
