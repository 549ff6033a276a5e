"""An agent keeps the time and the memory of its machine by itself, and ends when nobody is there any more."""

import ctypes
import os
import subprocess
import sys
import time
from contextvars import copy_context
from pathlib import Path
from pickle import UnpicklingError

import psutil
import pytest

from automl.fleet.agents_here import start_agent
from automl.fleet.table_store import HERE
from automl.plugin_api import WorkerEndedError
from automl.vocabulary.states import Stage
from tests.fleets import FakeCluster, running, until

PATIENCE = 60


def process_id(place):
    return os.getpid()


def sleep(place, seconds):
    time.sleep(seconds)
    return seconds


def sleep_in_c(place, seconds):
    """Sleep in C code that never lets go of Python's lock."""
    ctypes.PyDLL(None).usleep(int(seconds * 1e6))


def take_memory(place, megabytes, seconds):
    held = bytearray(b"x") * (megabytes * 2**20)
    time.sleep(seconds)
    return len(held)


def speak_and_die(place):
    os.write(place.words.fileno(), b"it was here")
    os._exit(3)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A running executor of one machine with two slots; nothing that its tests do lasts."""
    folder = tmp_path_factory.mktemp("two")
    cluster = FakeCluster("two", folder, "a", cores=2)
    with running("two", folder) as executor:
        for call in [executor.submit(slot, sleep, 0.0) for slot in executor.slots()]:
            call.future.result(PATIENCE)
        yield cluster, executor


def test_a_function_in_c_is_ended_by_the_clock_of_its_machine_and_no_neighbour_notices(two):
    _, executor = two
    slot, neighbour = executor.slots()
    before = executor.submit(neighbour, process_id).future.result(PATIENCE)
    other = executor.submit(neighbour, sleep, 1.0)
    begun = time.monotonic()
    error = executor.submit(slot, sleep_in_c, 60.0, seconds=0.5).future.exception(PATIENCE)
    assert 0.5 <= time.monotonic() - begun < 3.0
    assert isinstance(error, WorkerEndedError)
    assert error.stage == Stage.WORKER
    assert other.future.result(PATIENCE) == 1.0
    assert executor.submit(neighbour, process_id).future.result(PATIENCE) == before
    assert executor.submit(slot, sleep, 0.0).future.result(PATIENCE) == 0.0


def test_a_killed_function_is_over_at_once_and_its_slot_takes_the_next(two):
    _, executor = two
    slot = executor.slots()[0]
    worker = executor.submit(slot, process_id).future.result(PATIENCE)
    doomed = executor.submit(slot, sleep_in_c, 60.0)
    time.sleep(0.3)
    begun = time.monotonic()
    executor.kill(slot)
    assert isinstance(doomed.future.exception(PATIENCE), WorkerEndedError)
    assert executor.submit(slot, process_id).future.result(PATIENCE) != worker
    assert until(lambda: not psutil.pid_exists(worker), 5.0)
    assert time.monotonic() - begun < 10.0


def test_last_words_and_the_begin_of_a_function_are_heard(two):
    _, executor = two
    slot = executor.slots()[0]
    call = executor.submit(slot, sleep, 2.5)
    assert until(lambda: call.began() is not None, 5.0)
    call.future.result(PATIENCE)
    dead = executor.submit(slot, speak_and_die)
    assert dead.future.exception(PATIENCE) is not None
    assert dead.last_words() == "it was here"


def test_the_largest_function_is_ended_where_a_machine_is_short_of_memory(tmp_path):
    FakeCluster("short", tmp_path, "a", memory_mb=400.0)
    with running("short", tmp_path) as executor:
        error = executor.submit(executor.slots()[0], take_memory, 600, 60.0).future.exception(PATIENCE)
        assert isinstance(error, WorkerEndedError)
        assert error.stage == Stage.MEMORY
        assert "400 MB are allowed" in error.cause
        assert executor.submit(executor.slots()[0], sleep, 0.0).future.result(PATIENCE) == 0.0


@pytest.mark.parametrize("heartbeat", [True, False])
def test_an_agent_ends_with_its_slots_and_folder_once_nobody_is_there(tmp_path, heartbeat):
    there = ALONE.format(folder=str(tmp_path), heartbeat=2.0 if heartbeat else 60.0)
    process = subprocess.Popen([sys.executable, "-c", there], stdout=subprocess.PIPE, text=True, env=environment())
    pids = [int(each) for each in process.stdout.readline().split()]
    folders = list(tmp_path.glob("automl-*"))
    assert len(folders) == 1
    assert len(pids) > 1
    if not heartbeat:
        process.kill()
        process.wait()
    gone = until(lambda: not any(psutil.pid_exists(pid) for pid in pids), 15.0)
    process.kill()
    process.wait()
    process.stdout.close()
    assert gone
    assert not any(folder.exists() for folder in folders)


ALONE = """
import time
from pathlib import Path
from pickle import UnpicklingError
import cloudpickle, psutil
from automl.fleet.agents_here import agents, start_agent
from automl.fleet.messages import Invitation
from automl.fleet.table_store import HERE
from automl.registry import discover
HERE.set(Path({folder!r}))
spec = next(each for each in discover().executors.values() if each.isolated)
start_agent("x", cloudpickle.dumps(Invitation("x", spec, 1, heartbeat={heartbeat})))
pid = agents()["x"].process.pid
print(pid, *(child.pid for child in psutil.Process(pid).children(recursive=True)), flush=True)
time.sleep(100)
"""


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(each or str(Path.cwd()) for each in sys.path)}


def test_an_agent_whose_invitation_cannot_be_read_says_so(tmp_path):
    context = copy_context()
    context.run(HERE.set, tmp_path)
    with pytest.raises(UnpicklingError):
        context.run(start_agent, "broken", b"not a pickle")
