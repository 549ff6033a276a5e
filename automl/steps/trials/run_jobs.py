"""Run jobs: hand fits to slots, wait for them, and end those that outstay their time."""

from __future__ import annotations

import math
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pickle import PicklingError
from queue import Empty, SimpleQueue
from typing import Any

from automl.machine.watch_memory import MemorySample, MemoryWatch
from automl.plugin_api.executors import CPU, GPU, Executor, Slot, Started, WorkerEndedError
from automl.plugin_api.specs import ModelSpec
from automl.steps.fit.fit_fold import GRACE_SECONDS, GRACE_SHARE, IMPORT_SECONDS, FoldJob, fit_fold
from automl.steps.trials.assign_resources import lacks
from automl.steps.trials.follow_slots import Offer
from automl.vocabulary.results import Failure, FoldResult
from automl.vocabulary.states import Again, Stage

START_SECONDS = 20.0
"""What a new worker may take to start and import its libraries, on a busy machine, before a job's own time counts."""
TRAVEL_SECONDS = 10.0
"""What a job of another host may take besides, to get there and back; the host keeps the time of the fit itself."""
POLL_SECONDS, LOOK_SECONDS = 0.5, 0.1
"""How long at most nobody else gets to do something, and how often clock and memory are looked at meanwhile."""
MOST_PATIENCE, PATIENCE_SHARE = 60.0, 0.1
"""Seconds to wait for machines once there is none left, at most, and their share of the time limit."""


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
    again: Again = Again.NO
    """How a fit that was ended for lack of memory may fit in."""
    machine: str = ""
    """Where it ran, "" for this one."""


