"""Run jobs: hand fits to slots, wait for them, and end those that outstay their time."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, replace
from pickle import PicklingError
from typing import Any

from automl.machine.watch_memory import MemorySample, MemoryWatch
from automl.plugin_api.executors import GPU, Executor, Slot, Started
from automl.plugin_api.specs import ModelSpec
from automl.steps.fit.fit_fold import GRACE_SECONDS, GRACE_SHARE, IMPORT_SECONDS, FoldJob, fit_fold
from automl.vocabulary.results import Failure, FoldResult
from automl.vocabulary.states import Stage

START_SECONDS = 20.0
"""What a new worker may take to start and import its libraries, on a busy machine, before a job's own time counts."""
TRAVEL_SECONDS = 10.0
"""What a job of another host may take besides, to get there and back; the host keeps the time of the fit itself."""
POLL_SECONDS, LOOK_SECONDS = 0.5, 0.1
"""How long at most nobody else gets to do something, and how often memory is looked at meanwhile."""
FEWER_FITS, FEWER_ROWS = "with fewer fits at once", "on fewer rows"


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job on a slot since `started` (monotonic seconds); `worker` is the executor's number for where it runs."""

    job: FoldJob
    slot: int
    worker: Slot
    call: Started[Any]
    started: float
    cold: bool
    """Whether the slot's worker was still starting up."""
    up: bool = False
    """Whether such a worker has begun the job since; `started` says when that was noticed."""

    @property
    def overdue_at(self) -> float:
        """When its worker is to be killed."""
        start_up = 0.0 if not self.cold else IMPORT_SECONDS if self.up else START_SECONDS
        return self.started + start_up + granted_seconds(self.job) + (TRAVEL_SECONDS if self.worker.host else 0.0)

    def is_up(self) -> bool:
        """Tell whether a worker that was starting has begun the job; one of a runtime of its own still has imports."""
        return self.cold and not self.up and not self.job.spec.runtime and self.call.began() is not None


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """A job with what came of it."""

    job: FoldJob
    slot: int
    result: FoldResult | Failure
    again: str = ""
    """How a fit that was ended for lack of memory may fit in: `FEWER_FITS`, `FEWER_ROWS`, or "" where nothing helps."""


