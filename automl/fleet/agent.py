"""The agent: one process a machine that runs the slots there, and ends fits by its own clock and its own memory."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle

from automl.fleet.in_slot import go_first, run_sent
from automl.fleet.messages import Answer, Beat, Invitation, Joined, Kill, Leave, Reply, Request, Run
from automl.machine.find_gpus import find_gpus
from automl.machine.free_memory import free_memory_mb
from automl.machine.hold_folder import temporary_folder
from automl.machine.watch_memory import MemorySample, MemoryWatch
from automl.plugin_api.executors import Executor, Slot, Started, WorkerEndedError
from automl.plugin_api.line import Line
from automl.plugin_api.specs import ExecutorRequest
from automl.vocabulary.states import Again, Stage

TICK_SECONDS, REST_SECONDS = 0.05, 0.5
"""How often clock and memory are looked at while something runs, and while nothing does."""
START_SECONDS = 60.0
"""What a new worker may take to begin; afterwards the time of its function counts."""
MEMORY_SHARE = 0.8
"""Of what the machine has free, where nobody has said how much may be used."""
SECONDS_TO_END = 5.0
"""What ending all workers may take, once the line is gone; then the process ends whatever they do."""


@dataclass(slots=True)
class Running:
    """A call that a slot's worker is at."""

    number: int
    run: Run
    worker: Slot
    started: Started[Answer]
    handed_over: float
    ended: bool = False

    def overdue(self, now: float) -> float:
        """Return for how many seconds it has run, where that is more than it may; 0 where it is not."""
        began = self.started.began()
        if began is None:
            waited = now - self.handed_over
            return waited if waited > START_SECONDS + self.run.seconds else 0.0
        return now - began if now - began > self.run.seconds else 0.0


@dataclass(slots=True)
class _Done:
    """A worker has finished a call, or died of it."""

    running: Running


