"""Memory of the whole search: measured as it is, and kept within the limit by ending what takes too much."""

import os

import numpy as np
import pytest

from automl.steps.run_jobs import Slots
from automl.steps.watch_memory import MemoryWatch, used_mb
from automl.vocabulary.results import Failure, FoldResult
from tests.automl.steps.test_run_jobs import collect, executor, job  # noqa: F401  fixtures
from tests.conftest import quick
from tests.tables import binary_table
from tests.troublesome import Offers


def test_what_a_process_allocates_is_measured():
    before = used_mb([os.getpid()])
    block = np.ones(100 * 2**17)
    assert 80 < used_mb([os.getpid()]) - before < 160
    assert block[0] == 1


def test_a_process_that_is_gone_uses_nothing():
    assert used_mb([2**22 + 1]) == 0


def test_below_the_limit_nothing_is_reported_and_above_it_each_workers_part_is():
    assert MemoryWatch(1e9).look({0: (os.getpid(),)}) is None
    sample = MemoryWatch(1.0).look({0: (os.getpid(),)})
    assert sample.total_mb == pytest.approx(2 * sample.by_worker[0], rel=0.1)


def test_it_is_measured_now_and_then_rather_than_all_the_time():
    watch = MemoryWatch(1.0)
    assert watch.look({}) is not None
    assert watch.look({}) is None


def test_the_largest_fit_is_ended_and_one_slot_fewer_is_used(executor, job):  # noqa: F811
    warm = Slots(executor, 2)
    for slot in (0, 1):
        warm.submit(slot, job("class_shares"))
    collect(warm, 2)
    now = used_mb([os.getpid(), *executor.processes(0), *executor.processes(1)])
    slots = Slots(executor, 2, watch=MemoryWatch(now + 250))
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


def test_a_search_whose_model_hoards_memory_keeps_to_its_limit_and_says_what_was_ended():
    now = used_mb([os.getpid()])
    model = quick(
        models=["hoards", "linear"],
        plugins=[Offers("hoards")],
        max_trials=4,
        executor="process_slots",
        n_jobs=2,
        memory_limit=f"{now + 600:.0f}MB",
    ).fit(binary_table(), "bought")
    (failure,) = model.failures().to_dict("records")
    assert failure["model"] == "hoards"
    assert failure["stage"] == "memory"
    assert set(model.leaderboard()["model"]) == {"linear"}
