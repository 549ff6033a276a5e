"""Watch the memory of the whole search, this process and its workers, as it really is, while fits run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass

from automl.plugin_api.executors import Executor, Slot
from automl.plugin_api.process_memory import resident_mb, used_mb

EVERY_SECONDS = 0.1
LEAST_REST = 10.0
"""Between two measurements lies at least so many times what the last one took: large processes take longer to tell."""


@dataclass(frozen=True, slots=True)
class MemorySample:
    """Megabytes of the whole tree of processes, and of each worker's part of it."""

    total_mb: float
    by_worker: dict[Slot, float]


class MemoryWatch:
    """Measures at most ten times a second, and more seldom where that takes long.

    Memory in use is asked first, which takes no time; what it is in proportion, each shared page counted once, only
    where the sum of that would be too much. What is not watched from here, such as workers of another machine, is left
    to its executor.
    """

    def __init__(self, limit_mb: float) -> None:
        """Begin unmeasured. `limit_mb` is for this process and all its workers together."""
        self.limit_mb = limit_mb
        self._due = 0.0

    def look(self, executor: Executor, workers: Iterable[Slot]) -> MemorySample | None:
        """Return what is used now, where that is over the limit; None where it is not, or was measured just now."""
        begun = time.monotonic()
        if begun < self._due:
            return None
        quick = {worker: executor.memory_mb(worker, quick=True) for worker in workers}
        at_most = {worker: megabytes for worker, megabytes in quick.items() if megabytes is not None}
        sample = None
        if resident_mb(os.getpid()) + sum(at_most.values()) > self.limit_mb:
            by_worker = {worker: executor.memory_mb(worker) or 0.0 for worker in at_most}
            sample = MemorySample(used_mb([os.getpid()]) + sum(by_worker.values()), by_worker)
        took = time.monotonic() - begun
        self._due = begun + max(EVERY_SECONDS, LEAST_REST * took)
        return sample if sample is not None and sample.total_mb > self.limit_mb else None
