"""Assign resources: which of an executor's slots are used, with how many threads, and what memory each may take."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from automl.plugin_api.executors import CPU, Slot
from automl.plugin_api.process_memory import used_mb
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
    """The slots of a search: what of an executor's offer is used."""

    executor: ExecutorSpec
    cores: tuple[Slot, ...]
    gpus: tuple[Slot, ...]
    """Those with a GPU, besides."""
    memory_mb: float
    """Memory for one slot's fit, on the host that has the least for it."""
    note: str = ""
    """Why fits run elsewhere than they were asked to; "" where they do not."""

    @property
    def n_slots(self) -> int:
        """How many slots there are without those of GPUs."""
        return len(self.cores)

    @property
    def threads(self) -> int:
        """Threads of the first slot, for which costs are expected."""
        return self.cores[0].threads

    @property
    def cache_mb(self) -> float:
        """What a worker may cache between fits."""
        return CACHE_SHARE * self.memory_mb


def room_here(settings: SearchSettings, *, isolated: bool) -> tuple[int, int]:
    """Return how many slots this machine has room for before any table is there, and threads for each.

    A search that ends by count keeps one thread a fit, since thread counts can change the last digits of a result.
    """
    n_slots = _count(settings.n_jobs, _left_mb(settings.memory_limit_mb), 0.0) if isolated else 1
    return n_slots, 1 if settings.time_limit is None else max(1, settings.n_jobs // n_slots)


def assign_resources(
    settings: SearchSettings, executor: ExecutorSpec, slots: Sequence[Slot], dataset: Dataset | None = None
) -> Assignment:
    """Take each host's slots; where memory is short for the table, fewer of them, with the others' threads.

    On this machine what this process takes counts, too.
    """
    table_mb = 0.0 if dataset is None else frame_mb(dataset.features)
    cores: list[Slot] = []
    gpus: list[Slot] = []
    memory = []
    for host in dict.fromkeys(slot.host for slot in slots):
        offered = [slot for slot in slots if slot.host == host and slot.device == CPU]
        others = [slot for slot in slots if slot.host == host and slot.device != CPU]
        limit_mb = min(slot.memory_mb for slot in (*offered, *others))
        left_mb = _left_mb(limit_mb) if not host else limit_mb
        n_used = _count(len(offered), left_mb, table_mb) if executor.isolated else len(offered)
        by_time = settings.time_limit is not None
        threads = max(1, sum(slot.threads for slot in offered) // n_used) if by_time and n_used else 1
        cores += [replace(slot, threads=threads) for slot in offered[:n_used]]
        gpus += [replace(slot, threads=threads) for slot in others]
        memory.append(max(WORKER_MB, left_mb / max(1, n_used) - WORKER_MB))
    return Assignment(executor, tuple(cores), tuple(gpus), min(memory))


def _left_mb(limit_mb: float) -> float:
    """Return what a limit leaves beside this process."""
    return limit_mb - used_mb([os.getpid()])


def _count(most: int, left_mb: float, table_mb: float) -> int:
    """Return how many fits have room in so much memory: at least one, where there is a slot at all."""
    by_memory = left_mb // (WORKER_MB + COPIES * table_mb)
    return int(max(min(1, most), min(most, by_memory)))
