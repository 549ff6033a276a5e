"""The Dask worker's side: what runs inside the workers of a cluster, beside their tasks."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import cloudpickle

from automl_builtins.fleets._calls import answer_of, question_of
from automl_builtins.fleets._relay import HolderError

HANDLER = "automl"
"""What workers are asked by; each search's calls go there."""
MOST_CALLS = 4096
LOOK_SECONDS = 0.25
"""How often a place looks whether it is still wanted."""
_held: Counter[tuple[str, str]] = Counter()
_workers: dict[str, Any] = {}
_lock = threading.Lock()


async def greet_worker(dask_worker: Any) -> None:
    """Have a worker answer our calls from now on, in threads of their own: its tasks and they hold up nobody."""
    dask_worker.handlers[HANDLER] = _answer
    _workers[dask_worker.address] = dask_worker


async def _answer(question: bytes) -> bytes:
    return await asyncio.get_running_loop().run_in_executor(_threads(), answer_of, question)


@cache
def _threads() -> Any:
    """Return threads that are made as they are needed, last as long as the process, and keep it from nothing."""
    from distributed.threadpoolexecutor import ThreadPoolExecutor

    return ThreadPoolExecutor(MOST_CALLS, thread_name_prefix="automl")


class Place:
    """One thread of one worker, taken as soon as it is unpickled there: the scheduler need not know this package."""

    def __init__(self, search: str) -> None:
        """Take the search that it is for."""
        self._search = search

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        """Unpickle as what holds the place."""
        return hold, (self._search,)


def hold(search: str) -> None:
    """Take the thread of the task that this runs in until the task is cancelled, as by the end of its client."""
    from distributed import get_worker

    worker = get_worker()
    place, key = (search, worker.address), worker.get_current_task()
    with _lock:
        _held[place] += 1
    try:
        while (task := worker.state.tasks.get(key)) is not None and task.state == "executing":
            time.sleep(LOOK_SECONDS)
    finally:
        with _lock:
            _held[place] -= 1


def places_held(search: str, address: str) -> int:
    """Return how many of a worker's threads a search has taken."""
    with _lock:
        return _held[search, address]


def take_over(
    giver: str, address: str, read: Callable[..., bytes], write: Callable[..., Any], arguments: tuple[Any, ...]
) -> Any:
    """Have a worker at `address` write what it reads from another; a HolderError where the other cannot be read."""
    worker = _workers[address]
    asked = worker.rpc(giver).automl(question=question_of(read, *arguments))
    try:
        read_there, chunk = cloudpickle.loads(
            asyncio.run_coroutine_threadsafe(asked, worker.loop.asyncio_loop).result()
        )
    except Exception as error:
        raise HolderError(f"{giver}: {type(error).__name__}: {error}") from error
    if not read_there:
        raise HolderError(f"{giver}: {type(chunk).__name__}: {chunk}")
    return write(chunk, *arguments)
