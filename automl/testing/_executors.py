"""The executor contract: slots that run functions, and survive what the functions do."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from automl.plugin_api import Executor, ExecutorRequest, ExecutorSpec, Ref, Workplace
from automl.testing._runner import concerns, expect
from automl.testing._shared import check_import_is_light, check_spec_pickles

SLOTS = 2
PATIENCE = 30.0
"""Seconds until a function that should have come back counts as lost; bringing up a process takes a few."""
SOON = 5.0
"""Seconds in which what is killed, or has died, must be noticed."""
MARK, VISIBLE = "AUTOML_TESTING_INITIALIZED", "CUDA_VISIBLE_DEVICES"
GPUS = ("3", "GPU-7")
"""Names of GPUs; whether there are such does not matter, as nothing takes hold of one."""
LAST_WORDS, CONTENT = "it was here", bytes(range(256))


def check_functions_run(spec: ExecutorSpec) -> None:
    """Each slot runs functions, one after another, and gives back what they return."""
    with _started(spec) as executor:
        for number in range(2):
            calls = [executor.submit(slot, _add, slot, number) for slot in range(SLOTS)]
            found = [call.future.result(PATIENCE) for call in calls]
            expect(found == [slot + number for slot in range(SLOTS)], f"The functions returned {found}.")


def check_exceptions_are_values(spec: ExecutorSpec) -> None:
    """A function that raises gives a future with that exception, and the slot runs on."""
    with _started(spec) as executor:
        try:
            error = executor.submit(0, _fail, "on purpose").future.exception(PATIENCE)
        except ValueError as raised:
            raise AssertionError("`submit` raised the function's error; it belongs in the future.") from raised
        same = isinstance(error, ValueError) and "on purpose" in str(error)
        expect(same, f"The future's exception is {error!r}; expected the function's own ValueError('on purpose').")
        _expect_slot_works(executor, 0)


def check_began_tells_when_a_function_began(spec: ExecutorSpec) -> None:
    """`Started.began` says when a function began, or nothing; never that one has begun that was not handed over."""
    with _started(spec) as executor:
        handed_over = time.monotonic()
        call = executor.submit(0, _sleep_and_add, 0.3, 1)
        told = [call.began()]
        call.future.result(PATIENCE)
        told += [call.began()]
        for began in (each for each in told if each is not None):
            expect(handed_over <= began <= time.monotonic(), f"`began` gave {began}, when it was not yet handed over.")


@concerns(lambda spec: spec.isolated)
def check_last_words_are_heard(spec: ExecutorSpec) -> None:
    """What a function has written to the words of its workplace is heard after its worker has died."""
    with _started(spec) as executor:
        if not executor.submit(0, _has_words).future.result(PATIENCE):
            return  # nothing is promised
        call = executor.submit(0, _speak_and_die)
        _expect_broken(call.future, PATIENCE, "whose worker died")
        found = call.last_words()
        expect(LAST_WORDS in found, f"The function wrote {LAST_WORDS!r} before it died; `last_words` gave {found!r}.")


def check_published_files_are_found(spec: ExecutorSpec) -> None:
    """What `publish` was given is found by name on every slot, as it is here."""
    with _started(spec) as executor, tempfile.TemporaryDirectory(prefix="automl-testing-") as folder:
        path = Path(folder, "somewhere.bin")
        path.write_bytes(CONTENT)
        published = executor.publish("table", {"columns": path})
        found = [executor.submit(slot, _content, published, "columns").future.result(PATIENCE) for slot in range(SLOTS)]
        expect(found == [CONTENT] * SLOTS, "What the functions found is not what was published.")


def check_what_was_put_is_fetched_until_it_is_discarded(spec: ExecutorSpec) -> None:
    """What a function puts can be fetched here, the latest of a name, and is gone once it is discarded."""
    with _started(spec) as executor:
        for content in (b"older", CONTENT):
            put, other = (
                executor.submit(0, _put, name, data).future.result(PATIENCE)
                for name, data in (("member.pkl", content), ("other.pkl", b"another"))
            )
        found = executor.fetch(put), executor.fetch(other)
        expect(found == (CONTENT, b"another"), f"Of what two functions have put came back {found}.")
        executor.discard(put)
        executor.discard(put)
        expect(executor.fetch(other) == b"another", "Discarding one thing took another.")
        try:
            executor.fetch(put)
        except OSError:
            return
        raise AssertionError("What was discarded can still be fetched; expected an OSError.")


@concerns(lambda spec: spec.isolated)
def check_slots_are_independent(spec: ExecutorSpec) -> None:
    """While one slot is busy another one takes and finishes its function."""
    with _started(spec) as executor:
        _warm(executor)
        busy = executor.submit(0, _sleep_and_add, 2.0, 0)
        quick = executor.submit(1, _add, 1, 1)
        expect(quick.future.result(PATIENCE) == 2, "A slot beside a busy one returned something wrong.")
        expect(not busy.future.done(), "A slot had to wait until another one was done.")


@concerns(lambda spec: spec.isolated)
def check_kill_ends_a_function(spec: ExecutorSpec) -> None:
    """`kill` ends what a slot runs at once: its future fails, other slots go on, and the slot works again."""
    with _started(spec) as executor:
        _warm(executor)
        doomed, other = executor.submit(0, _sleep_and_add, 60.0, 0), executor.submit(1, _sleep_and_add, 0.5, 2)
        time.sleep(0.2)
        executor.kill(0)
        _expect_broken(doomed.future, SOON, "killed")
        expect(other.future.result(PATIENCE) == 2, "Killing a slot disturbed another one.")
        _expect_slot_works(executor, 0)


@concerns(lambda spec: spec.isolated)
def check_worker_death_costs_one_future(spec: ExecutorSpec) -> None:
    """A worker that dies costs the future of its own function; other slots go on, and the slot works again."""
    with _started(spec) as executor:
        _warm(executor)
        other, doomed = executor.submit(1, _sleep_and_add, 0.5, 2), executor.submit(0, _die)
        _expect_broken(doomed.future, PATIENCE, "whose worker died")
        expect(other.future.result(PATIENCE) == 2, "The death of a worker disturbed another slot.")
        executor.kill(0)
        _expect_slot_works(executor, 0)


@concerns(lambda spec: spec.isolated)
def check_processes_are_those_that_run_the_functions(spec: ExecutorSpec) -> None:
    """`processes` names the process in which a slot's functions run, where it is one of this machine at all."""
    with _started(spec) as executor:
        for slot in range(SLOTS):
            runs_in = executor.submit(slot, _process).future.result(PATIENCE)
            found = executor.processes(slot)
            expect(not found or runs_in in found, f"Slot {slot} runs in process {runs_in}; `processes` says {found}.")


