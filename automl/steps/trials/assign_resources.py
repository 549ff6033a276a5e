"""Assign resources: how many slots with how many threads, and what memory each may take."""

from __future__ import annotations

import os
from dataclasses import dataclass

from automl.machine.watch_memory import used_mb
from automl.plugin_api.specs import ExecutorSpec
from automl.table.columns.stored_rows import frame_mb
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.settings import SearchSettings

WORKER_MB = 350.0
"""What a worker takes with its libraries loaded."""
COPIES = 4.0
"""Copies of the table that a fit may hold at once: its training rows, bins or a scaled form, and temporary ones."""
CACHE_SHARE = 0.4
"""Share of a slot's memory that may hold what is cached between fits."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The slots of a search."""

    executor: ExecutorSpec
    n_slots: int
    threads: int
    memory_mb: float
    """Memory for one slot's fit."""
    cache_mb: float
    gpus: tuple[str, ...] = ()
    """The GPUs that have a slot each beside those of the cores."""
    note: str = ""
    """Why fits run elsewhere than they were asked to; "" where they do not."""


def assign_resources(
    settings: SearchSettings, executor: ExecutorSpec, dataset: Dataset | None = None, gpus: tuple[str, ...] = ()
) -> Assignment:
    """Give each core a slot of one thread; where memory is short for the table, fewer slots with more threads.

    GPUs get a slot each where fits run in processes of their own.

    A search that ends by count keeps one thread a fit, since thread counts can change the last digits of a result.
    """
    table_mb = 0.0 if dataset is None else frame_mb(dataset.features)
    left_mb = settings.memory_limit_mb - used_mb([os.getpid()])  # the limit is for this process too
    by_memory = int(left_mb // (WORKER_MB + COPIES * table_mb))
    n_slots = max(1, min(settings.n_jobs, by_memory)) if executor.isolated else 1
    threads = 1 if settings.time_limit is None else max(1, settings.n_jobs // n_slots)
    memory = max(WORKER_MB, left_mb / n_slots - WORKER_MB)
    return Assignment(executor, n_slots, threads, memory, CACHE_SHARE * memory, gpus if executor.isolated else ())
