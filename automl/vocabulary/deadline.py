"""Deadline and Stopwatch: by when something must be done, and how long ago something began; both monotonic."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Protocol


class TimeLeft(Protocol):
    """Anything that says how much time there is."""

    def left(self) -> float:
        """Seconds left, never negative; infinity without a limit."""
        ...


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Says how long ago it was started."""

    started: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment to be done by, `seconds` after `started`; `seconds=None` means there is none.

    It says how much time is left, not how much has passed: one that was moved may count from any moment.
    """

    seconds: float | None
    started: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Seconds left, never negative; infinity without a limit."""
        return math.inf if self.seconds is None else max(0.0, self.seconds - (time.monotonic() - self.started))

    def within(self, seconds: float) -> Deadline:
        """Return a deadline `seconds` from now, or this one's end if that is sooner."""
        left = min(seconds, self.left())
        return Deadline(None if math.isinf(left) else left)

    def earlier(self, seconds: float) -> Deadline:
        """Return the same deadline, `seconds` sooner."""
        return self if self.seconds is None else Deadline(max(0.0, self.seconds - seconds), self.started)
