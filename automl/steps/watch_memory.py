"""Watch the memory of the whole search, this process and its workers, as it really is, while fits run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class MemorySample:
    """Megabytes of the whole tree of processes, and of each worker's part of it."""

    total_mb: float
    by_worker: dict[int, float]


class MemoryWatch:
    """Measures at most every half second: reading a process's memory takes a millisecond or so."""

    def __init__(self, limit_mb: float) -> None:
        """Begin unmeasured. `limit_mb` is for this process and all its workers together."""
        self.limit_mb = limit_mb
        self._due = 0.0

    def look(self, workers: dict[int, tuple[int, ...]]) -> MemorySample | None:
        """Return what is used now, where that is over the limit; None where it is not, or was measured just now.

        workers: the process ids of each worker.
        """
        if time.monotonic() < self._due:
            return None
        self._due = time.monotonic() + EVERY_SECONDS
        by_worker = {number: used_mb(pids) for number, pids in workers.items()}
        total = used_mb([os.getpid()]) + sum(by_worker.values())
        return MemorySample(total, by_worker) if total > self.limit_mb else None


def used_mb(pids: Iterable[int]) -> float:
    """Return the proportional memory of processes: a page that several share counts for each by its part.

    Where the system does not tell (it does on Linux), what each has in memory, less what it shares, stands for it.
    """
    return sum(_used_mb(pid) for pid in pids)


def _used_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) / 1024
    except OSError:
        pass
    return _resident_mb(pid)


def _resident_mb(pid: int) -> float:
    import psutil

    try:
        memory = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0.0
    return float(memory.rss - getattr(memory, "shared", 0)) / 2**20
