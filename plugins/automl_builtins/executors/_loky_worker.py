"""Loky worker: a process that is started anew, wherever there is Python."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from automl.plugin_api import Stage, WorkerEndedError
from automl_builtins.executors._starting import able_to_start
from automl_builtins.executors._worker_life import begin, how_it_ended

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
        """Run a function; a BrokenProcessPool or a RuntimeError where the worker is gone.

        The future raises what the function raises, a PicklingError for what cannot be sent, and a WorkerEndedError
        where the process dies, or is killed.
        """
        with able_to_start():
            given: Future[T] = self._pool.submit(function, *arguments)
        process = next(iter((getattr(self._pool, "_processes", None) or {}).values()), None)
        told: Future[T] = Future()
        told.set_running_or_notify_cancel()
        given.add_done_callback(lambda done: _settle(told, done, process))
        return told

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


def _settle(told: Future[T], done: Future[T], process: Any) -> None:
    """Tell what has come of a function; a process that is gone in the words of the engine."""
    if done.cancelled():  # the pool was shut down before it began
        told.set_exception(WorkerEndedError(Stage.WORKER, "the worker was ended before it began"))
        return
    error = done.exception()
    if error is None:
        told.set_result(done.result())
    elif isinstance(error, BrokenProcessPool):
        how = how_it_ended(getattr(process, "exitcode", None)) or f": {type(error).__name__}"
        ended = WorkerEndedError(Stage.WORKER, f"the worker died{how}")
        ended.__cause__ = error
        told.set_exception(ended)
    else:
        told.set_exception(error)


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
