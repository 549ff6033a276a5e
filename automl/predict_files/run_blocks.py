"""Run blocks: on the slots of an executor, as many at once as there are, and their predictions in the order of rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from automl.errors import InputError
from automl.machine.watch_memory import MemoryWatch
from automl.plugin_api.executors import Executor, Slot, Started
from automl.predict_files.nouns import Block, Failed, Predicted
from automl.predict_files.read_ahead import ReadAhead

AHEAD = 2
"""Blocks for each slot that are read, under way, or done and not yet written."""
LOOK_SECONDS = 0.2
"""Between two looks at the memory."""
SOON_SECONDS = 0.02
"""Between two looks for the next block, where a slot waits for one."""
MOST_TRIES = 2
"""Of a block whose worker dies."""


@dataclass(slots=True)
class _Sent:
    """A block under way, or one whose worker has died and which waits for another."""

    block: Block
    slot: Slot | None = None
    started: Started[Any] | None = None
    tries: int = 0

    @property
    def future(self) -> Future[Any] | None:
        return None if self.started is None else self.started.future


class BlockRunner:
    """Runs blocks on slots; a worker that dies, or takes more memory than there is, costs its block a second run.

    Its slot is not used again where there are others: they have more memory then.
    """

    def __init__(self, executor: Executor, slots: tuple[Slot, ...], send: tuple[Any, ...], watch: MemoryWatch) -> None:
        """Begin with nothing sent; `send` is the function that predicts a block, with its first arguments."""
        self._executor, self._send, self._watch = executor, send, watch
        self._slots, self._free = list(slots), list(slots)
        self._order: deque[_Sent] = deque()

    @property
    def n_slots(self) -> int:
        """How many slots are in use."""
        return len(self._slots)

    def run(self, blocks: ReadAhead, stop: Callable[[], None] = lambda: None) -> Iterator[Predicted]:
        """Give the predictions of the blocks, in their order; raises the error of the first that has one."""
        while True:
            stop()
            self._submit(blocks)
            if not self._order and blocks.ended:
                return
            first = self._order[0].future if self._order else None
            if first is not None and first.done() and self._settle(self._order[0]):
                self._order.popleft()
                answer = first.result()
                if isinstance(answer, Failed):
                    raise answer.error
                yield answer
                continue
            self._wait(blocks)

    def _submit(self, blocks: ReadAhead) -> None:
        for sent in [each for each in self._order if each.slot is None and each.started is None]:
            if self._free:
                self._start(sent)
        while self._free and len(self._order) < AHEAD * len(self._slots):
            block = blocks.next(LOOK_SECONDS if not self._order else 0.0)
            if block is None:
                return
            self._order.append(_Sent(block))
            self._start(self._order[-1])

    def _start(self, sent: _Sent) -> None:
        sent.slot, sent.tries = self._free.pop(), sent.tries + 1
        function, *arguments = self._send
        sent.started = self._executor.submit(sent.slot, function, *arguments, sent.block)

    def _wait(self, blocks: ReadAhead) -> None:
        """Wait until a block is done, free the slots of those that are, and look at the memory."""
        under_way = [each.future for each in self._order if each.future is not None and each.slot is not None]
        has_room = self._free and not blocks.ended and len(self._order) < AHEAD * len(self._slots)
        if under_way:
            wait(under_way, timeout=SOON_SECONDS if has_room else LOOK_SECONDS, return_when=FIRST_COMPLETED)
        for sent in self._order:
            if sent.future is not None and sent.future.done():
                self._settle(sent)
        self._look_at_memory()

    def _settle(self, sent: _Sent) -> bool:
        """Free the slot of a block that is done; False where its worker has died, and it is to run again."""
        if sent.slot is None or sent.future is None:
            return True
        slot, sent.slot = sent.slot, None
        error = sent.future.exception()
        if error is None:
            self._free += [slot] if slot in self._slots else []
            return True
        self._executor.kill(slot)
        words = sent.started.last_words() if sent.started is not None else ""
        if sent.tries >= MOST_TRIES:
            raise InputError(_died(sent, words)) from error
        if len(self._slots) > 1:
            self._slots.remove(slot)
        else:
            self._free.append(slot)
        sent.started = None
        return False

    def _look_at_memory(self) -> None:
        sample = self._watch.look(self._executor, self._slots)
        busy = [each.slot for each in self._order if each.slot is not None]
        if sample is not None and busy:
            self._executor.kill(max(busy, key=lambda slot: sample.by_worker.get(slot, 0.0)))


def _died(sent: _Sent, words: str) -> str:
    said = f" Its last words: {words.strip().splitlines()[0]}" if words.strip() else ""
    place = f"{sent.block.place[:1].upper()}{sent.block.place[1:]}"
    return (
        f"{place} could not be predicted: the process that did it was ended {sent.tries} times, as the system "
        f"does where memory runs out, or a library by a crash.{said} Leave more memory free, or give fewer --jobs."
    )
