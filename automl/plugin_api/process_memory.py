"""Memory of processes of this machine, as it really is: for executors that tell what their slots take."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

FAMILIES_EVERY_SECONDS = 1.0
"""Looking for processes that a fit has started goes through all processes of the machine."""
PAGE_MB = (os.sysconf("SC_PAGESIZE") if hasattr(os, "sysconf") else 4096) / 2**20


class Families:
    """Processes with all that they have started, as it was a moment ago."""

    def __init__(self) -> None:
        """Know of none yet."""
        self._known: dict[int, tuple[int, ...]] = {}
        self._due = 0.0

    def memory_mb(self, pids: Iterable[int], *, quick: bool = False) -> float:
        """Return what processes and those that they have started take; `quick` counts what is shared for each in full.

        That is never less than their proportional memory, and takes no time to tell.
        """
        family = [member for pid in pids for member in self._of(pid)]
        return sum(resident_mb(pid) for pid in family) if quick else used_mb(family)

    def _of(self, pid: int) -> tuple[int, ...]:
        if time.monotonic() >= self._due:
            self._known = {}
            self._due = time.monotonic() + FAMILIES_EVERY_SECONDS
        if pid not in self._known:
            self._known[pid] = (pid, *descendants(pid))
        return self._known[pid]


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


def resident_mb(pid: int) -> float:
    """Return what a process has in memory, shared pages in full: never less than its proportional memory."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return _memory_mb(pid, "")
    return pages * PAGE_MB


def _used_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) / 1024
    except OSError:
        pass
    return _memory_mb(pid, "shared")


def _memory_mb(pid: int, besides: str) -> float:
    import psutil

    try:
        memory = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0.0
    return float(memory.rss - getattr(memory, besides, 0)) / 2**20