class Slots:
    """The slots of an executor: which are idle, what runs, what has come back.

    A slot runs one job at a time, but has a worker for each runtime that its jobs have asked for, since torch and the
    boosting libraries had better not share a process. `n_shared` slots take jobs of a runtime, the last ones: in a
    short search the start of one more worker for each slot would cost more than waiting for one.

    Slots are called by their place here. Those with a GPU come last; models that gain from one run there alone, and
    nothing else does.

    Where all of them together take more memory than `watch` allows, idle workers give theirs back, then the largest
    fit is ended, and from then on one slot fewer is used, as long as there are several.
    """

    def __init__(
        self,
        executor: Executor,
        slots: Sequence[Slot],
        n_shared: int | None = None,
        watch: MemoryWatch | None = None,
    ) -> None:
        """Begin with all slots idle: those of the executor's that are used, which may be fewer than it has."""
        self._slots = sorted(slots, key=lambda slot: slot.device == GPU)
        self._n_gpus = sum(slot.device == GPU for slot in slots)
        self._watch = watch
        self._closed_slots = 0
        self._executor = executor
        self._running: dict[int, RunningJob] = {}
        self._warm: set[Slot] = set()
        self._runtimes = {"": None}
        self.n_slots = len(slots) - self._n_gpus
        self._first_shared = self.n_slots - (self.n_slots if n_shared is None else n_shared)

    @property
    def running(self) -> tuple[RunningJob, ...]:
        """What runs now."""
        return tuple(self._running.values())

    def idle(self) -> list[int]:
        """Return the slots that run nothing, lowest first."""
        numbers = range(self._closed_slots, len(self._slots))
        return [slot for slot in numbers if slot not in self._running]

    def has_gpu(self, slot: int) -> bool:
        """Return whether a slot is one with a GPU."""
        return self._slots[slot].device == GPU

    def suits(self, slot: int, spec: ModelSpec) -> bool:
        """Return whether a slot takes jobs of a model."""
        if self._n_gpus and (spec.gpu or self.has_gpu(slot)):
            return spec.gpu and self.has_gpu(slot)
        return not spec.runtime or slot >= self._first_shared

    def submit(self, slot: int, job: FoldJob) -> None:
        """Start a job on an idle slot."""
        worker = self._slots[slot].worker(job.spec.runtime)
        self._runtimes[worker.runtime] = None
        # Fits on other hosts see nothing of what those of this one share.
        beside = sum((each.host, each.device) == (worker.host, worker.device) for each in self._slots)
        sharing = min(job.sharing, beside)
        job = replace(job, threads=worker.threads, device=worker.device, gpu=worker.gpu, sharing=sharing)
        cold = worker not in self._warm
        seconds = granted_seconds(job) + (IMPORT_SECONDS if cold else 0.0)
        call = self._executor.submit(worker, fit_fold, job, seconds=seconds)
        self._running[slot] = RunningJob(job, slot, worker, call, time.monotonic(), cold)

    def wait(self, seconds: float) -> list[FinishedJob]:
        """Return what finishes first, within `seconds`; overdue jobs are killed and come back as failures."""
        if not self._running:
            return []
        until = time.monotonic() + min(seconds, POLL_SECONDS)
        while True:
            limits = [until, *(each.overdue_at for each in self._running.values())]
            timeout = max(0.0, min(LOOK_SECONDS, min(limits) - time.monotonic()))
            wait([each.call.future for each in self._running.values()], timeout=timeout, return_when=FIRST_COMPLETED)
            finished = [*self._collect(), *self._relieve()]
            if finished or not self._running or time.monotonic() >= until:
                return finished

    def kill(self, slot: int, cause: str, stage: Stage = Stage.WORKER) -> FinishedJob:
        """End a slot's job at once; it comes back as a failure with this cause."""
        running = self._running.pop(slot)
        self._end(running.worker)
        return FinishedJob(running.job, slot, _failure(running.job, cause, running.call.last_words(), stage))

    def kill_all(self, cause: str, stage: Stage = Stage.WORKER) -> list[FinishedJob]:
        """End every running job."""
        return [self.kill(slot, cause, stage) for slot in list(self._running)]

    def _relieve(self) -> Iterator[FinishedJob]:
        """Give memory back where too much is used."""
        if self._watch is None:
            return
        workers = [slot.worker(runtime) for runtime in self._runtimes for slot in self._executor.slots()]
        sample = self._watch.look(self._executor, workers)
        if sample is None:
            return
        busy = {each.worker: each.slot for each in self._running.values()}
        idle = [worker for worker in sample.by_worker if worker not in busy]
        for worker in idle:
            self._end(worker)
        if idle or not busy:
            return
        largest = max(busy, key=lambda worker: sample.by_worker.get(worker, 0.0))
        cause, again = self._too_much(sample, largest), self._what_helps(sample, largest, len(busy))
        if again == FEWER_FITS:
            self._closed_slots = min(self._closed_slots + 1, self.n_slots - 1)
        running = self._running.pop(busy[largest])
        self._end(largest)
        yield FinishedJob(running.job, running.slot, _failure(running.job, cause, stage=Stage.MEMORY), again)

    def _what_helps(self, sample: MemorySample, worker: Slot, n_fits: int) -> str:
        if n_fits > 1:
            return FEWER_FITS
        others = sample.total_mb - sample.by_worker.get(worker, 0.0)
        return FEWER_ROWS if self._watch is not None and others < self._watch.limit_mb else ""

    def _too_much(self, sample: MemorySample, worker: Slot) -> str:
        limit = self._watch.limit_mb if self._watch is not None else 0.0
        return (
            f"killed: the search took {sample.total_mb:.0f} MB of memory, {sample.by_worker.get(worker, 0.0):.0f} MB "
            f"of it for this fit; memory_limit allows {limit:.0f} MB"
        )

    def _collect(self) -> Iterator[FinishedJob]:
        for slot, running in list(self._running.items()):
            if running.call.future.done():
                del self._running[slot]
                yield FinishedJob(running.job, slot, self._result(running))
            elif running.is_up():  # from now on its own time counts
                self._running[slot] = replace(running, started=time.monotonic(), up=True)
            elif time.monotonic() >= running.overdue_at:
                seconds = time.monotonic() - running.started
                yield self.kill(slot, f"killed after {seconds:.1f} s; it was given {running.job.seconds:.1f} s")

    def _result(self, running: RunningJob) -> FoldResult | Failure:
        error = running.call.future.exception()
        if error is None:
            self._warm.add(running.worker)
            result: FoldResult | Failure = running.call.future.result()
            return result
        text = running.call.last_words() + "".join(traceback.format_exception(error))
        if isinstance(error, PicklingError):  # it has not reached the worker, which is as it was
            return _failure(running.job, f"cannot be sent to a worker: {_last_line(error)}", text)
        self._end(running.worker)  # whatever is left of the worker; the slot comes back with its next job
        return _failure(running.job, f"the worker died{_exit_codes(error)}: {_first_line(error)}", text)

    def _end(self, worker: Slot) -> None:
        self._warm.discard(worker)
        self._executor.kill(worker)


def granted_seconds(job: FoldJob) -> float:
    """Return how long a job may run before its worker is ended."""
    return job.seconds * (1 + GRACE_SHARE) + GRACE_SECONDS


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')[:200]}"


def _exit_codes(error: BaseException) -> str:
    """Return how the worker ended, such as " with SIGKILL(-9)", where the error says so on a later line."""
    found = re.search(r"exit codes of the workers are \{(.+?)\}", str(error))
    return f" with {found[1]}" if found else ""


def _last_line(error: BaseException) -> str:
    """Return the last line of what the error came from, which says more than the error itself."""
    lines = str(error.__cause__ or error).strip(" \n'\"").splitlines()
    return lines[-1][:200] if lines else type(error).__name__


def _failure(job: FoldJob, cause: str, text: str = "", stage: Stage = Stage.WORKER) -> Failure:
    return Failure(
        model=job.candidate.model,
        stage=stage,
        cause=cause,
        traceback=text,
        candidate_id=job.candidate.id,
        params=job.candidate.params,
        fold=job.fold,
    )
