"""Slots and threads fit the cores and the memory."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import ExecutorSpec
from automl.steps.trials.assign_resources import assign_resources
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.schema import Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.task import Task, TaskKind

ISOLATED = ExecutorSpec("slots", lambda request: None)
INSIDE = ExecutorSpec("inside", lambda request: None, isolated=False)


def table(megabytes: int) -> Dataset:
    features = pd.DataFrame(np.broadcast_to(np.float32(0), (megabytes * 2**18, 1)))
    return Dataset(features, np.zeros(1), Schema(()), Task(TaskKind.REGRESSION, "y"), np.arange(1))


def test_each_core_has_a_slot_of_one_thread_where_memory_allows():
    made = assign_resources(SearchSettings(n_jobs=8, memory_limit_mb=16_000), ISOLATED, table(10))
    assert (made.n_slots, made.threads) == (8, 1)


def test_a_large_table_gets_fewer_slots_with_more_threads():
    made = assign_resources(SearchSettings(n_jobs=8, memory_limit_mb=4_000), ISOLATED, table(400))
    assert made.n_slots < 8
    assert made.threads > 1


def test_an_executor_in_this_process_has_one_slot():
    assert assign_resources(SearchSettings(n_jobs=8), INSIDE).n_slots == 1


def test_a_search_by_count_keeps_one_thread_so_that_the_cores_do_not_change_the_result():
    settings_ = SearchSettings(n_jobs=8, memory_limit_mb=1000, time_limit=None, max_trials=3)
    assert assign_resources(settings_, ISOLATED, table(200)).threads == 1


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 128), st.floats(1, 1e6), st.integers(0, 5))
def test_slots_times_threads_never_exceed_the_cores(n_jobs, memory, megabytes):
    made = assign_resources(SearchSettings(n_jobs=n_jobs, memory_limit_mb=memory), ISOLATED, table(megabytes))
    assert 1 <= made.n_slots * made.threads <= n_jobs
    assert 0 < made.cache_mb < made.memory_mb
