"""The executor contract: slots that run functions, and survive what the functions do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from automl.plugin_api import Executor, ExecutorRequest, ExecutorSpec
from automl.testing._runner import concerns, expect
from automl.testing._shared import check_import_is_light, check_spec_pickles

SLOTS = 2
PATIENCE = 30.0
"""Seconds until a function that should have come back counts as lost; bringing up a process takes a few."""
SOON = 5.0
"""Seconds in which what is killed, or has died, must be noticed."""
MARK = "AUTOML_TESTING_INITIALIZED"


def check_functions_run(spec: ExecutorSpec) -> None:
    """Each slot runs functions, one after another, and gives back what they return."""
    with _started(spec) as executor:
        for number in range(2):
            futures = [executor.submit(slot, _add, slot, number) for slot in range(SLOTS)]
            found = [future.result(PATIENCE) for future in futures]
            expect(found == [slot + number for slot in range(SLOTS)], f"The functions returned {found}.")


def check_exceptions_are_values(spec: ExecutorSpec) -> None:
    """A function that raises gives a future with that exception, and the slot runs on."""
    with _started(spec) as executor:
        try:
            error = executor.submit(0, _fail, "on purpose").exception(PATIENCE)
        except ValueError as raised:
            raise AssertionError("`submit` raised the function's error; it belongs in the future.") from raised
        same = isinstance(error, ValueError) and "on purpose" in str(error)
        expect(same, f"The future's exception is {error!r}; expected the function's own ValueError('on purpose').")
        _expect_slot_works(executor, 0)


@concerns(lambda spec: spec.isolated)
def check_slots_are_independent(spec: ExecutorSpec) -> None:
    """While one slot is busy another one takes and finishes its function."""
    with _started(spec) as executor:
        _warm(executor)
        busy = executor.submit(0, time.sleep, 2.0)
        quick = executor.submit(1, _add, 1, 1)
        expect(quick.result(PATIENCE) == 2, "A slot beside a busy one returned something wrong.")
        expect(not busy.done(), "A slot had to wait until another one was done.")


@concerns(lambda spec: spec.isolated)
def check_kill_ends_a_function(spec: ExecutorSpec) -> None:
    """`kill` ends what a slot runs at once: its future fails, other slots go on, and the slot works again."""
    with _started(spec) as executor:
        _warm(executor)
        doomed, other = executor.submit(0, time.sleep, 60.0), executor.submit(1, _sleep_and_add, 0.5, 2)
        time.sleep(0.2)
        executor.kill(0)
        _expect_broken(doomed, SOON, "killed")
        expect(other.result(PATIENCE) == 2, "Killing a slot disturbed another one.")
        _expect_slot_works(executor, 0)


@concerns(lambda spec: spec.isolated)
def check_worker_death_costs_one_future(spec: ExecutorSpec) -> None:
    """A worker that dies costs the future of its own function; other slots go on, and the slot works again."""
    with _started(spec) as executor:
        _warm(executor)
        other, doomed = executor.submit(1, _sleep_and_add, 0.5, 2), executor.submit(0, os._exit, 3)
        _expect_broken(doomed, PATIENCE, "whose worker died")
        expect(other.result(PATIENCE) == 2, "The death of a worker disturbed another slot.")
        executor.kill(0)
        _expect_slot_works(executor, 0)


@concerns(lambda spec: spec.isolated)
def check_processes_are_those_that_run_the_functions(spec: ExecutorSpec) -> None:
    """`processes` names the process in which a slot's functions run, so that its memory can be watched."""
    with _started(spec) as executor:
        for slot in range(SLOTS):
            runs_in = executor.submit(slot, os.getpid).result(PATIENCE)
            found = executor.processes(slot)
            expect(runs_in in found, f"Slot {slot} runs in process {runs_in}; `processes` returned {found}.")


@concerns(lambda spec: spec.isolated)
def check_workers_are_initialized(spec: ExecutorSpec) -> None:
    """`initialize` is called in each worker before its first function."""
    with _started(spec, _leave_a_mark) as executor:
        found = [executor.submit(slot, _read_mark).result(PATIENCE) for slot in range(SLOTS)]
        expect(found == ["yes"] * SLOTS, "`initialize` was not called in each worker.")
    expect(MARK not in os.environ, "`initialize` was called in the controller, not in the workers.")


def check_close_leaves_nothing_running(spec: ExecutorSpec) -> None:
    """After `close`, also in the middle of a function, no process is left that was not there before."""
    import psutil

    controller = psutil.Process()
    before = {child.pid for child in controller.children(recursive=True)}
    with _started(spec) as executor:
        _warm(executor)
        if spec.isolated:
            executor.submit(0, time.sleep, 60.0)
    until = time.monotonic() + SOON
    while (left := _new_children(controller, before)) and time.monotonic() < until:
        time.sleep(0.05)
    expect(not left, f"`close` leaves {len(left)} processes running.")


CHECKS: tuple[Callable[[ExecutorSpec], None], ...] = (
    check_spec_pickles, check_import_is_light, check_functions_run, check_exceptions_are_values,
    check_slots_are_independent, check_kill_ends_a_function, check_worker_death_costs_one_future,
    check_processes_are_those_that_run_the_functions, check_workers_are_initialized, check_close_leaves_nothing_running,
)  # fmt: skip
"""Every check of an executor."""


def _add(left: int, right: int) -> int:
    return left + right


def _sleep_and_add(seconds: float, number: int) -> int:
    time.sleep(seconds)
    return number


def _fail(message: str) -> None:
    raise ValueError(message)


def _leave_a_mark() -> None:
    os.environ[MARK] = "yes"


def _read_mark() -> str | None:
    return os.environ.get(MARK)


@contextmanager
def _started(spec: ExecutorSpec, initialize: Callable[[], None] | None = None) -> Iterator[Executor]:
    executor = spec.build(ExecutorRequest(SLOTS, threads=1, initialize=initialize))
    executor.start()
    try:
        yield executor
    finally:
        executor.close()


def _warm(executor: Executor) -> None:
    """Wait until every slot has run a function, so that no time is taken for starting a process."""
    for future in [executor.submit(slot, _add, 0, 0) for slot in range(SLOTS)]:
        future.result(PATIENCE)


def _expect_broken(future: Future[Any], seconds: float, what: str) -> None:
    from concurrent.futures import CancelledError

    try:
        error: BaseException | None = future.exception(seconds)
    except CancelledError as cancelled:
        error = cancelled
    except TimeoutError as waited:
        raise AssertionError(f"The future of a function {what} is not done after {seconds:.0f} s.") from waited
    expect(error is not None, f"The future of a function {what} has no exception.")


def _expect_slot_works(executor: Executor, slot: int) -> None:
    expect(executor.submit(slot, _add, 20, 22).result(PATIENCE) == 42, f"Slot {slot} returned something wrong.")


def _new_children(controller: Any, before: set[int]) -> list[int]:
    """Return the running child processes that are new; Python's resource trackers live as long as this process does."""
    import psutil

    found = []
    for child in controller.children(recursive=True):
        try:
            tracker = any("resource_tracker" in part for part in child.cmdline())
            if child.pid not in before and not tracker and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found
