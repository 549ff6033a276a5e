"""Run blocks: on the slots of an executor, as many at once as there are, and their predictions in the order of rows."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pickle import PicklingError
from typing import Any

from automl.errors import InputError, error_line
from automl.machine.watch_memory import MemoryWatch
from automl.plugin_api.executors import CPU, Executor, Slot, Started, WorkerEndedError
from automl.predict_files.nouns import Block, Failed, NotAlikeError, Predicted
from automl.predict_files.read_ahead import ReadAhead
from automl.vocabulary.states import Stage

AHEAD = 2
"""Blocks for each slot that are read, under way, or done and not yet written."""
LOOK_SECONDS = 0.2
"""Between two looks at the memory."""
SOON_SECONDS = 0.02
"""Between two looks for the next block, where a slot waits for one."""
MOST_TRIES = 2
"""Of a block whose worker dies, and machines that are asked for one that fails there."""
ALONE_SECONDS = 15.0
"""So long without any slot, and blocks are predicted here until one is there."""


@dataclass(frozen=True, slots=True)
class Means:
    """What blocks are run with.

    send: the function that predicts a block, with its first arguments. here: predicts one in this process, which is
    asked where machines cannot. watch: of this machine's memory. most_bytes: what blocks may take of it at a time.
    """

    executor: Executor
    send: tuple[Any, ...]
    here: Callable[[Block], Predicted]
    watch: MemoryWatch
    most_bytes: float = math.inf


@dataclass(slots=True)
class _Sent:
    """A block that waits for a slot, is under way on one, or has its answer and waits for those before it."""

    block: Block
    slot: Slot | None = None
    started: Started[Any] | None = None
    tries: int = 0
    failures: int = 0
    answer: Predicted | Failed | None = None

    @property
    def waits(self) -> bool:
        return self.slot is None and self.answer is None

    @property
    def future(self) -> Future[Any] | None:
        return None if self.started is None else self.started.future

    @property
    def n_bytes(self) -> int:
        return len(self.block.data) + (len(self.answer.data) if isinstance(self.answer, Predicted) else 0)

    def ends(self, answer: Predicted | Failed) -> None:
        """Take the answer, and let go of the rows."""
        self.answer, self.block = answer, replace(self.block, data=b"")


class BlockRunner:
    """Runs blocks on slots; a worker that dies, or takes more memory than there is, costs its block a second run.

    Its slot is not used again where there are others: they have more memory then. Slots of other machines come and go.
    A machine that is lost gives its blocks back; one where a block fails that others can predict is left out.
    """

    def __init__(self, means: Means) -> None:
        """Begin with nothing sent."""
        self._means, self._executor = means, means.executor
        self._order: deque[_Sent] = deque()
        self._spent: set[Slot] = set()
        self._left_out: dict[str, str] = {}
        self._unsent = ""
        self._alone_since: float | None = None

    @property
    def n_slots(self) -> int:
        """How many slots are in use."""
        return len(self._slots())

    @property
    def told(self) -> tuple[str, ...]:
        """What was left out, and why, each without a full stop."""
        lost = tuple(f"the machine {host} was left out: {why}" for host, why in self._left_out.items())
        alone = f"this process predicted what cannot be sent to others: {self._unsent}"
        return (*lost, alone) if self._unsent else lost

    def run(self, blocks: ReadAhead) -> Iterator[Predicted]:
        """Give the predictions of the blocks, in their order; raises the error of the first that has one."""
        while True:
            self._collect()
            self._submit(blocks)
            if not self._order and blocks.ended:
                return
            self._predict_alone()
            answer = self._order[0].answer if self._order else None
            if answer is None:
                self._wait(blocks)
                continue
            self._order.popleft()
            if isinstance(answer, Failed):
                raise answer.error
            yield answer

    def _slots(self) -> list[Slot]:
        there = self._executor.slots()
        return [
            slot
            for slot in there
            if slot.device == CPU and slot not in self._spent and (not slot.host or slot.host not in self._left_out)
        ]

    def _free(self) -> list[Slot]:
        taken = {each.slot for each in self._order}
        return [slot for slot in self._slots() if slot not in taken]

    def _submit(self, blocks: ReadAhead) -> None:
        free = self._free()
        for sent in self._order:
            if free and sent.waits:
                self._start(sent, free.pop())
        while self._takes_more(free):
            block = blocks.next(0.0 if self._order else LOOK_SECONDS)
            if block is None:
                return
            self._order.append(_Sent(block))
            if free:
                self._start(self._order[-1], free.pop())

    def _takes_more(self, free: list[Slot]) -> bool:
        if not self._order:
            return True
        has_room = sum(each.n_bytes for each in self._order) < self._means.most_bytes
        return bool(free) and has_room and len(self._order) < AHEAD * self.n_slots

    def _start(self, sent: _Sent, slot: Slot) -> None:
        sent.slot = slot
        function, *arguments = self._means.send
        sent.started = self._executor.submit(slot, function, *arguments, sent.block)

    def _wait(self, blocks: ReadAhead) -> None:
        """Wait until a block is done, and look at the memory."""
        under_way = [each.future for each in self._order if each.future is not None and each.slot is not None]
        if under_way:
            soon = not blocks.ended and self._takes_more(self._free())
            wait(under_way, timeout=SOON_SECONDS if soon else LOOK_SECONDS, return_when=FIRST_COMPLETED)
        elif self._order:
            time.sleep(SOON_SECONDS)
        self._look_at_memory()

    def _collect(self) -> None:
        """Take in what has come of blocks, and free their slots."""
        for sent in self._order:
            if sent.slot is not None and sent.future is not None and sent.future.done():
                slot, sent.slot = sent.slot, None
                error = sent.future.exception()
                if error is None:
                    self._take(sent, slot, sent.future.result())
                else:
                    self._has_died(sent, slot, error)

    def _take(self, sent: _Sent, slot: Slot, answer: Predicted | Failed) -> None:
        if not slot.host or isinstance(answer, Predicted) or isinstance(answer.error, NotAlikeError):
            sent.ends(answer)
            return
        self._left_out.setdefault(slot.host, error_line(answer.error))
        sent.failures += 1
        if sent.failures >= MOST_TRIES:
            sent.ends(self._means.here(sent.block))

    def _has_died(self, sent: _Sent, slot: Slot, error: BaseException) -> None:
        """Have a block run again whose worker has died; a machine that is lost is none of its doing."""
        if isinstance(error, PicklingError):
            self._unsent = error_line(error)
            sent.ends(self._means.here(sent.block))
            return
        self._executor.kill(slot)
        if isinstance(error, WorkerEndedError) and error.stage is Stage.MACHINE:
            return
        sent.tries += 1
        if sent.tries >= MOST_TRIES:
            raise InputError(_died(sent)) from error
        if self.n_slots > 1:
            self._spent.add(slot)

    def _predict_alone(self) -> None:
        """Predict the first block in this process where no slot has been there for some time."""
        if self._slots():
            self._alone_since = None
            return
        now = time.monotonic()
        self._alone_since = now if self._alone_since is None else self._alone_since
        if self._order and self._order[0].waits and now - self._alone_since >= ALONE_SECONDS:
            self._order[0].ends(self._means.here(self._order[0].block))

    def _look_at_memory(self) -> None:
        sample = self._means.watch.look(self._executor, self._slots())
        if sample is None or not sample.by_worker:
            return
        busy = [each.slot for each in self._order if each.slot is not None]
        if busy:
            self._executor.kill(max(busy, key=lambda slot: sample.by_worker.get(slot, 0.0)))


def _died(sent: _Sent) -> str:
    words = sent.started.last_words() if sent.started is not None else ""
    said = f" Its last words: {words.strip().splitlines()[0]}" if words.strip() else ""
    place = f"{sent.block.place[:1].upper()}{sent.block.place[1:]}"
    return (
        f"{place} could not be predicted: the process that did it was ended {sent.tries} times, as the system "
        f"does where memory runs out, or a library by a crash.{said} Leave more memory free, or give fewer --jobs."
    )
