"""Worker life: what a process does that runs fits, before the first and until its controller is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time

PARENT_DEATH_SIGNAL = 1
"""What prctl(2) is asked for."""


def begin(parent: int) -> None:
    """Prepare a worker: leave Ctrl-C to the controller, end with its parent, be silent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_at_once_with_parent()
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    be_silent()


def be_silent() -> None:
    """Let what libraries print go nowhere: it would bury the progress, or fill the user's log."""
    sink = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(sink, stream)
    os.close(sink)


def end_at_once_with_parent() -> None:
    """Have Linux end this process when the thread that started it ends: a fit in C lets no thread of its own look."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


def end_with(parent: int) -> None:
    """End this process when its parent is gone, however that ended."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def how_it_ended(code: int | None) -> str:
    """Return how a process ended, such as " with SIGKILL(-9)"; "" where its exit code is not known."""
    if code is None:
        return ""
    name = signal.Signals(-code).name if code < 0 else "EXIT"
    return f" with {name}({code})"