class Slots:
    """The slots of an executor: which are idle, what runs, what has come back.

    A slot runs one job at a time, but has a worker for each runtime that its jobs have asked for, since torch and the
    boosting libraries had better not share a process. Of each host's slots as many take jobs of a model with a runtime
    as `shared` says of the model and their number, the last ones: in a short search one more worker for each slot
    would cost more, in memory and time, than waiting for one.

    Slots are called by their number. Those with a GPU come last; models that gain from one run there alone, and nothing
    else does. Where there is an `offer`, new slots are used as they come, and those that are gone take no more jobs.

    Where those of this machine together take more memory than `watch` allows, idle workers give theirs back, then the
    largest fit is ended, and from then on one slot fewer is used, as long as there are several; so it is on other
    machines, whose executor ends fits itself.
    """

    def __init__(
        self,
        executor: Executor,
        slots: Sequence[Slot],
        shared: Callable[[ModelSpec, int], int] | None = None,
        watch: MemoryWatch | None = None,
        offer: Offer | None = None,
        patience: float = MOST_PATIENCE,
    ) -> None:
        """Begin with all slots idle: those of the executor's that are used, which may be fewer than it has.

        patience: seconds to wait for machines once there is none left.
        """
        self._patience = patience
        self._executor, self._shared, self._watch, self._offer = executor, shared, watch, offer
        self._closed: Counter[str] = Counter()
        self._running: dict[int, RunningJob] = {}
        self._done: SimpleQueue[tuple[int, Started[Any]]] = SimpleQueue()
        """What has come back, told by the futures themselves."""
        self._look_due = 0.0
        self._waits_since: float | None = None
        self._warm: set[Slot] = set()
        self._runtimes = {"": None}
        self._take(slots)

    def _take(self, slots: Iterable[Slot]) -> None:
        """Use these slots from now on."""
        self._slots = {slot.number: slot for slot in sorted(slots, key=lambda slot: slot.device == GPU)}
        cores = [slot for slot in self._slots.values() if slot.device == CPU]
        self.n_slots = len(cores)
        self._has_gpus = len(cores) < len(self._slots)
        self._beside = Counter((slot.host, slot.device) for slot in self._slots.values())
        self._place = {number: place for place, number in enumerate(self._slots)}
        ranks: Counter[str] = Counter()
        self._rank = {}
        for slot in cores:
            self._rank[slot.number] = ranks[slot.host]
            ranks[slot.host] += 1

    @property
    def running(self) -> tuple[RunningJob, ...]:
        """What runs now."""
        return tuple(self._running.values())

    def follow(self, *, at_once: bool = False) -> bool:
        """Look whether there are other slots by now, about once a second or `at_once`; tell whether there are."""
        if self._offer is None or not self._offer.look(at_once=at_once):
            return False
        self._take(self._offer.assignment.used)
        return True

    @property
    def are_gone(self) -> bool:
        """Whether there is none at all, as machines are gone."""
        return not self._slots

    def await_others(self, seconds: float = math.inf) -> bool:
        """Wait a moment, where nothing runs, for machines that may come; return False where none has come for long."""
        now = time.monotonic()
        self._waits_since = now if self._waits_since is None or self._are_joining() else self._waits_since
        if self._offer is None or not self._offer.comes_and_goes or now - self._waits_since >= self._patience:
            return False
        time.sleep(min(POLL_SECONDS, seconds))
        self.follow()
        return True

    def _are_joining(self) -> bool:
        """Tell whether machines are about to be there, where the executor can say so."""
        ask = getattr(self._executor, "joining", None)
        return bool(ask and ask())

    def idle(self) -> list[int]:
        """Return the slots that run nothing, in their order."""
        return [slot for slot in self._slots if slot not in self._running and not self._is_closed(slot)]

    def _is_closed(self, slot: int) -> bool:
        return bool(self._closed) and self._rank.get(slot, self.n_slots) < self._closed[self.host(slot)]

    def host(self, slot: int) -> str:
        """Return the machine of a slot, "" for this one."""
        return self._slots[slot].host

    def place(self, slot: int) -> int:
        """Return which of all slots one is, counted from 0."""
        return self._place[slot]

    def n_on(self, host: str) -> int:
        """Return how many slots a machine has without those of GPUs."""
        return self._beside[host, CPU]

    def has_gpu(self, slot: int) -> bool:
        """Return whether a slot is one with a GPU."""
        return self._slots[slot].device == GPU

    def suits(self, slot: int, spec: ModelSpec, memory_mb: float = 0.0) -> bool:
        """Return whether a slot takes jobs of a model that need so much memory."""
        place = self._slots[slot]
        if self._offer is not None and memory_mb > self._offer.assignment.memory_of.get(place.host, memory_mb):
            return False
        if lacks(place, spec):
            return False
        if self._has_gpus and (spec.gpu or self.has_gpu(slot)):
            return spec.gpu and self.has_gpu(slot)
        return self._rank[slot] >= self.n_on(place.host) - self._n_beside(slot, spec)

    def _n_beside(self, slot: int, spec: ModelSpec) -> int:
        """Return how many slots of a slot's host and device take jobs of a model."""
        place = self._slots[slot]
        there = self._beside[place.host, place.device]
        if place.device == GPU or not spec.runtime or self._shared is None:
            return there
        return self._shared(spec, there)

    def submit(self, slot: int, job: FoldJob) -> None:
        """Start a job on an idle slot."""
        worker = self._slots[slot].worker(job.spec.runtime)
        self._runtimes[worker.runtime] = None
        # Fits on other hosts see nothing of what those of this one share.
        sharing = min(job.sharing, self._n_beside(slot, job.spec))
        job = replace(job, threads=worker.threads, device=worker.device, gpu=worker.gpu, sharing=sharing)
        cold = worker not in self._warm
        seconds = granted_seconds(job) + (IMPORT_SECONDS if cold else 0.0)
        call = self._executor.submit(worker, fit_fold, job, seconds=seconds)
        self._running[slot] = RunningJob(job, slot, worker, call, time.monotonic(), cold)
        self._waits_since = None
        call.future.add_done_callback(lambda _: self._done.put((slot, call)))

    def wait(self, seconds: float) -> list[FinishedJob]:
        """Return what finishes first, within `seconds`; overdue jobs are killed and come back as failures."""
        self.follow()
        if not self._running:
            return []
        until = time.monotonic() + min(seconds, POLL_SECONDS)
        while True:
            limit = min(until, self._look_due)
            arrived = self._arrived(max(0.0, min(LOOK_SECONDS, limit - time.monotonic())))
            finished = [*self._collect(arrived), *self._look()]
            if finished or not self._running or time.monotonic() >= until:
                return finished

    def _arrived(self, seconds: float) -> set[int]:
        """Wait so long until a job is back; return the slots of all that are."""
        arrived = set()
        try:
            slot, call = self._done.get(timeout=seconds) if seconds > 0 else self._done.get_nowait()
            while True:
                running = self._running.get(slot)
                if running is not None and running.call is call:  # else it was killed, and its future knows by now
                    arrived.add(slot)
                slot, call = self._done.get_nowait()
        except Empty:
            return arrived

    def kill(self, slot: int, cause: str, stage: Stage = Stage.WORKER) -> FinishedJob:
        """End a slot's job at once; it comes back as a failure with this cause."""
        running = self._running.pop(slot)
        self._end(running.worker)
        failure = _failure(running.job, cause, running.call.last_words(), stage)
        return FinishedJob(running.job, slot, failure, machine=running.worker.host)

    def kill_all(self, cause: str, stage: Stage = Stage.WORKER) -> list[FinishedJob]:
        """End every running job."""
        return [self.kill(slot, cause, stage) for slot in list(self._running)]

    def _look(self) -> Iterator[FinishedJob]:
        """Look at the clock of each job, and at the memory of all."""
        now = time.monotonic()
        if now >= self._look_due:
            for slot, running in list(self._running.items()):
                if running.is_up():  # from now on its own time counts
                    self._running[slot] = replace(running, started=now, up=True)
                elif now >= running.overdue_at:
                    seconds = now - running.started
                    yield self.kill(slot, f"killed after {seconds:.1f} s; it was given {running.job.seconds:.1f} s")
            limits = (each.overdue_at for each in self._running.values())
            self._look_due = min((now + LOOK_SECONDS, *limits))
        yield from self._relieve()

    def _relieve(self) -> Iterator[FinishedJob]:
        """Give memory back where too much is used."""
        if self._watch is None:
            return
        workers = (
            slot.worker(runtime) for runtime in self._runtimes for slot in self._executor.slots() if not slot.host
        )
        sample = self._watch.look(self._executor, workers)
        if sample is None:
            return
        busy = {each.worker: each.slot for each in self._running.values() if not each.worker.host}
        idle = [worker for worker in sample.by_worker if worker not in busy]
        for worker in idle:
            self._end(worker)
        if idle or not busy:
            return
        largest = max(busy, key=lambda worker: sample.by_worker.get(worker, 0.0))
        cause, again = self._too_much(sample, largest), self._what_helps(sample, largest, len(busy))
        running = self._running.pop(busy[largest])
        self._end(largest)
        yield self._short(
            FinishedJob(running.job, running.slot, _failure(running.job, cause, stage=Stage.MEMORY), again)
        )

    def _short(self, finished: FinishedJob) -> FinishedJob:
        """Use one slot fewer of a machine where that helps, as long as it has several."""
        if finished.again == Again.FEWER_FITS:
            most = max(0, self.n_on(finished.machine) - 1)
            self._closed[finished.machine] = min(self._closed[finished.machine] + 1, most)
        return finished

    def _what_helps(self, sample: MemorySample, worker: Slot, n_fits: int) -> Again:
        if n_fits > 1:
            return Again.FEWER_FITS
        others = sample.total_mb - sample.by_worker.get(worker, 0.0)
        return Again.FEWER_ROWS if self._watch is not None and others < self._watch.limit_mb else Again.NO

    def _too_much(self, sample: MemorySample, worker: Slot) -> str:
        limit = self._watch.limit_mb if self._watch is not None else 0.0
        return (
            f"killed: the search took {sample.total_mb:.0f} MB of memory, {sample.by_worker.get(worker, 0.0):.0f} MB "
            f"of it for this fit; memory_limit allows {limit:.0f} MB"
        )

    def _collect(self, arrived: set[int]) -> Iterator[FinishedJob]:
        for slot in [slot for slot in self._running if slot in arrived]:
            running = self._running.pop(slot)
            result, again = self._result(running)
            if isinstance(result, Failure) and result.stage == Stage.MACHINE:
                self.follow(at_once=True)  # else the next job would go to what is lost
            yield self._short(FinishedJob(running.job, slot, result, again, running.worker.host))

    def _result(self, running: RunningJob) -> tuple[FoldResult | Failure, Again]:
        future = running.call.future
        error = CancelledError("nobody waits for it any more") if future.cancelled() else future.exception()
        if error is None:
            self._warm.add(running.worker)
            result: FoldResult | Failure = future.result()
            host = running.worker.host
            return (replace(result, machine=host) if host and isinstance(result, FoldResult) else result), Again.NO
        words = running.call.last_words()
        text = words + "".join(traceback.format_exception(error))
        if isinstance(error, WorkerEndedError):  # and so its executor has seen to what is left of it
            self._warm.discard(running.worker)
            return _failure(running.job, error.cause, words, error.stage), error.again
        if isinstance(error, PicklingError):  # it has not reached the worker, which is as it was
            return _failure(running.job, f"cannot be sent to a worker: {_last_line(error)}", text), Again.NO
        self._end(running.worker)  # whatever is left of the worker; the slot comes back with its next job
        return _failure(running.job, f"the worker died: {_first_line(error)}", text), Again.NO

    def _end(self, worker: Slot) -> None:
        self._warm.discard(worker)
        self._executor.kill(worker)


def patience(time_limit: float | None) -> float:
    """Return how many seconds to wait for machines once there is none left."""
    return MOST_PATIENCE if time_limit is None else min(MOST_PATIENCE, PATIENCE_SHARE * time_limit)


def granted_seconds(job: FoldJob) -> float:
    """Return how long a job may run before its worker is ended."""
    return job.seconds * (1 + GRACE_SHARE) + GRACE_SECONDS


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')[:200]}"


def _last_line(error: BaseException) -> str:
    """Return the last line of what the error came from, which says more than the error itself."""
    lines = str(error.__cause__ or error).strip(" \n'\"").splitlines()
    return lines[-1][:200] if lines else type(error).__name__


def _failure(job: FoldJob, cause: str, text: str = "", stage: Stage = Stage.WORKER) -> Failure:
    return Failure.of(job.candidate, stage, cause, text, job.fold)
