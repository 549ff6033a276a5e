"""Hold interrupts: let Ctrl-C wait while something is cleaned up, so that nothing is left behind half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Keep a Ctrl-C until the block is done; it then arrives as if it had been pressed just now.

    Python interrupts its main thread alone, so elsewhere there is nothing to hold. What the block does has to be short.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    waiting: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if waiting:
            signal.raise_signal(signal.SIGINT)
