"""Last words: where a fit was when its process died, or when its time was over, for whoever is to mend the plugin."""

from __future__ import annotations

import faulthandler
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MOST_CHARACTERS = 4_000
LONGEST_SECONDS = 1e6
"""Beyond this the time is no limit, nor one that a timer takes."""


@contextmanager
def last_words(path: Path, seconds: float) -> Iterator[None]:
    """Have the stack written to a file where the process dies of a signal, or is still at it after so many seconds.

    A fit that ends leaves no file. Nothing is done where somebody else (a test runner, a debugger) listens to crashes.
    """
    if faulthandler.is_enabled():
        yield
        return
    with open(path, "w") as file:
        faulthandler.enable(file, all_threads=False)
        if math.isfinite(seconds) and seconds < LONGEST_SECONDS:
            faulthandler.dump_traceback_later(max(seconds, 0.01), file=file)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            faulthandler.disable()
    with suppress(OSError):
        path.unlink()


def read_last_words(path: Path) -> str:
    """Return what was written, empty where nothing was; the file is removed."""
    try:
        text = path.read_text(errors="replace")
        path.unlink()
    except OSError:
        return ""
    return text[:MOST_CHARACTERS]
