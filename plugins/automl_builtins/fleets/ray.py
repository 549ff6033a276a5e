"""Ray: machines are the nodes of a cluster, with one actor each that takes what is free there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from typing import Any, TypeVar, cast

from automl.plugin_api import FleetRequest, FleetSpec, Line, Machine, hookimpl
from automl_builtins.fleets._calls import Calls, fail, question_of
from automl_builtins.fleets._relay import Relay
from automl_builtins.fleets._watch import Watch

T = TypeVar("T")
OPEN_SECONDS = 60.0
"""How long connecting may take, a wrong token included, which Ray tries for 20 s."""
CLOSE_SECONDS = 1.0
"""How long leaving may take: a search may be at its limit, and its head gone. Actors end with the process anyway."""
ANSWER_SECONDS = 6.0
"""How long the cluster may take to say who is there."""


class RayFleet:
    """The nodes of a Ray cluster that have processors.

    One actor a node takes those that are free, as many as slots are wanted, and the GPUs. Calls run in threads of its
    process. A process of its own speaks with Ray; where that ends, as with its cluster, another one is started.
    """

    def __init__(self, request: FleetRequest) -> None:
        """Remember the request."""
        self._request, self._calls = request, Calls()
        self._speaker: _Speaker | None = None
        self._watch: Watch[Mapping[str, Machine]] | None = None

    def open(self) -> None:
        """Connect; an OptionError where nobody answers, or not as wanted."""
        self._speaker = self._connect()
        self._watch = Watch(self._look)

    def machines(self) -> Mapping[str, Machine]:
        """Return the nodes that were there a moment ago."""
        if self._watch is None:
            raise ConnectionError("the fleet is not open")
        return self._watch.latest()

    def call(self, machine: str, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a function in the process of the node's actor, in a thread of its own."""
        return self._calls.follow(machine, self._tell("ask", machine, question_of(function, *arguments)))

    def spread(
        self,
        chunk: Callable[[], bytes],
        write: Callable[..., T],
        read: Callable[..., bytes],
        *arguments: Any,
        there: Collection[str] = (),
    ) -> Callable[[str], Future[T]]:
        """Return what brings a chunk to a node: from here to the first, from node to node after that."""
        reading, writing = question_of(read, *arguments), question_of(write, *arguments)

        def send(machine: str) -> Future[T]:
            return self.call(machine, write, chunk(), *arguments)

        def pass_on(giver: str, machine: str) -> Future[T]:
            return self._calls.follow(machine, self._tell("hand_over", giver, machine, reading, writing))

        return Relay(send, pass_on, there)

    def close(self) -> None:
        """End our actors and leave the cluster."""
        if self._watch is not None:
            self._watch.close()
        self._calls.keep(())
        if self._speaker is not None:
            self._speaker.close()

    def _tell(self, verb: str, *arguments: Any) -> Future[Any]:
        if self._speaker is None:
            raise ConnectionError("the fleet is not open")
        return self._speaker.tell(verb, *arguments)

    def _connect(self) -> _Speaker:
        speaker = _Speaker()
        try:
            speaker.tell("open", self._request.address, self._request.most_slots).result(OPEN_SECONDS)
        except BaseException:
            speaker.close()
            raise
        return speaker

    def _look(self) -> Mapping[str, Machine]:
        if self._speaker is None or self._speaker.ended:
            self._speaker = self._connect()
        try:
            found: Mapping[str, Machine] = self._tell("look").result(ANSWER_SECONDS)
        except TimeoutError as error:
            raise ConnectionError("its head does not answer") from error
        self._calls.keep(found)
        return found


class _Speaker:
    """The process that speaks with Ray, and what it was asked and has not answered yet."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "automl_builtins.fleets._ray_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
            start_new_session=True,  # Ctrl-C is for the search, which then closes the fleet
        )
        self._line = Line(cast(Any, self._process.stdout), cast(Any, self._process.stdin))
        self._numbers, self._lock = count(), threading.Lock()
        self._asked: dict[int, Future[Any]] = {}
        self.ended = False
        threading.Thread(target=self._hear, name="automl-ray", daemon=True).start()

    def tell(self, verb: str, *arguments: Any) -> Future[Any]:
        """Ask for something; the future fails with a ConnectionError where the process has ended."""
        future: Future[Any] = Future()
        with self._lock:
            number = next(self._numbers)
            self._asked[number] = future
        try:
            self._line.send((number, verb, arguments))
        except (OSError, ValueError):
            self._end()
        if self.ended:
            self._end()
        return future

    def close(self) -> None:
        """Leave the cluster and end the process."""
        with suppress(Exception):
            self.tell("close").result(CLOSE_SECONDS)
        self._process.kill()
        self._process.wait()
        self._end()
        for end in (self._process.stdin, self._process.stdout):
            with suppress(Exception):
                cast(Any, end).close()

    def _hear(self) -> None:
        try:
            while True:
                number, well, found = self._line.receive()
                with self._lock:
                    future = self._asked.pop(number)
                if well:
                    future.set_result(found)
                else:
                    fail(future, found)
        except Exception:  # its end, however it came
            self._end()

    def _end(self) -> None:
        self.ended = True
        with self._lock:
            left, self._asked = list(self._asked.values()), {}
        for future in left:
            fail(future, ConnectionError("the process that speaks with Ray has ended, as when its cluster is lost"))


RAY = FleetSpec(name="ray", build=RayFleet, requires=("ray",), install="pip install 'ensemble-automl[ray]'")


@hookimpl
def automl_fleets() -> list[FleetSpec]:
    """Offer the fleet."""
    return [RAY]
