"""WorkerCache: keeps what a worker has built, dropping the least recently used when memory runs short."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class WorkerCache:
    """A cache bounded by memory; an entry counts for what the process grew while it was built."""

    def __init__(self, limit_mb: float) -> None:
        """Start empty."""
        self.limit_mb = limit_mb
        self._entries: OrderedDict[Hashable, tuple[Any, float]] = OrderedDict()
        import psutil  # for fitting alone: where a model only predicts it may be missing

        self._process = psutil.Process(os.getpid())

    def get_or_build(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what is stored under `key`, building and storing it first where it is missing."""
        if key in self._entries:
            self._entries.move_to_end(key)
            found: T = self._entries[key][0]
            return found
        before = self._resident_mb()
        built = build()
        size = max(0.01, self._resident_mb() - before, getattr(built, "megabytes", 0.0))
        self._entries[key] = (built, size)
        while len(self._entries) > 1 and sum(each for _, each in self._entries.values()) > self.limit_mb:
            self._entries.popitem(last=False)
        return built

    def _resident_mb(self) -> float:
        return float(self._process.memory_info().rss) / 2**20
