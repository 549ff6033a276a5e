"""Lines: progress as one plain line for each event, for logs, pipes and notebooks."""

from __future__ import annotations

from typing import TextIO

from automl.plugin_api import Event, SearchStarted
from automl_builtins.observers._view import View, describe, is_detail


class LineDisplay:
    """Writes a line for each candidate, the ensemble and the end; `detailed` adds folds and what is skipped."""

    def __init__(self, started: SearchStarted, stream: TextIO, *, detailed: bool) -> None:
        """Write the first line."""
        self._view = View(started)
        self._stream = stream
        self._detailed = detailed
        self._write(describe(started, self._view))

    def take(self, event: Event) -> None:
        """Write what happened."""
        self._view.take(event)
        if self._detailed or not is_detail(event):
            self._write(describe(event, self._view))

    def close(self) -> None:
        """Nothing is held open."""

    def _write(self, line: str) -> None:
        if line:
            print(line, file=self._stream, flush=True)