@concerns(lambda spec: spec.isolated)
def check_workers_are_initialized(spec: ExecutorSpec) -> None:
    """`initialize` is called in each worker before its first function."""
    with _started(spec, initialize=_leave_a_mark) as executor:
        found = [executor.submit(slot, _read, MARK).future.result(PATIENCE) for slot in range(SLOTS)]
        expect(found == ["yes"] * SLOTS, "`initialize` was not called in each worker.")
    expect(MARK not in os.environ, "`initialize` was called in the controller, not in the workers.")


@concerns(lambda spec: spec.isolated)
def check_gpu_slots_see_one_gpu(spec: ExecutorSpec) -> None:
    """A GPU's slot sees that GPU alone, also for models with workers of their own, and a core's slot sees none."""
    with _started(spec, gpus=GPUS) as executor:
        of_a_runtime = SLOTS + len(GPUS)
        expected = {0: "", SLOTS: GPUS[0], of_a_runtime + SLOTS + 1: GPUS[1]}
        calls = {slot: executor.submit(slot, _read, VISIBLE) for slot in expected}
        found = {slot: call.future.result(PATIENCE) for slot, call in calls.items()}
        expect(found == expected, f"Of the GPUs {GPUS} the slots see {found}; expected {expected}.")


@concerns(lambda spec: spec.isolated)
def check_runtimes_have_workers_of_their_own(spec: ExecutorSpec) -> None:
    """The numbers beyond those of cores and GPUs are further workers, which keep apart what each has loaded."""
    with _started(spec) as executor:
        for slot in (0, SLOTS):
            executor.submit(slot, _write, str(slot)).future.result(PATIENCE)
        found = {slot: executor.submit(slot, _read, MARK).future.result(PATIENCE) for slot in (0, SLOTS)}
        expect(found == {0: "0", SLOTS: str(SLOTS)}, f"Two workers have left marks; found {found}.")
        executor.kill(SLOTS)
        _expect_slot_works(executor, SLOTS)
        expect(executor.submit(0, _read, MARK).future.result(PATIENCE) == "0", "Killing one ended another worker.")


