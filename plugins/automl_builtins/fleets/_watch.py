"""Watch: ask a cluster once a second who is there, in a thread, so that whoever wants to know need not wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
EVERY = 0.5
"""Seconds between two looks."""
CLOSE_SECONDS = 0.3
PATIENCE = 6.0
"""Seconds without an answer after which nobody can tell."""


class Watch(Generic[T]):
    """What was seen last, or what was raised."""

    def __init__(self, look: Callable[[], T], every: float = EVERY, patience: float = PATIENCE) -> None:
        """Look for the first time at once, and raise what that raises."""
        self._look, self._every, self._patience = look, every, patience
        self._seen, self._at = look(), time.monotonic()
        self._error: Exception | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="automl-fleet-watch", daemon=True)
        self._thread.start()

    def latest(self) -> T:
        """Return what was seen last; raise what the last look raised, or a TimeoutError where it hangs."""
        error = self._error
        if error is not None:
            raise error
        silent = time.monotonic() - self._at
        if silent > self._patience:
            raise TimeoutError(f"the cluster has not said for {silent:.0f} s which machines it has")
        return self._seen

    def close(self) -> None:
        """Look no more; a look that is under way is not waited for long, as nobody may be there to answer."""
        self._over.set()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                seen = self._look()
            except Exception as error:
                self._error = error
            else:
                self._seen, self._at, self._error = seen, time.monotonic(), None
