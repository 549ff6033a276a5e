"""Process slots: whatever happens in one costs that one's future and nothing else."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import wait

import psutil
import pytest

from automl.plugin_api import ExecutorRequest, Stage, WorkerEndedError
from automl_builtins.executors import process_slots
from automl_builtins.executors.process_slots import PROCESS_SLOTS, THREAD_VARIABLES
from tests.submitting import submit

SOON = 15.0
"""Seconds that a new worker may take on a busy machine."""


def fails():
    raise KeyError("gone")


def kill_self():
    os.kill(os.getpid(), signal.SIGKILL)


def thread_settings():
    return {name: os.environ.get(name) for name in THREAD_VARIABLES}


@pytest.fixture(scope="module", params=[True, False], ids=["forked", "started anew"])
def slots(request):
    if request.param and not process_slots.can_fork():
        pytest.skip("workers are forked on Linux alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process_slots, "can_fork", lambda: request.param)
        made = PROCESS_SLOTS.build(ExecutorRequest(2, 3))
        made.start()
    yield made
    made.close()


def test_slots_are_other_processes_and_stay_the_same_ones(slots):
    first = [submit(slots, slot, os.getpid).result(SOON) for slot in (0, 1)]
    again = [submit(slots, slot, os.getpid).result(SOON) for slot in (0, 1)]
    assert first == again
    assert len({*first, os.getpid()}) == 3


def test_workers_are_told_how_many_threads_they_have(slots):
    assert set(submit(slots, 0, thread_settings).result(SOON).values()) == {"3"}


def test_a_worker_that_is_not_up_takes_no_memory_and_one_that_is_counts_with_what_it_has_started(slots):
    assert slots.memory_mb(slots.slots()[0].worker("unheard of")) is None
    submit(slots, 0, os.getpid).result(SOON)
    alone = slots.memory_mb(slots.slots()[0])
    assert 1 < alone <= 1.1 * slots.memory_mb(slots.slots()[0], quick=True)


def test_what_a_function_raises_is_in_the_future_and_the_worker_lives_on(slots):
    worker = submit(slots, 0, os.getpid).result(SOON)
    assert isinstance(submit(slots, 0, fails).exception(SOON), KeyError)
    assert submit(slots, 0, os.getpid).result(SOON) == worker


@pytest.mark.parametrize("death", [os.abort, kill_self, (os._exit, 0)])
def test_a_worker_that_dies_costs_its_future_and_the_slot_goes_on(slots, death):
    function, *arguments = death if isinstance(death, tuple) else (death,)
    other = submit(slots, 1, os.getpid).result(SOON)
    error = submit(slots, 0, function, *arguments).exception(SOON)
    assert isinstance(error, WorkerEndedError)
    assert (error.stage, error.cause[:21]) == (Stage.WORKER, "the worker died with ")
    assert submit(slots, 0, len, "abc").result(SOON) == 3
    assert submit(slots, 1, os.getpid).result(SOON) == other


def test_a_worker_that_dies_while_idle_is_replaced(slots):
    worker = submit(slots, 0, os.getpid).result(SOON)
    os.kill(worker, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(worker)] if psutil.pid_exists(worker) else [], timeout=5)
    time.sleep(0.3)  # the pool has to notice
    assert submit(slots, 0, os.getpid).result(SOON) not in (worker, os.getpid())


def test_a_function_that_sleeps_is_ended_at_once(slots):
    worker = submit(slots, 0, os.getpid).result(SOON)
    sleeping = submit(slots, 0, time.sleep, 10_000)
    slots.kill(slots.slots()[0])
    wait([sleeping], timeout=5)
    assert sleeping.exception(0) is not None
    assert gone_within(5.0, [worker])
    assert submit(slots, 0, len, "abc").result(SOON) == 3


def test_closing_waits_for_workers_that_were_killed_just_before():
    executor = PROCESS_SLOTS.build(ExecutorRequest(3, 1))
    executor.start()
    workers = [submit(executor, slot, os.getpid).result(SOON) for slot in range(3)]
    for slot in executor.slots():
        executor.kill(slot)
    executor.close()
    assert [each for each in workers if psutil.pid_exists(each)] == []  # zombies exist, too


@pytest.mark.skipif(not process_slots.can_fork(), reason="workers are forked on Linux alone")
def test_where_no_worker_can_be_forked_the_next_ones_are_started_anew():
    executor = PROCESS_SLOTS.build(ExecutorRequest(1, 1, initialize=os.abort))
    executor.start()
    try:
        assert submit(executor, 0, len, "abc").exception(SOON) is not None
        executor._request = ExecutorRequest(1, 1)
        executor.kill(executor.slots()[0])
        assert submit(executor, 0, len, "abc").result(SOON) == 3
    finally:
        executor.close()


SCRIPT = """
import os, sys, time
import psutil
from automl.plugin_api import ExecutorRequest
from automl_builtins.executors.process_slots import PROCESS_SLOTS

class Own:
    def __init__(self, value):
        self.value = value

def double(place, own):
    return Own(2 * own.value)

def sleep(place):
    time.sleep(10_000)

def abort(place):
    os.abort()

executor = PROCESS_SLOTS.build(ExecutorRequest(2, 1))
executor.start()
first, second = executor.slots()
print(executor.submit(first, double, Own(21)).future.result(30).value)
executor.submit(second, sleep)
executor.submit(first, abort).future.exception(30)
if sys.argv[1] == "close":
    executor.close()
    left = psutil.Process().children(recursive=True)
    left = [each for each in left if "resource_tracker" not in " ".join(each.cmdline())]
    print("left", [each.cmdline() for each in left])
else:
    print(*[each.pid for each in psutil.Process().children(recursive=True)], flush=True)
    os._exit(9)
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)

    def run(how):
        return subprocess.run([sys.executable, path, how], capture_output=True, text=True, timeout=60)

    return run


def test_functions_of_an_unguarded_script_run_and_closing_leaves_no_process(script):
    done = script("close")
    assert done.stdout.splitlines() == ["42", "left []"], done.stderr


def test_workers_end_when_the_controller_is_gone(script):
    answer, pids = script("vanish").stdout.splitlines()
    assert answer == "42"
    left = [int(pid) for pid in pids.split()]
    assert len(left) >= 2
    assert gone_within(8.0, left)


def gone_within(seconds, pids):
    until = time.monotonic() + seconds
    while time.monotonic() < until and not all(is_dead(pid) for pid in pids):
        time.sleep(0.05)
    return all(is_dead(pid) for pid in pids)


def is_dead(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.skipif(not process_slots.can_fork(), reason="workers are forked on Linux alone")
def test_workers_of_a_runtime_alone_have_its_modules_and_all_have_the_common_ones():
    executor = PROCESS_SLOTS.build(ExecutorRequest(2, 1, modules={"": ("colorsys",), "own": ("this",)}))
    executor.start()
    try:
        common = executor.slots()
        own = [slot.worker("own") for slot in common]
        parents = [executor.submit(slot, lambda _: os.getppid()).future.result(SOON) for slot in (*common, *own)]
        assert parents[0] == parents[1] != parents[2] == parents[3]
        found = [executor.submit(slot, lambda _: "this" in sys.modules).future.result(SOON) for slot in (*common, *own)]
        assert found == [False, False, True, True]
        named = [executor.submit(slot, lambda _: "colorsys" in sys.modules) for slot in (*common, *own)]
        assert all(each.future.result(SOON) for each in named)
    finally:
        executor.close()
