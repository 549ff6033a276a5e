"""Process slots: one warm process for each slot and runtime, so that a crash or a kill costs that slot alone."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Protocol, TypeVar

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
from automl_builtins.executors._forked_worker import BranchedTemplate, ForkedWorker, Template, can_fork
from automl_builtins.executors._loky_worker import WORKER_GONE, LokyWorker
from automl_builtins.executors._starting import open_descriptors, refuse_other_programs

T = TypeVar("T")
THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
SECONDS_TO_END = 2.0
"""How long a killed worker may take to go, when the executor closes."""


class Worker(Protocol):
    """A process that runs functions one after another, and stays warm from one to the next."""

    def submit(self, function: Callable[..., T], *arguments: object) -> Future[T]:
        """Run a function; one of `WORKER_GONE` where the process has died while idle."""

    def kill(self) -> threading.Thread | None:
        """End the process at once, and return the thread that sees to what is left of it."""

    def close(self) -> None:
        """End the process, and wait until it is gone."""

    def processes(self) -> tuple[int, ...]:
        """Return its id; none before it is up."""


class ProcessSlots:
    """A worker for each slot and runtime: forked of a process that has imported what fits need, or else started anew.

    Neither imports the user's `__main__`, so scripts need no guard; functions and classes of a script or notebook are
    pickled by value.
    """

    def __init__(self, request: ExecutorRequest) -> None:
        """Remember the request; no process is started yet."""
        self._request = request
        self._slots = request.slots()
        self._families = Families()
        self._template = (
            Template(self._threads(), request.initialize, request.modules.get("", ())) if can_fork() else None
        )
        self._branches: dict[str, BranchedTemplate] = {}
        """Of runtimes whose libraries are imported once for the workers of all slots."""
        self._workers: dict[Slot, Worker] = {}
        self._ending: list[threading.Thread] = []
        """Threads that see to workers which were killed."""

    def start(self) -> None:
        """Bring up one worker in each slot; their imports run while the caller goes on.

        Raises what the system raises where no process can be started here.
        """
        refuse_other_programs()
        open_descriptors()
        if os.name == "posix" and self._template is None:
            resource_tracker.ensure_running()  # its own start would let held interrupts through (Python 3.11)
        for slot in self.slots()[: self._request.n_slots]:
            self._worker(slot).submit(_ready)

    def slots(self) -> tuple[Slot, ...]:
        """Return a slot for each group of cores and each GPU."""
        return self._slots

    def submit(
        self,
        slot: Slot,
        function: Callable[..., T],
        *arguments: object,
        seconds: float = math.inf,  # noqa: ARG002  who submits looks at the clock
    ) -> Started[T]:
        """Run the function on a slot; a slot whose worker has died gets a new one first."""
        folder = self._request.folder
        call = LocalCall.in_folder(folder)
        try:
            future = self._worker(slot).submit(run_locally, folder, call.words, function, *arguments)
        except WORKER_GONE:
            self.kill(slot)
            future = self._worker(slot).submit(run_locally, folder, call.words, function, *arguments)
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
        worker = self._workers.pop(slot, None)
        if worker is not None:
            ends = worker.kill()
            self._ending = [each for each in (*self._ending, ends) if each is not None and each.is_alive()]

    def memory_mb(self, slot: Slot, *, quick: bool = False) -> float | None:
        """Return what a worker takes with all that it has started; None before it is up."""
        processes = self.processes(slot)
        return self._families.memory_mb(processes, quick=quick) if processes else None

    def processes(self, slot: Slot) -> tuple[int, ...]:
        """Return the id of a worker; none before it is up."""
        worker = self._workers.get(slot)
        return () if worker is None else worker.processes()

    def close(self) -> None:
        """End every worker and wait until they are gone."""
        workers, self._workers = list(self._workers.values()), {}
        for worker in workers:
            worker.close()
        ending, self._ending = self._ending, []
        for thread in ending:  # else a worker killed a moment ago would stand in the process table a little longer
            thread.join(SECONDS_TO_END)
        for template in (*self._branches.values(), self._template):
            if template is not None:
                template.close()

    def _worker(self, slot: Slot) -> Worker:
        if slot not in self._workers:
            environment, template = {**self._threads(), **self._seen(slot)}, self._template_of(slot)
            if template is not None:
                self._workers[slot] = ForkedWorker(template, environment)
            else:
                warm_up = self._request.initialize if self._is_common(slot) else None
                self._workers[slot] = LokyWorker(environment, warm_up)
        return self._workers[slot]

    def _template_of(self, slot: Slot) -> Template | None:
        """Return what a slot's worker is forked of; None where none is of use.

        Workers that see a GPU import the libraries of their runtime themselves, as they are to see it before.
        """
        trunk, modules = self._template, self._request.modules.get(slot.runtime, ())
        if trunk is None or trunk.of_no_use:
            return None
        if not slot.runtime or not modules or slot.gpu or len(self._slots) == 1:
            return trunk
        if slot.runtime not in self._branches:
            self._branches[slot.runtime] = BranchedTemplate(trunk, self._seen(slot), modules)
        branch = self._branches[slot.runtime]
        return None if branch.of_no_use else branch

    def _is_common(self, slot: Slot) -> bool:
        """Tell whether what all models need is worth importing before the first job."""
        return not slot.runtime and not slot.gpu

    def _seen(self, slot: Slot) -> Mapping[str, str]:
        """Return the GPU that a worker sees from before its first import on."""
        return {"CUDA_VISIBLE_DEVICES": slot.gpu} if self._request.gpus else {}

    def _threads(self) -> Mapping[str, str]:
        """Return how many threads a worker has for each library, found from before its first import on."""
        return {name: str(self._request.threads) for name in THREAD_VARIABLES}


def _ready() -> bool:
    return True


def build_process_slots(request: ExecutorRequest) -> ProcessSlots:
    """Build the executor."""
    return ProcessSlots(request)


PROCESS_SLOTS = ExecutorSpec(name="process_slots", build=build_process_slots, isolated=True)


@hookimpl
def automl_executors() -> list[ExecutorSpec]:
    """Offer the executor."""
    return [PROCESS_SLOTS]
