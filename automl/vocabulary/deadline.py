"""Deadline: one monotonic clock for everything that must end in time."""

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
class Deadline:
    """A moment to be done by; `seconds=None` means there is none."""

    seconds: float | None
    started: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Seconds since the clock was started."""
        return time.monotonic() - self.started

    def left(self) -> float:
        """Seconds left, never negative; infinity without a limit."""
        return math.inf if self.seconds is None else max(0.0, self.seconds - self.elapsed())

    def within(self, seconds: float) -> Deadline:
        """Return a deadline `seconds` from now, or this one's end if that is sooner."""
        left = min(seconds, self.left())
        return Deadline(None if math.isinf(left) else left)

    def earlier(self, seconds: float) -> Deadline:
        """Return the same clock with its end moved forward by `seconds`."""
        return self if self.seconds is None else Deadline(max(0.0, self.seconds - seconds), self.started)
