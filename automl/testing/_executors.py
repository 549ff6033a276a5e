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

from automl.plugin_api import Executor, ExecutorRequest, ExecutorSpec, Ref, Slot, Workplace
from automl.plugin_api.executors import GPU
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
RUNTIME = "apart"
TAKEN_MB = 64
_HOARD: list[bytearray] = []
"""What a worker was made to take."""


def check_functions_run(spec: ExecutorSpec) -> None:
    """Each slot runs functions, one after another, and gives back what they return."""
    with _started(spec) as executor:
        slots = executor.slots()
        for number in range(2):
            calls = [executor.submit(slot, _add, slot.number, number) for slot in slots]
            found = [call.future.result(PATIENCE) for call in calls]
            expect(found == [slot.number + number for slot in slots], f"The functions returned {found}.")


def check_slots_are_described(spec: ExecutorSpec) -> None:
    """`slots` offers numbered places with threads and memory; those with a GPU say which it is."""
    with _started(spec, gpus=GPUS) as executor:
        slots = executor.slots()
        expect(slots, "`slots` offers nothing to run on.")
        numbers = [slot.number for slot in slots]
        expect(len(set(numbers)) == len(numbers), f"Two slots have one number; found {numbers}.")
        for slot in slots:
            fine = slot.threads >= 1 and slot.memory_mb > 0 and not slot.runtime
            expect(fine, f"Found {slot}; expected at least one thread, memory, and no runtime.")
            expect((slot.device == GPU) == bool(slot.gpu), f"Found {slot}; expected a GPU's name where it has one.")
        expect(executor.slots() == slots, "Asked again at once, `slots` offers something else.")


def check_exceptions_are_values(spec: ExecutorSpec) -> None:
    """A function that raises gives a future with that exception, and the slot runs on."""
    with _started(spec) as executor:
        slot = executor.slots()[0]
        try:
            error = executor.submit(slot, _fail, "on purpose").future.exception(PATIENCE)
        except ValueError as raised:
            raise AssertionError("`submit` raised the function's error; it belongs in the future.") from raised
        same = isinstance(error, ValueError) and "on purpose" in str(error)
        expect(same, f"The future's exception is {error!r}; expected the function's own ValueError('on purpose').")
        _expect_slot_works(executor, slot)


def check_began_tells_when_a_function_began(spec: ExecutorSpec) -> None:
    """`Started.began` says when a function began, or nothing; never that one has begun that was not handed over."""
    with _started(spec) as executor:
        handed_over = time.monotonic()
        call = executor.submit(executor.slots()[0], _sleep_and_add, 0.3, 1)
        told = [call.began()]
        call.future.result(PATIENCE)
        told += [call.began()]
        for began in (each for each in told if each is not None):
            expect(handed_over <= began <= time.monotonic(), f"`began` gave {began}, when it was not yet handed over.")


@concerns(lambda spec: spec.isolated)
def check_last_words_are_heard(spec: ExecutorSpec) -> None:
    """What a function has written to the words of its workplace is heard after its worker has died."""
    with _started(spec) as executor:
        if not executor.submit(_slots(executor)[0], _has_words).future.result(PATIENCE):
            return  # nothing is promised
        call = executor.submit(_slots(executor)[0], _speak_and_die)
        _expect_broken(call.future, PATIENCE, "whose worker died")
        found = call.last_words()
        expect(LAST_WORDS in found, f"The function wrote {LAST_WORDS!r} before it died; `last_words` gave {found!r}.")


def check_published_files_are_found(spec: ExecutorSpec) -> None:
    """What `publish` was given is found by name on every slot, as it is here."""
    with _started(spec) as executor, tempfile.TemporaryDirectory(prefix="automl-testing-") as folder:
        path = Path(folder, "somewhere.bin")
        path.write_bytes(CONTENT)
        published = executor.publish("table", {"columns": path})
        found = [
            executor.submit(slot, _content, published, "columns").future.result(PATIENCE) for slot in executor.slots()
        ]
        expect(set(found) == {CONTENT}, "What the functions found is not what was published.")


