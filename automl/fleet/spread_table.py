"""Spread a table: part by part to all hosts that lack it, each part over this machine's link once."""

from __future__ import annotations

import time
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
ANSWER_SECONDS = 60.0
"""What a host may take to say what it lacks, or to take in a part when nobody else is served."""
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Goes:
    """Where a table goes: a machine of each host that may lack it, by the host's name; machines that have all of it."""

    to: Mapping[str, str]
    there: frozenset[str] = frozenset()


@dataclass(slots=True)
class Host:
    """A host that a table goes to, by way of one of its machines."""

    machine: str
    missing: set[Part]
    under_way: dict[Future[Any], Part] = field(default_factory=dict)
    moved: float = field(default_factory=time.monotonic)
    slow: bool = False
    error: BaseException | None = None

    def collect(self) -> None:
        """Take note of what has come."""
        for future in [each for each in self.under_way if each.done()]:
            part = self.under_way.pop(future)
            gone = ConnectionError("its answer was cancelled")
            error: BaseException | None = gone if future.cancelled() else future.exception()
            if error is not None:
                self.error = error
            else:
                self.missing.discard(part)
                self.moved, self.slow = time.monotonic(), False

    def is_late(self, seconds: float) -> bool:
        """Tell whether it has taken in nothing for so long."""
        return bool(self.under_way) and time.monotonic() - self.moved > seconds


def spread_table(
    fleet: Fleet, table: Table, sources: Mapping[str, Path], goes: Goes, stop: Stop
) -> dict[str, BaseException | None]:
    """Bring a table to the hosts that it goes to; returns what went wrong with each.

    Parts go in order, and those that are served keep together, so that one has from another what this machine has sent
    once. A host that holds the others up is served after them.
    """
    hosts = {name: Host(machine, set()) for name, machine in goes.to.items()}
    _ask_what_is_missing(fleet, table, hosts, stop)
    while not stop():
        open_hosts = [host for host in hosts.values() if host.missing and host.error is None]
        if not open_hosts:
            break
        there = goes.there | {host.machine for host in hosts.values() if host not in open_hosts and host.error is None}
        _serve(_Sending(fleet, table, sources, there), open_hosts, stop)
    return {name: host.error for name, host in hosts.items()}


def _ask_what_is_missing(fleet: Fleet, table: Table, hosts: Mapping[str, Host], stop: Stop) -> None:
    asked = {name: fleet.call(host.machine, lacking, table) for name, host in hosts.items()}
    until = time.monotonic() + ANSWER_SECONDS
    while not stop() and time.monotonic() < until and wait(asked.values(), timeout=0.2).not_done:
        pass
    for name, future in asked.items():
        try:
            hosts[name].missing = set(future.result(0.0))
        except Exception as error:
            hosts[name].error = error


@dataclass(frozen=True, slots=True)
class _Sending:
    """What is sent: a table, the files that it lies in here, the machines that have all of it already."""

    fleet: Fleet
    table: Table
    sources: Mapping[str, Path]
    there: frozenset[str]

    def part(self, name: str, part: Part, hosts: list[Host]) -> Callable[[str], Future[Any]]:
        """Return what brings a part to a machine."""
        there = self.there | {host.machine for host in hosts if part not in host.missing and host.error is None}
        read_here = partial(_read, self.sources[name], part)
        return self.fleet.spread(read_here, keep_part, read_part, part, there=there)


def _serve(sending: _Sending, hosts: list[Host], stop: Stop) -> None:
    """Send every part once, to those that lack it and keep up."""
    patience = SLOW_SECONDS if len(hosts) > 1 else ANSWER_SECONDS
    for host in hosts:
        host.moved, host.slow = time.monotonic(), False
    for file in sending.table.files:
        for number, sha256 in enumerate(file.parts):
            part = Part(file.key, number, sha256)
            takers = [host for host in hosts if part in host.missing and not host.slow and host.error is None]
            if takers and not stop():
                send = sending.part(file.name, part, hosts)
                for host in _turned(takers, number):
                    host.under_way[send(host.machine)] = part
                _wait(hosts, MOST_UNDER_WAY - 1, patience, stop)
    _wait(hosts, 0, patience, stop)
    for host in hosts:
        if host.slow and len(hosts) == 1:
            host.error = TimeoutError(f"it took in no part of the table for {ANSWER_SECONDS:.0f} s")


def _turned(hosts: list[Host], number: int) -> list[Host]:
    """Have each part begin with another host: who is first hands on most."""
    return hosts[number % len(hosts) :] + hosts[: number % len(hosts)]


def _read(path: Path, part: Part) -> bytes:
    with path.open("rb") as data:
        data.seek(part.offset)
        return data.read(PART_BYTES)


def _wait(hosts: list[Host], most: int, patience: float, stop: Stop) -> None:
    """Wait until no host that keeps up has more than so many parts on their way."""
    while not stop():
        for host in hosts:
            host.collect()
            if host.is_late(patience):
                host.slow = True
        full = [host for host in hosts if len(host.under_way) > most and not host.slow and host.error is None]
        if not full:
            return
        wait([future for host in full for future in host.under_way], timeout=0.2, return_when=FIRST_COMPLETED)
