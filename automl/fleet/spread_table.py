"""Spread a table: part by part to all hosts that lack it, each part over this machine's link once."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from automl.fleet.table_store import PART_BYTES, Part, Table, keep_part, lacking, read_part
from automl.plugin_api.fleets import Fleet

MOST_UNDER_WAY = 4
"""Parts that are on their way to a host at a time."""
SLOW_SECONDS = 20.0
"""A host that has taken in nothing for so long is not waited for by the others; it has its turn after them."""
ANSWER_SECONDS, PART_SECONDS = 60.0, 300.0
"""What a host may take to say what it lacks, and to take in a part when nobody else is served."""
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Load:
    """A table that is to be spread, the files that it lies in here, and the machines that have each part already.

    Several may be served from one load at a time, in threads of their own: who comes later has parts from the others.
    """

    table: Table
    sources: Mapping[str, Path]
    holders: dict[Part, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Goes:
    """Where a table goes: a machine of each host that may lack it, by the host's name.

    on_end: told once of each host, with what went wrong or None. is_lost: whether a machine is given up by now. stop:
    whether all of it is.
    """

    to: Mapping[str, str]
    on_end: Callable[[str, BaseException | None], None]
    is_lost: Callable[[str], bool] = lambda _: False
    stop: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class _Host:
    """A host that a table goes to, by way of one of its machines."""

    name: str
    machine: str
    missing: set[Part] = field(default_factory=set)
    under_way: dict[Future[Any], Part] = field(default_factory=dict)
    moved: float = field(default_factory=time.monotonic)
    slow: bool = False
    ended: bool = False

    def takes(self, part: Part) -> bool:
        """Tell whether a part is to be sent there now."""
        free = not self.slow and not self.ended and len(self.under_way) < MOST_UNDER_WAY
        return free and part in self.missing and part not in self.under_way.values()

    def is_late(self, seconds: float) -> bool:
        """Tell whether it has taken in nothing for so long."""
        return bool(self.under_way) and time.monotonic() - self.moved > seconds


def spread_table(fleet: Fleet, load: Load, goes: Goes) -> None:
    """Bring a table to the hosts that it goes to, and tell of each when it has all of it, or cannot have it.

    Parts go in order, and those that are served keep together, so that one has from another what this machine has sent
    once. A host that holds the others up is served after them.
    """
    spreading = _Spreading(fleet, load, goes, [_Host(name, machine) for name, machine in goes.to.items()])
    spreading.ask_what_is_missing()
    while spreading.waiting() and not goes.stop():
        spreading.serve()


@dataclass(slots=True)
class _Spreading:
    """One load on its way to some hosts."""

    fleet: Fleet
    load: Load
    goes: Goes
    hosts: list[_Host]

    def waiting(self) -> list[_Host]:
        """Return the hosts that still lack something."""
        return [host for host in self.hosts if not host.ended]

    def ask_what_is_missing(self) -> None:
        """Ask each host, and tell of those that lack nothing."""
        asked = {self.fleet.call(host.machine, lacking, self.load.table): host for host in self.hosts}
        until = time.monotonic() + ANSWER_SECONDS
        while asked and not self.goes.stop():
            for future in [each for each in asked if each.done() or self._is_lost(asked[each])]:
                self._begin(asked.pop(future), future)
            if time.monotonic() > until:
                break
            if asked:
                wait(asked, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        for host in asked.values():
            self._end(host, TimeoutError(f"no answer within {ANSWER_SECONDS:.0f} s"))

    def serve(self) -> None:
        """Send every part once, to those that lack it and keep up."""
        hosts = self.waiting()
        patience = SLOW_SECONDS if len(hosts) > 1 else PART_SECONDS
        for host in hosts:
            host.moved, host.slow = time.monotonic(), False
        for file in self.load.table.files:
            for number, sha256 in enumerate(file.parts):
                part = Part(file.key, number, sha256)
                takers = [host for host in hosts if host.takes(part)]
                if takers and not self.goes.stop():
                    send = self._sends(file.name, part)
                    for host in _turned(takers, number):
                        host.under_way[send(host.machine)] = part
                    self._wait(hosts, MOST_UNDER_WAY - 1, patience)
        self._wait(hosts, 0, patience)
        if len(hosts) == 1 and hosts[0].slow:
            self._end(hosts[0], TimeoutError(f"it took in no part of the table for {PART_SECONDS:.0f} s"))

    def _begin(self, host: _Host, answer: Future[tuple[Part, ...]]) -> None:
        error = _error_of(answer) if answer.done() else ConnectionError("it is lost")
        if error is not None:
            self._end(host, error)
            return
        host.missing = set(answer.result())
        for file in self.load.table.files:
            for number, sha256 in enumerate(file.parts):
                self._note(host, Part(file.key, number, sha256))
        if not host.missing:
            self._end(host, None)

    def _note(self, host: _Host, part: Part) -> None:
        if part not in host.missing:
            self.load.holders[part].add(host.machine)

    def _sends(self, name: str, part: Part) -> Callable[[str], Future[Any]]:
        """Return what brings a part to a machine."""
        there = frozenset(machine for machine in self.load.holders[part] if not self.goes.is_lost(machine))
        read_here = partial(_read, self.load.sources[name], part)
        return self.fleet.spread(read_here, keep_part, read_part, part, there=there)

    def _wait(self, hosts: list[_Host], most: int, patience: float) -> None:
        """Wait until no host that keeps up has more than so many parts on their way."""
        while not self.goes.stop():
            for host in hosts:
                self._collect(host)
                host.slow = host.slow or host.is_late(patience)
            full = [host for host in hosts if len(host.under_way) > most and not host.slow and not host.ended]
            if not full:
                return
            wait([each for host in full for each in host.under_way], timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)

    def _collect(self, host: _Host) -> None:
        """Take note of what has come."""
        for future in [each for each in host.under_way if each.done()]:
            part = host.under_way.pop(future)
            if (error := _error_of(future)) is not None:
                self._end(host, error)
                return
            host.missing.discard(part)
            self._note(host, part)
            host.moved, host.slow = time.monotonic(), False
        if self._is_lost(host):
            self._end(host, ConnectionError("it is lost"))
        elif not host.missing:
            self._end(host, None)

    def _is_lost(self, host: _Host) -> bool:
        return self.goes.is_lost(host.machine)

    def _end(self, host: _Host, error: BaseException | None) -> None:
        if not host.ended:
            host.ended = True
            self.goes.on_end(host.name, error)


def _error_of(future: Future[Any]) -> BaseException | None:
    return ConnectionError("its answer was cancelled") if future.cancelled() else future.exception()


def _turned(hosts: list[_Host], number: int) -> list[_Host]:
    """Have each part begin with another host: who is first hands on most."""
    return hosts[number % len(hosts) :] + hosts[: number % len(hosts)]


def _read(path: Path, part: Part) -> bytes:
    with path.open("rb") as data:
        data.seek(part.offset)
        return data.read(PART_BYTES)
