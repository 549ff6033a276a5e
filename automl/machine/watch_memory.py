"""Watch the memory of the whole search, this process and its workers, as it really is, while fits run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

EVERY_SECONDS = 0.1
FAMILIES_EVERY_SECONDS = 1.0
"""Looking for processes that a fit has started goes through all processes of the machine."""
PAGE_MB = (os.sysconf("SC_PAGESIZE") if hasattr(os, "sysconf") else 4096) / 2**20
LEAST_REST = 10.0
"""Between two measurements lies at least so many times what the last one took: large processes take longer to tell."""


@dataclass(frozen=True, slots=True)
class MemorySample:
    """Megabytes of the whole tree of processes, and of each worker's part of it."""

    total_mb: float
    by_worker: dict[int, float]


class MemoryWatch:
    """Measures at most ten times a second, and more seldom where that takes long.

    Memory in use is asked first, which takes no time; what it is in proportion, each shared page counted once, only
    where the sum of that would be too much.
    """

    def __init__(self, limit_mb: float) -> None:
        """Begin unmeasured. `limit_mb` is for this process and all its workers together."""
        self.limit_mb = limit_mb
        self._due = 0.0
        self._families: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._families_due = 0.0

    def look(self, workers: dict[int, tuple[int, ...]]) -> MemorySample | None:
        """Return what is used now, where that is over the limit; None where it is not, or was measured just now.

        workers: the process ids of each worker; processes that these have started count for it.
        """
        begun = time.monotonic()
        if begun < self._due:
            return None
        here = [os.getpid()]
        families = {number: self._family(pids) for number, pids in workers.items()}
        together = sum(_resident_mb(pid) for pids in (here, *families.values()) for pid in pids)
        sample = None
        if together > self.limit_mb:
            by_worker = {number: used_mb(pids) for number, pids in families.items()}
            sample = MemorySample(used_mb(here) + sum(by_worker.values()), by_worker)
        took = time.monotonic() - begun
        self._due = begun + max(EVERY_SECONDS, LEAST_REST * took)
        return sample if sample is not None and sample.total_mb > self.limit_mb else None

    def _family(self, pids: tuple[int, ...]) -> tuple[int, ...]:
        """Return processes with all that they have started, as it was a moment ago."""
        if time.monotonic() >= self._families_due:
            self._families = {}
            self._families_due = time.monotonic() + FAMILIES_EVERY_SECONDS
        if pids not in self._families:
            self._families[pids] = (*pids, *(child for pid in pids for child in descendants(pid)))
        return self._families[pids]


def descendants(pid: int) -> tuple[int, ...]:
    """Return the ids of all processes that a process has started, and those that these have."""
    import psutil

    try:
        return tuple(child.pid for child in psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return ()


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
    return _memory_mb(pid, "shared")


def _resident_mb(pid: int) -> float:
    """Return what a process has in memory, shared pages in full: never less than its proportional memory."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return _memory_mb(pid, "")
    return pages * PAGE_MB


def _memory_mb(pid: int, besides: str) -> float:
    import psutil

    try:
        memory = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0.0
    return float(memory.rss - getattr(memory, besides, 0)) / 2**20