@dataclass(slots=True)
class Agent:
    """Runs one machine's slots for one controller.

    All that starts or ends workers happens in the thread that serves, which lasts: Linux ends them with the thread.
    """

    invitation: Invitation
    folder: Path
    line: Line
    inbox: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    running: dict[Slot, Running] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    """Calls that were to be ended before they had come."""
    heard: float = field(default_factory=time.monotonic)
    workers: dict[Slot, None] = field(default_factory=dict)
    """Every worker that was ever asked for something."""
    executor: Executor = field(init=False)
    watch: MemoryWatch = field(init=False)

    def __post_init__(self) -> None:
        """Build the executor; its workers are not started yet."""
        asked = self.invitation
        gpus = () if asked.n_gpus == 0 else find_gpus()[: asked.n_gpus]
        memory_mb = MEMORY_SHARE * free_memory_mb() if asked.memory_mb is None else asked.memory_mb
        initialize = partial(_prepare, asked.initialize)
        request = ExecutorRequest(asked.n_slots, 1, initialize, gpus, self.folder, memory_mb, modules=asked.modules)
        self.executor = asked.executor.build(request)
        self.watch = MemoryWatch(memory_mb)

    def serve(self) -> None:
        """Bring up the slots, and do what is asked until the controller leaves or is gone."""
        self.executor.start()
        try:
            self.line.send(Reply(0, Joined(self.executor.slots(), str(self.folder))))
            threading.Thread(target=self._listen, daemon=True).start()
            while time.monotonic() - self.heard <= self.invitation.heartbeat:
                try:
                    message = self.inbox.get(timeout=TICK_SECONDS if self.running else REST_SECONDS)
                except queue.Empty:
                    message = None
                if isinstance(message, Request) and isinstance(message.message, Leave):
                    break
                self._take(message)
                self._look_at_clock()
                self._look_at_memory()
        finally:
            _end_in(SECONDS_TO_END)
            self.executor.close()

    def _listen(self) -> None:
        """Take messages from the line, in a thread of its own."""
        try:
            while True:
                self.inbox.put(self.line.receive())
        except (EOFError, OSError):
            self.inbox.put(Request(0, Leave()))

    def _take(self, message: Any) -> None:
        if isinstance(message, _Done):
            self._finish(message.running)
        elif isinstance(message, Request):
            asked = message.message
            if isinstance(asked, Run):
                self._run(message.number, asked)
            elif isinstance(asked, Kill):
                self._kill(asked)
                self.line.send(Reply(message.number, None))
            elif isinstance(asked, Beat):
                self.heard = time.monotonic()
                begun = [each.run.call for each in self.running.values() if each.started.began() is not None]
                self.line.send(Reply(message.number, tuple(begun)))

    def _run(self, number: int, run: Run) -> None:
        slot = next(each for each in self.executor.slots() if each.number == run.slot)
        worker = slot.worker(run.runtime)
        if worker in self.running:  # which the controller has given up, or it would not send another
            self._end(self.running[worker], WorkerEndedError(Stage.WORKER, "ended, as its controller asked"))
        if run.call in self.given_up:
            self.given_up.discard(run.call)
            self._answer(number, WorkerEndedError(Stage.WORKER, "ended, as its controller asked"))
            return
        self.workers[worker] = None
        try:
            started = self.executor.submit(worker, run_sent, self.invitation.session, run.payload)
        except Exception as error:
            self._answer(number, error)
            return
        running = Running(number, run, worker, started, time.monotonic())
        self.running[worker] = running
        started.future.add_done_callback(lambda _: self.inbox.put(_Done(running)))

    def _kill(self, asked: Kill) -> None:
        worker = next(
            (each for each in self.workers if (each.number, each.runtime) == (asked.slot, asked.runtime)), None
        )
        running = self.running.get(worker) if worker is not None else None
        if not asked.call:
            if worker is not None and running is None:
                self.executor.kill(worker)
        elif running is not None and running.run.call == asked.call:
            self._end(running, WorkerEndedError(Stage.WORKER, "ended, as its controller asked"))
        else:
            self.given_up.add(asked.call)

    def _finish(self, running: Running) -> None:
        """Answer a call whose worker has returned, or died."""
        if running.ended:
            return
        del self.running[running.worker]
        future = running.started.future
        error = BrokenPipeError("cancelled") if future.cancelled() else future.exception()
        if error is None:
            self.line.send(Reply(running.number, future.result()))
        else:
            self._answer(running.number, error, running.started.last_words())

    def _end(self, running: Running, error: WorkerEndedError) -> None:
        """End a call with its worker, and say why."""
        running.ended = True
        del self.running[running.worker]
        self.executor.kill(running.worker)
        self._answer(running.number, error, running.started.last_words())

    def _answer(self, number: int, error: BaseException, words: str = "") -> None:
        self.line.send(Reply(number, Answer(cloudpickle.dumps(error), raised=True, words=words)))

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        for running in list(self.running.values()):
            if seconds := running.overdue(now):
                allowed = f"{running.run.seconds:.1f} s were allowed"
                cause = f"killed after {seconds:.1f} s, by the clock of its machine; {allowed}"
                self._end(running, WorkerEndedError(Stage.WORKER, cause))

    def _look_at_memory(self) -> None:
        """Give memory back where too much is used: first idle workers, then the largest call."""
        sample = self.watch.look(self.executor, self.workers)
        if sample is None:
            return
        idle = [worker for worker in sample.by_worker if worker not in self.running]
        for worker in idle:
            self.executor.kill(worker)
        if idle or not self.running:
            return
        largest = max(self.running, key=lambda worker: sample.by_worker.get(worker, 0.0))
        own = sample.by_worker.get(largest, 0.0)
        cause = (
            f"killed: the search took {sample.total_mb:.0f} MB of its machine's memory, {own:.0f} MB of it for this "
            f"fit; {self.watch.limit_mb:.0f} MB are allowed there"
        )
        self._end(self.running[largest], WorkerEndedError(Stage.MEMORY, cause, self._what_helps(sample, own)))

    def _what_helps(self, sample: MemorySample, own: float) -> Again:
        if len(self.running) > 1:
            return Again.FEWER_FITS
        return Again.FEWER_ROWS if sample.total_mb - own < self.watch.limit_mb else Again.NO


def _prepare(initialize: Callable[[], None] | None) -> None:
    """Prepare a worker of a slot."""
    go_first()
    if initialize is not None:
        initialize()


def _end_in(seconds: float) -> None:
    """End this process after some seconds, if it is still there then."""
    timer = threading.Timer(seconds, os._exit, (1,))
    timer.daemon = True
    timer.start()


def serve(line: Line) -> None:
    """Serve whoever is at the other end of the line, whose first message is an invitation."""
    try:
        invitation: Invitation = cloudpickle.loads(line.receive())
        with temporary_folder() as folder:
            Agent(invitation, folder, line).serve()
    except (EOFError, BrokenPipeError):  # nobody is there any more
        pass
    except Exception as error:
        line.send(Reply(0, error))
        raise


def main() -> None:
    """Serve the process that started this one, over its standard input and output."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nowhere, number)
    os.close(nowhere)
    serve(Line(reader, writer))
    sys.stderr.flush()
    os._exit(0)  # threads of libraries may hold the interpreter for long


if __name__ == "__main__":
    main()