def check_what_was_put_is_fetched_until_it_is_discarded(spec: ExecutorSpec) -> None:
    """What a function puts can be fetched here, the latest of a name, and is gone once it is discarded."""
    with _started(spec) as executor:
        for content in (b"older", CONTENT):
            put, other = (
                executor.submit(executor.slots()[0], _put, name, data).future.result(PATIENCE)
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
        busy = executor.submit(_slots(executor)[0], _sleep_and_add, 2.0, 0)
        quick = executor.submit(_slots(executor)[1], _add, 1, 1)
        expect(quick.future.result(PATIENCE) == 2, "A slot beside a busy one returned something wrong.")
        expect(not busy.future.done(), "A slot had to wait until another one was done.")


@concerns(lambda spec: spec.isolated)
def check_kill_ends_a_function(spec: ExecutorSpec) -> None:
    """`kill` ends what a slot runs at once: its future fails, other slots go on, and the slot works again."""
    with _started(spec) as executor:
        _warm(executor)
        doomed, other = (
            executor.submit(_slots(executor)[0], _sleep_and_add, 60.0, 0),
            executor.submit(_slots(executor)[1], _sleep_and_add, 0.5, 2),
        )
        time.sleep(0.2)
        executor.kill(_slots(executor)[0])
        _expect_broken(doomed.future, SOON, "killed")
        expect(other.future.result(PATIENCE) == 2, "Killing a slot disturbed another one.")
        _expect_slot_works(executor, _slots(executor)[0])


@concerns(lambda spec: spec.isolated)
def check_worker_death_costs_one_future(spec: ExecutorSpec) -> None:
    """A worker that dies costs the future of its own function; other slots go on, and the slot works again."""
    with _started(spec) as executor:
        _warm(executor)
        other, doomed = (
            executor.submit(_slots(executor)[1], _sleep_and_add, 0.5, 2),
            executor.submit(_slots(executor)[0], _die),
        )
        _expect_broken(doomed.future, PATIENCE, "whose worker died")
        expect(other.future.result(PATIENCE) == 2, "The death of a worker disturbed another slot.")
        executor.kill(_slots(executor)[0])
        _expect_slot_works(executor, _slots(executor)[0])


@concerns(lambda spec: spec.isolated)
def check_memory_is_that_of_the_worker(spec: ExecutorSpec) -> None:
    """`memory_mb` tells what a slot's worker takes, quickly rather more than less, or nothing where it cannot know."""
    with _started(spec) as executor:
        _warm(executor)
        slot, other = _slots(executor)
        before = executor.memory_mb(slot)
        if before is None:
            return  # it is watched elsewhere, or not at all
        beside = executor.memory_mb(other) or 0.0
        executor.submit(slot, _take_memory, TAKEN_MB).future.result(PATIENCE)
        now, at_most = executor.memory_mb(slot) or 0.0, executor.memory_mb(slot, quick=True) or 0.0
        expect(
            now - before > TAKEN_MB / 2, f"A function has taken {TAKEN_MB} MB; found {before:.0f} MB, then {now:.0f}."
        )
        expect(at_most >= 0.9 * now, f"`quick` gave {at_most:.0f} MB where there are {now:.0f} MB.")
        gained = (executor.memory_mb(other) or 0.0) - beside
        expect(gained < TAKEN_MB / 2, f"What one slot has taken is told of another one, too: {gained:.0f} MB.")


@concerns(lambda spec: spec.isolated)
def check_workers_are_initialized(spec: ExecutorSpec) -> None:
    """`initialize` is called in each worker before its first function."""
    with _started(spec, initialize=_leave_a_mark) as executor:
        found = [executor.submit(slot, _read, MARK).future.result(PATIENCE) for slot in _slots(executor)]
        expect(found == ["yes"] * SLOTS, "`initialize` was not called in each worker.")
    expect(MARK not in os.environ, "`initialize` was called in the controller, not in the workers.")


@concerns(lambda spec: spec.isolated)
def check_gpu_slots_see_one_gpu(spec: ExecutorSpec) -> None:
    """A GPU's slot sees that GPU alone, also for models with workers of their own, and a core's slot sees none."""
    with _started(spec, gpus=GPUS) as executor:
        slots = executor.slots()
        with_gpu = [slot for slot in slots if slot.gpu]
        if not with_gpu:
            return
        asked = {slots[0], with_gpu[0], with_gpu[-1].worker(RUNTIME)}
        calls = {slot: executor.submit(slot, _read, VISIBLE) for slot in asked}
        for slot, call in calls.items():
            found = call.future.result(PATIENCE)
            expect(found == slot.gpu, f"{slot} sees the GPUs {found!r}; expected {slot.gpu!r}.")


@concerns(lambda spec: spec.isolated)
def check_runtimes_have_workers_of_their_own(spec: ExecutorSpec) -> None:
    """A slot has one worker more for each runtime, which keep apart what each has loaded."""
    with _started(spec) as executor:
        common = _slots(executor)[0]
        apart = common.worker(RUNTIME)
        for slot in (common, apart):
            executor.submit(slot, _write, slot.runtime).future.result(PATIENCE)
        found = [executor.submit(slot, _read, MARK).future.result(PATIENCE) for slot in (common, apart)]
        expect(found == ["", RUNTIME], f"Two workers of a slot have left marks; found {found}.")
        executor.kill(apart)
        _expect_slot_works(executor, apart)
        expect(executor.submit(common, _read, MARK).future.result(PATIENCE) == "", "Killing one ended another worker.")


def check_close_leaves_nothing_running(spec: ExecutorSpec) -> None:
    """After `close`, also in the middle of a function, no process is left that was not there before."""
    import psutil

    controller = psutil.Process()
    before = {child.pid for child in controller.children(recursive=True)}
    with _started(spec) as executor:
        _warm(executor)
        if spec.isolated:
            executor.submit(_slots(executor)[0].worker(RUNTIME), _add, 0, 0).future.result(PATIENCE)
            executor.submit(_slots(executor)[0], _sleep_and_add, 60.0, 0)
    until = time.monotonic() + SOON
    while (left := _new_children(controller, before)) and time.monotonic() < until:
        time.sleep(0.05)
    expect(not left, f"`close` leaves {len(left)} processes running.")


CHECKS: tuple[Callable[[ExecutorSpec], None], ...] = (
    check_spec_pickles, check_import_is_light, check_slots_are_described, check_functions_run,
    check_exceptions_are_values,
    check_began_tells_when_a_function_began, check_last_words_are_heard, check_published_files_are_found,
    check_what_was_put_is_fetched_until_it_is_discarded, check_slots_are_independent,
    check_kill_ends_a_function, check_worker_death_costs_one_future, check_memory_is_that_of_the_worker,
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


def _take_memory(place: Workplace, megabytes: int) -> None:  # noqa: ARG001
    _HOARD.append(bytearray(b"x") * (megabytes * 2**20))


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
    for call in [executor.submit(slot, _add, 0, 0) for slot in executor.slots()]:
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


def _slots(executor: Executor) -> tuple[Slot, ...]:
    """Return two slots; an executor whose slots are processes of their own is to have so many where it is asked to."""
    slots = executor.slots()[:SLOTS]
    expect(len(slots) == SLOTS, f"Asked for {SLOTS} slots, the executor offers {len(slots)}.")
    return slots


def _expect_slot_works(executor: Executor, slot: Slot) -> None:
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
