"""The fleet contract: machines that are named, called, given bytes, and told apart from those that are gone.

What needs a cluster is checked on the one that the fleet finds without an address, and skipped where there is none; a
spec that builds for an address of its own is checked there.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import SkipTest

from automl.errors import OptionError
from automl.machine.find_modules import missing_modules
from automl.plugin_api import Fleet, FleetRequest, FleetSpec, Machine
from automl.testing._runner import expect
from automl.testing._shared import check_import_is_light

PATIENCE = 30.0
"""Seconds until a function that should have come back counts as lost."""
SOON = 10.0
"""Seconds in which a call on a machine that is not there must fail, and somebody who does not answer be given up."""
NOBODY = "nobody-is-there.invalid:1"
LONG_SECONDS, SHORT_SECONDS, MORE_THAN_CORES = 3.0, 1.5, 6
CONTENT = bytes(range(256)) * 64


def check_name(spec: FleetSpec) -> None:
    """The name stands before a colon in the option `executor`."""
    plain = spec.name and ":" not in spec.name and not any(letter.isspace() for letter in spec.name)
    expect(plain, f"The name is {spec.name!r}; expected some letters without a colon or a space.")


def check_install(spec: FleetSpec) -> None:
    """A user without the library has to be told how to get it."""
    expect(spec.install or not spec.requires, "It requires modules; set `install` to the command that brings them.")


def check_build_does_not_connect(spec: FleetSpec) -> None:
    """`build` gives a fleet at once, whether anybody answers at the address or not."""
    began = time.monotonic()
    fleet = spec.build(FleetRequest(NOBODY))
    expect(isinstance(fleet, Fleet), f"`build` returned {type(fleet).__name__}; expected all methods of `Fleet`.")
    expect(time.monotonic() - began < SOON, "`build` took its time; connect in `open`.")


def check_nobody_there_is_told(spec: FleetSpec) -> None:
    """`open` raises an OptionError where nobody answers, before long."""
    fleet = spec.build(FleetRequest(NOBODY))
    began = time.monotonic()
    try:
        fleet.open()
    except OptionError as error:
        expect(time.monotonic() - began < 2 * SOON, f"`open` took {time.monotonic() - began:.0f} s to give up.")
        expect(len(str(error)) > len(NOBODY), f"`open` said {str(error)!r}; expected what was found, and what to do.")
        return
    finally:
        with suppress(Exception):
            fleet.close()
    raise SkipTest("the fleet takes no address")


def check_machines_are_described(spec: FleetSpec) -> None:
    """`machines` names those that are there, with their hosts and cores."""
    with _opened(spec) as (_, machines):
        for name, machine in machines.items():
            fine = isinstance(machine, Machine) and machine.name == name and machine.host and machine.cores >= 0
            expect(fine, f"Found {machine!r} under {name!r}; expected a Machine of that name with host and cores.")


def check_functions_run(spec: FleetSpec) -> None:
    """Each machine runs functions, and always in the same process."""
    with _opened(spec) as (fleet, machines):
        for name in machines:
            found = [fleet.call(name, _process_and_sum, 20, 22).result(PATIENCE) for _ in range(2)]
            expect([total for _, total in found] == [42, 42], f"The functions returned {found}.")
            expect(found[0][0] == found[1][0], "Two calls ran in two processes; expected one that lasts.")


def check_exceptions_are_values(spec: FleetSpec) -> None:
    """A function that raises gives a future with that exception."""
    with _opened(spec) as (fleet, machines):
        error = fleet.call(next(iter(machines)), _fail, "on purpose").exception(PATIENCE)
        same = isinstance(error, ValueError) and "on purpose" in str(error)
        expect(same, f"The future's exception is {error!r}; expected the function's own ValueError('on purpose').")


def check_short_calls_are_not_held_up(spec: FleetSpec) -> None:
    """A short call comes back while as many long ones are under way as a machine has cores, and more."""
    with _opened(spec) as (fleet, machines):
        name, machine = next(iter(machines.items()))
        fleet.call(name, _sleep, 0.0).result(PATIENCE)
        long = [fleet.call(name, _sleep, LONG_SECONDS) for _ in range(machine.cores + MORE_THAN_CORES)]
        began = time.monotonic()
        fleet.call(name, _sleep, 0.0).result(PATIENCE)
        took = time.monotonic() - began
        expect(took < SHORT_SECONDS, f"A short call took {took:.1f} s beside calls of {LONG_SECONDS:.0f} s.")
        for future in long:
            future.result(PATIENCE)


def check_chunks_reach_every_machine(spec: FleetSpec) -> None:
    """`spread` brings a chunk to each machine that is asked for, whatever others already have it."""
    with _opened(spec) as (fleet, machines), tempfile.TemporaryDirectory(prefix="automl-testing-") as folder:
        path = str(Path(folder, "chunk"))
        send = fleet.spread(lambda: CONTENT, _write, _read, path)
        found = [send(name).result(PATIENCE) for name in machines]
        expect(set(found) == {len(CONTENT)}, f"Of {len(CONTENT)} bytes, machines have received {found}.")


def check_an_unknown_machine_fails(spec: FleetSpec) -> None:
    """A call on a machine that is not there fails soon, and hangs never."""
    with _opened(spec) as (fleet, _):
        try:
            future = fleet.call("no such machine", _sleep, 0.0)
        except Exception:
            return
        expect(_error_of(future) is not None, "A call on a machine that is not there has an answer.")


def check_closing_is_quiet(spec: FleetSpec) -> None:
    """`close` raises nothing, also a second time."""
    with _opened(spec) as (fleet, _):
        fleet.close()
        fleet.close()


CHECKS: tuple[Callable[[FleetSpec], None], ...] = (
    check_import_is_light, check_name, check_install, check_build_does_not_connect, check_nobody_there_is_told,
    check_machines_are_described, check_functions_run, check_exceptions_are_values, check_short_calls_are_not_held_up,
    check_chunks_reach_every_machine, check_an_unknown_machine_fails, check_closing_is_quiet,
)  # fmt: skip
"""Every check of a fleet."""


@contextmanager
def _opened(spec: FleetSpec) -> Iterator[tuple[Fleet, dict[str, Machine]]]:
    """Give a fleet with its machines, some of which have room."""
    if missing := missing_modules(spec.requires):
        raise SkipTest(f"{', '.join(missing)} is not installed here: {spec.install}")
    fleet = spec.build(FleetRequest())
    try:
        fleet.open()
    except OptionError as error:
        raise SkipTest(f"there is no cluster to check with: {error}") from error
    try:
        until = time.monotonic() + SOON
        while not (machines := {name: each for name, each in fleet.machines().items() if each.cores}):
            if time.monotonic() > until:
                raise SkipTest("the cluster has no machine with room")
            time.sleep(0.1)
        yield fleet, machines
    finally:
        fleet.close()


def _error_of(future: Future[Any]) -> BaseException | None:
    try:
        return future.exception(SOON)
    except CancelledError as cancelled:
        return cancelled
    except TimeoutError as waited:
        raise AssertionError(f"A call on a machine that is not there hangs for {SOON:.0f} s.") from waited


def _process_and_sum(left: int, right: int) -> tuple[int, int]:
    return os.getpid(), left + right


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _fail(message: str) -> None:
    raise ValueError(message)


def _write(chunk: bytes, path: str) -> int:
    Path(path).write_bytes(chunk)
    return len(chunk)


def _read(path: str) -> bytes:
    return Path(path).read_bytes()
