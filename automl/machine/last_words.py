"""Last words: where a fit was when its process died, or when its time was over, for whoever is to mend the plugin."""

from __future__ import annotations

import faulthandler
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

LONGEST_SECONDS = 1e6
"""Beyond this the time is no limit, nor one that a timer takes."""


@contextmanager
def last_words(file: IO[bytes] | None, seconds: float) -> Iterator[None]:
    """Have the stack written to a file where the process dies of a signal, or is still at it after so many seconds.

    Nothing is done without a file, nor where somebody else (a test runner, a debugger) listens to crashes.
    """
    if file is None or faulthandler.is_enabled():
        yield
        return
    faulthandler.enable(file, all_threads=False)
    if math.isfinite(seconds) and seconds < LONGEST_SECONDS:
        faulthandler.dump_traceback_later(max(seconds, 0.01), file=file)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        faulthandler.disable()
