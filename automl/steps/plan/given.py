"""Given: what a search starts from: the user's data, and the options, plugins and clock that it goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from automl.registry import Registry
from automl.table.take_table import Extras
from automl.vocabulary.deadline import Deadline, Stopwatch
from automl.vocabulary.settings import SearchSettings


@dataclass(frozen=True, slots=True)
class Given:
    """What the user gave to be learned from; see `AutoML.fit`."""

    data: Any
    target: Any
    extras: Extras


@dataclass(frozen=True, slots=True)
class Search:
    """What every phase of a search goes by. `stopwatch` was started when the user called."""

    settings: SearchSettings
    registry: Registry
    stopwatch: Stopwatch

    @property
    def deadline(self) -> Deadline:
        """By when all of it must be done."""
        return Deadline(self.settings.time_limit, self.stopwatch.started)

    def elapsed(self) -> float:
        """Seconds since the user called, which is the time of every event."""
        return self.stopwatch.elapsed()
