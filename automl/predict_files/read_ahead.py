"""Read ahead: a file's next blocks are read in a thread while others are predicted, so many and no more."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import suppress
from queue import Empty, Full, Queue
from types import TracebackType

from automl.predict_files.nouns import Block

PATIENCE = 0.1
"""Seconds after which a thread that waits looks whether it is still wanted."""


class ReadAhead:
    """The blocks of a file, the next few of which are there already."""

    def __init__(self, blocks: Generator[Block], most: int) -> None:
        """Begin to read."""
        self._blocks, self._queue = blocks, Queue[Block | BaseException | None](most)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._read, name="automl-read-ahead", daemon=True)
        self.ended = False
        """Whether there are no more blocks."""

    def __enter__(self) -> ReadAhead:
        """Begin to read."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Read no further, and wait until nothing is being read."""
        self._is_over.set()
        self._thread.join()

    def next(self, seconds: float) -> Block | None:
        """Return the next block; None where it is not there in so many seconds, or where there are no more.

        Raises what reading it has raised.
        """
        if self.ended:
            return None
        try:
            found = self._queue.get(timeout=seconds) if seconds else self._queue.get_nowait()
        except Empty:
            return None
        self.ended = not isinstance(found, Block)
        if isinstance(found, BaseException):
            raise found
        return found

    def _read(self) -> None:
        try:
            for block in self._blocks:
                if not self._put(block):
                    return
            self._put(None)
        except BaseException as error:  # raised where the block is asked for
            self._put(error)
        finally:
            with suppress(Exception):
                self._blocks.close()  # a generator's file

    def _put(self, item: Block | BaseException | None) -> bool:
        while not self._is_over.is_set():
            with suppress(Full):
                self._queue.put(item, timeout=PATIENCE)
                return True
        return False
