"""Loky worker: a process that is started anew, wherever there is Python."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from automl_builtins.executors._starting import able_to_start
from automl_builtins.executors._worker_life import begin

T = TypeVar("T")
NO_STACKS = {"PYTHONFAULTHANDLER": ""}
"""Keeps loky from having Python's stacks printed on a crash: a function that runs here may have them written."""


class LokyWorker:
    """A loky executor of one worker.

    loky starts workers without importing the user's `__main__`, so scripts need no guard, and pickles functions and
    classes of a script or notebook by value.
    """

    def __init__(self, environment: Mapping[str, str], warm_up: Callable[[], None] | None) -> None:
        """Start nothing yet; the first function does."""
        from loky.process_executor import ProcessPoolExecutor

        self._pool: Any = ProcessPoolExecutor(
            max_workers=1,
            timeout=None,
            initializer=_initialize,
            initargs=(os.getpid(), warm_up),
            env={**environment, **NO_STACKS},
        )

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a function; a BrokenProcessPool or a RuntimeError where the worker is gone."""
        with able_to_start():
            future: Future[T] = self._pool.submit(function, *arguments)
            return future

    def kill(self) -> threading.Thread | None:
        """End the process at once, and return the thread that sees to what is left of it."""
        ends: threading.Thread | None = getattr(self._pool, "_executor_manager_thread", None)
        self._pool.shutdown(wait=False, kill_workers=True)
        return ends

    def close(self) -> None:
        """End the process, and wait until it is gone."""
        with contextlib.suppress(Exception):  # a pool whose worker has died has nothing left to end
            self._pool.shutdown(wait=True, kill_workers=True)

    def processes(self) -> tuple[int, ...]:
        """Return its id; none before it is up."""
        return tuple(getattr(self._pool, "_processes", None) or ())


WORKER_GONE = (BrokenProcessPool, RuntimeError)
"""What `submit` raises where the worker has died while idle, or was shut down."""


def _initialize(parent: int, warm_up: Callable[[], None] | None) -> None:
    begin(parent)
    _allow_caches()
    if warm_up is not None:
        warm_up()


def _allow_caches() -> None:
    """Keep loky from replacing a worker whose memory grew: the growth is the cache, which is bounded."""
    from loky import process_executor

    if hasattr(process_executor, "_MAX_MEMORY_LEAK_SIZE"):
        process_executor._MAX_MEMORY_LEAK_SIZE = float("inf")