def check_close_leaves_nothing_running(spec: ExecutorSpec) -> None:
    """After `close`, also in the middle of a function, no process is left that was not there before."""
    import psutil

    controller = psutil.Process()
    before = {child.pid for child in controller.children(recursive=True)}
    with _started(spec) as executor:
        _warm(executor)
        if spec.isolated:
            executor.submit(SLOTS, _add, 0, 0).future.result(PATIENCE)
            executor.submit(0, _sleep_and_add, 60.0, 0)
    until = time.monotonic() + SOON
    while (left := _new_children(controller, before)) and time.monotonic() < until:
        time.sleep(0.05)
    expect(not left, f"`close` leaves {len(left)} processes running.")


CHECKS: tuple[Callable[[ExecutorSpec], None], ...] = (
    check_spec_pickles, check_import_is_light, check_functions_run, check_exceptions_are_values,
    check_began_tells_when_a_function_began, check_last_words_are_heard, check_published_files_are_found,
    check_what_was_put_is_fetched_until_it_is_discarded, check_slots_are_independent,
    check_kill_ends_a_function, check_worker_death_costs_one_future, check_processes_are_those_that_run_the_functions,
    check_workers_are_initialized, check_gpu_slots_see_one_gpu, check_runtimes_have_workers_of_their_own,
    check_close_leaves_nothing_running,
)  # fmt: skip
"""Every check of an executor."""


def _add(place: Workplace, left: int, right: int) -> int:  # noqa: ARG001  what is around it does not matter
    return left + right


def _sleep_and_add(place: Workplace, seconds: float, number: int) -> int:  # noqa: ARG001
    time.sleep(seconds)
    return number


def _fail(place: Workplace, message: str) -> None:  # noqa: ARG001
    raise ValueError(message)


def _die(place: Workplace) -> None:  # noqa: ARG001
    os._exit(3)


def _process(place: Workplace) -> int:  # noqa: ARG001
    return os.getpid()


def _content(place: Workplace, published: Ref, name: str) -> bytes:
    return place.files(published)[name].read_bytes()


def _put(place: Workplace, name: str, data: bytes) -> Ref:
    return place.put(name, data)


def _has_words(place: Workplace) -> bool:
    return place.words is not None


def _speak_and_die(place: Workplace) -> None:
    if place.words is not None:
        os.write(place.words.fileno(), LAST_WORDS.encode())
    os._exit(3)


def _leave_a_mark() -> None:
    os.environ[MARK] = "yes"


def _write(place: Workplace, mark: str) -> None:  # noqa: ARG001
    os.environ[MARK] = mark


def _read(place: Workplace, variable: str) -> str | None:  # noqa: ARG001
    return os.environ.get(variable)


@contextmanager
def _started(
    spec: ExecutorSpec, initialize: Callable[[], None] | None = None, gpus: tuple[str, ...] = ()
) -> Iterator[Executor]:
    with tempfile.TemporaryDirectory(prefix="automl-testing-") as folder:
        executor = spec.build(ExecutorRequest(SLOTS, 1, initialize, gpus, Path(folder)))
        executor.start()
        try:
            yield executor
        finally:
            executor.close()


def _warm(executor: Executor) -> None:
    """Wait until every slot has run a function, so that no time is taken for starting a process."""
    for call in [executor.submit(slot, _add, 0, 0) for slot in range(SLOTS)]:
        call.future.result(PATIENCE)


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
    expect(executor.submit(slot, _add, 20, 22).future.result(PATIENCE) == 42, f"Slot {slot} returned something wrong.")


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
