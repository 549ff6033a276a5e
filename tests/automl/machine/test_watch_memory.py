"""Memory of the whole search: measured as it is, and kept within the limit by ending what takes too much."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from automl.machine.watch_memory import MemoryWatch
from automl.plugin_api import Families, Slot
from automl.plugin_api.process_memory import descendants, used_mb
from automl.steps.trials.run_jobs import Slots
from automl.vocabulary.results import Failure, FoldResult
from tests.automl.steps.trials.test_run_jobs import collect, executor, job  # noqa: F401  fixtures
from tests.conftest import quick
from tests.tables import binary_table
from tests.troublesome import Offers

FIRST, ELSEWHERE = Slot(0), Slot(1, host="another")


class Runs:
    """Stands for an executor with a process for each slot of this machine."""

    def __init__(self, processes):
        self.processes, self.families = processes, Families()

    def memory_mb(self, slot, *, quick=False):
        return self.families.memory_mb([self.processes[slot]], quick=quick) if slot in self.processes else None


def test_what_a_process_allocates_is_measured():
    before = used_mb([os.getpid()])
    block = np.ones(100 * 2**17)
    assert 80 < used_mb([os.getpid()]) - before < 160
    assert block[0] == 1


def test_a_process_that_is_gone_uses_nothing():
    assert used_mb([2**22 + 1]) == 0


def test_below_the_limit_nothing_is_reported_and_above_it_each_workers_part_is():
    runs = Runs({FIRST: os.getpid()})
    assert MemoryWatch(1e9).look(runs, [FIRST]) is None
    sample = MemoryWatch(1.0).look(runs, [FIRST])
    assert sample.total_mb == pytest.approx(2 * sample.by_worker[FIRST], rel=0.1)


def test_a_worker_that_is_watched_elsewhere_is_left_to_its_executor():
    sample = MemoryWatch(1.0).look(Runs({FIRST: os.getpid()}), [FIRST, ELSEWHERE])
    assert set(sample.by_worker) == {FIRST}


def test_it_is_measured_now_and_then_rather_than_all_the_time():
    watch = MemoryWatch(1.0)
    assert watch.look(Runs({}), []) is not None
    assert watch.look(Runs({}), []) is None


def test_the_largest_fit_is_ended_and_one_slot_fewer_is_used(executor, job):  # noqa: F811
    warm = Slots(executor, executor.slots())
    for slot in (0, 1):
        warm.submit(slot, job("class_shares"))
    collect(warm, 2)
    now = used_mb([os.getpid()]) + sum(executor.memory_mb(slot) for slot in executor.slots())
    slots = Slots(executor, executor.slots(), watch=MemoryWatch(now + 250))
    slots.submit(0, job("hoards"))
    slots.submit(1, job("sleeps", seconds=100))
    (finished,) = collect(slots, 1)
    assert isinstance(finished.result, Failure)
    assert finished.result.model == "hoards"
    assert finished.result.stage == "memory"
    assert "memory_limit allows" in finished.result.cause
    assert slots.idle() == []
    slots.kill(1, "enough")
    assert slots.idle() == [1]
    slots.submit(1, job("class_shares"))
    assert isinstance(collect(slots, 1)[0].result, FoldResult)


@pytest.mark.long
def test_a_search_tries_what_takes_too_much_again_on_fewer_rows_and_says_so():
    now = used_mb([os.getpid()])
    model = quick(
        models=["hoards_by_rows", "linear"],
        plugins=[Offers("hoards_by_rows")],
        max_trials=2,
        executor="process_slots",
        memory_limit=f"{now + 600:.0f}MB",
    ).fit(binary_table(), "bought")
    (failure,) = model.failures().to_dict("records")
    assert failure["model"] == "hoards_by_rows"
    assert failure["stage"] == "memory"
    assert failure["cause"].endswith("it is tried again on 50% of the training rows")
    assert set(model.leaderboard()["model"]) == {"linear", "hoards_by_rows"}


def test_what_a_worker_has_started_counts_for_it():
    child = "import time; hoard = bytearray(b'x') * (150 * 2**20); print('up', flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as worker:
        worker.stdout.readline()
        (started,) = descendants(worker.pid)
        sample = MemoryWatch(1.0).look(Runs({FIRST: worker.pid}), [FIRST])
        os.kill(started, signal.SIGKILL)
    assert 150 < sample.by_worker[FIRST] < 250
