"""Process slots: one warm single-worker process for each slot, so that a crash or a kill costs that slot alone."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, TypeVar

from automl.plugin_api import (
    ExecutorRequest,
    ExecutorSpec,
    Families,
    LocalCall,
    Ref,
    Slot,
    Started,
    discard_locally,
    fetch_locally,
    hookimpl,
    publish_locally,
    run_locally,
)
from automl_builtins.executors._starting import able_to_start, open_descriptors, refuse_other_programs

T = TypeVar("T")
THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip


NO_STACKS = {"PYTHONFAULTHANDLER": ""}
"""Keeps loky from having Python's stacks printed on a crash: a function that runs here may have them written."""


SECONDS_TO_END = 2.0
"""How long a killed worker may take to go, when the executor closes."""
PARENT_DEATH_SIGNAL = 1
"""What prctl(2) is asked for."""


class ProcessSlots:
    """One loky executor of one worker for each slot; workers stay warm from one function to the next.

    loky starts workers without importing the user's `__main__`, so scripts need no guard, and pickles functions and
    classes of a script or notebook by value.
    """

    def __init__(self, request: ExecutorRequest) -> None:
        """Remember the request; no process is started yet."""
        self._request = request
        self._slots = request.slots()
        self._families = Families()
        self._pools: dict[Slot, Any] = {}
        self._ending: list[threading.Thread] = []
        """loky's threads that end, and then collect, workers that were killed."""

    def start(self) -> None:
        """Bring up one worker in each slot; their imports run while the caller goes on.

        Raises what the system raises where no process can be started here.
        """
        refuse_other_programs()
        open_descriptors()
        if os.name == "posix":
            resource_tracker.ensure_running()  # its own start would let held interrupts through (Python 3.11)
        for slot in self.slots()[: self._request.n_slots]:
            self._hand_over(slot, _ready)

    def slots(self) -> tuple[Slot, ...]:
        """Return a slot for each group of cores and each GPU."""
        return self._slots

    def submit(
        self,
        slot: Slot,
        function: Callable[..., T],
        *arguments: Any,
        seconds: float = math.inf,  # noqa: ARG002  who submits looks at the clock
    ) -> Started[T]:
        """Run the function on a slot; a slot whose worker has died gets a new one first."""
        folder = self._request.folder
        call = LocalCall.in_folder(folder)
        try:
            future = self._hand_over(slot, run_locally, folder, call.words, function, *arguments)
        except (BrokenProcessPool, RuntimeError):  # the worker died while idle, or was shut down
            self.kill(slot)
            future = self._hand_over(slot, run_locally, folder, call.words, function, *arguments)
        return call.started(future)

    def publish(self, name: str, files: Mapping[str, Path]) -> Ref:
        """Name files, which every worker sees."""
        return publish_locally(name, files)

    def fetch(self, put: Ref) -> bytes:
        """Read what a worker has written."""
        return fetch_locally(put)

    def discard(self, put: Ref) -> None:
        """Remove what a worker has written."""
        discard_locally(put)

    def kill(self, slot: Slot) -> None:
        """End the slot's worker at once; its future fails, and the next function gets a new worker."""
        pool = self._pools.pop(slot, None)
        if pool is not None:
            ends = getattr(pool, "_executor_manager_thread", None)
            self._ending = [each for each in (*self._ending, ends) if each is not None and each.is_alive()]
            pool.shutdown(wait=False, kill_workers=True)

    def memory_mb(self, slot: Slot, *, quick: bool = False) -> float | None:
        """Return what a worker takes with all that it has started; None before it is up."""
        processes = self.processes(slot)
        return self._families.memory_mb(processes, quick=quick) if processes else None

    def processes(self, slot: Slot) -> tuple[int, ...]:
        """Return the id of a worker; none before it is up."""
        pool = self._pools.get(slot)
        return tuple(getattr(pool, "_processes", None) or ())

    def close(self) -> None:
        """End every worker and wait until they are gone."""
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            with contextlib.suppress(Exception):  # a pool whose worker has died has nothing left to end
                pool.shutdown(wait=True, kill_workers=True)
        ending, self._ending = self._ending, []
        for thread in ending:  # else a worker killed a moment ago would stand in the process table a little longer
            thread.join(SECONDS_TO_END)

    def _hand_over(self, slot: Slot, function: Callable[..., T], *arguments: Any) -> Future[T]:
        with able_to_start():
            future: Future[T] = self._pool(slot).submit(function, *arguments)
            return future

    def _pool(self, slot: Slot) -> Any:
        if slot not in self._pools:
            from loky.process_executor import ProcessPoolExecutor

            self._pools[slot] = ProcessPoolExecutor(
                max_workers=1,
                timeout=None,
                initializer=_initialize,
                initargs=(os.getpid(), self._request.initialize if self._is_common(slot) else None),
                env={**self._environment(slot), **NO_STACKS},
            )
        return self._pools[slot]

    def _is_common(self, slot: Slot) -> bool:
        """Tell whether what all models need is worth importing before the first job."""
        return not slot.runtime and not slot.gpu

    def _environment(self, slot: Slot) -> dict[str, str]:
        """Return what a worker finds set before it imports anything: its threads, and the GPU that it sees."""
        seen = {"CUDA_VISIBLE_DEVICES": slot.gpu} if self._request.gpus else {}
        return {**{name: str(self._request.threads) for name in THREAD_VARIABLES}, **seen}


def _ready() -> bool:
    return True


def _initialize(parent: int, warm_up: Callable[[], None] | None) -> None:
    """Prepare a worker: leave Ctrl-C to the controller, end with it, be silent, keep caches, import what fits need."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_at_once_with_parent()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _be_silent()
    _allow_caches()
    if warm_up is not None:
        warm_up()


def _be_silent() -> None:
    """Let what libraries print go nowhere: it would bury the progress, or fill the user's log."""
    sink = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(sink, stream)
    os.close(sink)


def _end_at_once_with_parent() -> None:
    """Have Linux end this process when the thread that started it ends: a fit in C lets no thread of its own look."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _end_with(parent: int) -> None:
    """End this process when the controller is gone, however it ended."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _allow_caches() -> None:
    """Keep loky from replacing a worker whose memory grew: the growth is the cache, which is bounded."""
    from loky import process_executor

    if hasattr(process_executor, "_MAX_MEMORY_LEAK_SIZE"):
        process_executor._MAX_MEMORY_LEAK_SIZE = float("inf")


def build_process_slots(request: ExecutorRequest) -> ProcessSlots:
    """Build the executor."""
    return ProcessSlots(request)


PROCESS_SLOTS = ExecutorSpec(name="process_slots", build=build_process_slots, isolated=True)


@hookimpl
def automl_executors() -> list[ExecutorSpec]:
    """Offer the executor."""
    return [PROCESS_SLOTS]
