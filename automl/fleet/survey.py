"""Survey: what the machines of a cluster are, have and lack, asked before any search."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from automl.errors import error_line
from automl.fleet.find_executor import find_fleet, needs_of
from automl.fleet.greeting import Fit, Greeting, Needs, compare, greet, measure_speed
from automl.plugin_api.fleets import Fleet, Machine
from automl.plugin_api.specs import FleetRequest
from automl.registry import Registry

ANSWER_SECONDS = 20.0
SETTLED_SECONDS = 3.0
"""So long the same machines with the same slots, and there will be no more."""
SENT_BYTES = 4 * 2**20
MEMORY_SHARE = 0.8
"""Of the memory that is free on a machine, what a search takes by itself."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A machine as a search would use it; megabytes, megabytes a second over the link from here, speed of a core.

    slots: 0 where others' work takes them all. speed: how many times as fast as a core here. refused: why it could not
    be used at all. without: models that cannot run there, and why.
    """

    host: str
    slots: int
    gpus: int = 0
    memory_mb: float = 0.0
    disk_mb: float = 0.0
    bandwidth: float = 0.0
    speed: float = 0.0
    refused: str = ""
    without: Mapping[str, str] = field(default_factory=dict)
    differs: tuple[str, ...] = ()


def survey(registry: Registry, wanted: str, seconds: float) -> tuple[Surveyed, ...]:
    """Ask the machines of the cluster `NAME:ADDRESS` that come within so many seconds; its places are ours meanwhile.

    An OptionError where the cluster cannot be reached.
    """
    spec, address = find_fleet(registry, wanted)
    fleet, needs = spec.build(FleetRequest(address)), needs_of(registry)
    try:
        fleet.open()
        machines = _settled(fleet, seconds)
        greetings = {name: _call(fleet, name, greet, needs) for name in machines}
        wait(greetings.values(), ANSWER_SECONDS)
        here, speed = greet(needs), measure_speed()
        return tuple(
            _surveyed(fleet, machine, greetings[name], (here, speed), needs) for name, machine in machines.items()
        )
    finally:
        with suppress(Exception):
            fleet.close()


def _settled(fleet: Fleet, seconds: float) -> Mapping[str, Machine]:
    """Wait until no more machines come, or no more slots of theirs."""
    machines, begun, same_since = fleet.machines(), time.monotonic(), time.monotonic()
    while time.monotonic() - begun < seconds:
        settled = machines and time.monotonic() - same_since > SETTLED_SECONDS
        if settled and all(each.cores for each in machines.values()):
            break
        time.sleep(0.1)
        now = fleet.machines()
        if now != machines:
            machines, same_since = now, time.monotonic()
    return machines


def _surveyed(
    fleet: Fleet, machine: Machine, greeting: Future[Greeting], here: tuple[Greeting, float], needs: Needs
) -> Surveyed:
    try:
        there = greeting.result(0.0)
        fit = compare(here[0], there, needs)
        speed = _call(fleet, machine.name, measure_speed).result(ANSWER_SECONDS) / here[1]
        bandwidth = _bandwidth(fleet, machine.name)
    except Exception as error:
        why = "it does not answer" if isinstance(error, TimeoutError) else error_line(error)
        return Surveyed(machine.host, machine.cores, refused=why)
    return _told(machine, there, fit, speed, bandwidth)


def _told(machine: Machine, there: Greeting, fit: Fit, speed: float, bandwidth: float) -> Surveyed:
    memory_mb = MEMORY_SHARE * there.memory_mb
    return Surveyed(
        machine.host,
        machine.cores,
        gpus=len(there.gpus) if machine.gpus is None else min(machine.gpus, len(there.gpus)),
        memory_mb=memory_mb if machine.memory_mb is None else min(memory_mb, machine.memory_mb),
        disk_mb=there.disk_mb,
        bandwidth=bandwidth,
        speed=speed,
        refused=fit.refused,
        without=fit.without,
        differs=fit.differs,
    )


def _bandwidth(fleet: Fleet, name: str) -> float:
    """Return the megabytes a second that reach a machine from here, beside what any call takes."""
    seconds = []
    for data in (b"", os.urandom(SENT_BYTES)):
        begun = time.perf_counter()
        _call(fleet, name, len, data).result(ANSWER_SECONDS)
        seconds.append(time.perf_counter() - begun)
    return SENT_BYTES / 2**20 / max(seconds[1] - seconds[0], 1e-4)


def _call(fleet: Fleet, name: str, function: Any, *arguments: Any) -> Future[Any]:
    """Call a function on a machine; what the fleet raises comes by the future."""
    try:
        return fleet.call(name, function, *arguments)
    except Exception as error:
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed
