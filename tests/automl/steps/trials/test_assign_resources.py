"""Slots and threads fit the cores and the memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import ExecutorRequest, ExecutorSpec, ModelSpec, Slot
from automl.steps.trials.assign_resources import WORKER_MB, Assignment, assign_resources, lacks, named, room_here
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.schema import Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.task import Task, TaskKind

ISOLATED = ExecutorSpec("slots", lambda request: None)
INSIDE = ExecutorSpec("inside", lambda request: None, isolated=False)


def table(megabytes: int) -> Dataset:
    features = pd.DataFrame(np.broadcast_to(np.float32(0), (megabytes * 2**18, 1)))
    return Dataset(features, np.zeros(1), Schema(()), Task(TaskKind.REGRESSION, "y"), np.arange(1))


def here(settings: SearchSettings, executor: ExecutorSpec = ISOLATED, gpus: tuple[str, ...] = ()) -> tuple[Slot, ...]:
    """Return what an executor of this machine offers."""
    n_slots, threads = room_here(settings, isolated=executor.isolated)
    cores = settings.n_jobs if settings.time_limit is not None else 0
    request = ExecutorRequest(n_slots, threads, gpus=gpus, memory_mb=settings.memory_limit_mb, cores=cores)
    return request.slots()


def assigned(settings: SearchSettings, executor: ExecutorSpec = ISOLATED, dataset: Dataset | None = None) -> Assignment:
    return assign_resources(settings, executor, here(settings, executor), dataset)


def test_each_core_has_a_slot_of_one_thread_where_memory_allows():
    made = assigned(SearchSettings(n_jobs=8, memory_limit_mb=16_000), dataset=table(10))
    assert (made.n_slots, made.threads) == (8, 1)


def test_a_large_table_gets_fewer_slots_with_more_threads():
    made = assigned(SearchSettings(n_jobs=8, memory_limit_mb=4_000), dataset=table(400))
    assert made.n_slots < 8
    assert made.threads == 8 // made.n_slots


def test_cores_that_divide_among_no_slots_are_used_once_there_are_fewer_slots():
    offered = ExecutorRequest(3, 2, memory_mb=2_500, cores=8).slots()
    assert [slot.threads for slot in offered] == [3, 3, 2]
    made = assign_resources(SearchSettings(n_jobs=8, memory_limit_mb=2_500), ISOLATED, offered, table(200))
    assert made.n_slots * made.threads == 8


def test_an_executor_in_this_process_has_one_slot_with_all_threads():
    made = assigned(SearchSettings(n_jobs=8), INSIDE)
    assert (made.n_slots, made.threads) == (1, 8)


def test_a_search_by_count_keeps_one_thread_so_that_the_cores_do_not_change_the_result():
    settings_ = SearchSettings(n_jobs=8, memory_limit_mb=1000, time_limit=None, max_trials=3)
    assert assigned(settings_, dataset=table(200)).threads == 1


def test_each_gpu_has_a_slot_besides():
    made = assign_resources(SearchSettings(n_jobs=2), ISOLATED, here(SearchSettings(n_jobs=2), gpus=("0", "GPU-7")))
    assert [(slot.device, slot.gpu) for slot in made.gpus] == [("cuda", "0"), ("cuda", "GPU-7")]
    assert {slot.device for slot in made.cores} == {"cpu"}


def test_each_host_is_used_as_far_as_its_own_memory_goes():
    small = [Slot(number, host="small", memory_mb=2_000) for number in range(4)]
    large = [Slot(number, host="large", memory_mb=64_000) for number in range(4, 8)]
    made = assign_resources(SearchSettings(n_jobs=8), ISOLATED, [*small, *large], table(200))
    assert [slot.host for slot in made.cores] == ["small", *4 * ["large"]]
    assert [slot.threads for slot in made.cores] == [4, 1, 1, 1, 1]
    assert made.memory_of["small"] == 2_000 - WORKER_MB
    assert made.memory_mb == made.memory_of["large"]
    assert made.cache_mb < made.memory_of["small"]


def test_of_other_machines_as_many_slots_are_used_as_were_asked_for():
    offered = [Slot(number, host=f"h{number // 4}", memory_mb=64_000) for number in range(8)]
    asked = SearchSettings(n_jobs=5, most_slots=5)
    assert [slot.number for slot in assign_resources(asked, ISOLATED, offered).cores] == [0, 1, 2, 3, 4]
    assert assign_resources(SearchSettings(n_jobs=1), ISOLATED, offered).n_slots == 8


LIGHT = ModelSpec("light", lambda request: None, requires=("lightweight",), install="pip install lightweight")


def test_why_no_machine_can_fit_a_model_names_machines_and_what_is_missing():
    without = frozenset({"light"})
    offered = [Slot(0, host="a", memory_mb=64_000, without=without), Slot(1, host="b", memory_mb=2_000)]
    made = assign_resources(SearchSettings(), ISOLATED, offered)
    assert made.why_nowhere(LIGHT, 1_000.0) == ""
    why = made.why_nowhere(LIGHT, 5_000.0)
    assert "(lightweight) is not installed on a; install it there: pip install lightweight" in why
    assert "b would need 5000 MB" in why
    assert "and 2 more" in named([f"h{number}" for number in range(6)])


def test_a_model_that_is_borrowed_needs_what_its_lender_needs():
    borrowed = replace(LIGHT, name="borrowed", lent_by="light")
    assert lacks(Slot(0, without=frozenset({"light"})), borrowed)
    assert not lacks(Slot(0), borrowed)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 128), st.floats(1, 1e6), st.integers(0, 5))
def test_slots_times_threads_never_exceed_the_cores(n_jobs, memory, megabytes):
    made = assigned(SearchSettings(n_jobs=n_jobs, memory_limit_mb=memory), dataset=table(megabytes))
    assert 1 <= made.n_slots * made.threads <= n_jobs
    assert 0 < made.cache_mb < made.memory_mb
