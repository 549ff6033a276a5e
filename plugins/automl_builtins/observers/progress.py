"""Progress: shows a search while it runs, as a live panel on a terminal and as plain lines elsewhere."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import Protocol, TextIO

from automl.plugin_api import Event, SearchFinished, SearchStarted, hookimpl


class Display(Protocol):
    """Something that shows events until it is closed."""

    def take(self, event: Event) -> None:
        """Show what happened."""

    def close(self) -> None:
        """Give back whatever is held; may be called twice."""


class ProgressObserver:
    """Opens a display when a search starts and closes it when that ends.

    A display that breaks is closed and the search goes on in silence. One that was left open, since its search broke,
    is closed when the next search starts or the process ends.
    """

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._display: Display | None = None

    def observe(self, event: Event) -> None:
        """Show an event; never raises an `Exception` into the search."""
        try:
            if isinstance(event, SearchStarted):
                self.close()
                self._open(event)
            elif self._display is not None:
                self._display.take(event)
            if isinstance(event, SearchFinished):
                self.close()
        except Exception:  # a closed pipe or an odd terminal must not cost a search
            self.close()

    def close(self) -> None:
        """End the display, if one is open."""
        display, self._display = self._display, None
        atexit.unregister(self.close)
        if display is None:
            return
        try:
            display.close()
        except Exception:
            return

    def _open(self, started: SearchStarted) -> None:
        self._display = make_progress(started)
        if self._display is not None:
            atexit.register(self.close)


def make_progress(started: SearchStarted) -> Display | None:
    """Return the display that fits `verbose` and stderr, already showing; None to be silent."""
    stream = sys.stderr
    if started.verbose <= 0 or stream is None:
        return None
    detailed = started.verbose >= 2
    if can_redraw(stream):
        from automl_builtins.observers._live import LiveDisplay

        return LiveDisplay(started, stream, detailed=detailed)
    from automl_builtins.observers._lines import LineDisplay

    return LineDisplay(started, stream, detailed=detailed)


def can_redraw(stream: TextIO) -> bool:
    """Tell whether lines on the stream can be drawn over: a terminal that is neither dumb nor a notebook's cell."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and "ipykernel" not in sys.modules


class _OfThread(threading.local):
    """An observer for each thread: searches side by side in threads of one process have a display each."""

    def __init__(self) -> None:
        self.observer = ProgressObserver()


OBSERVERS = _OfThread()


@hookimpl
def automl_event(event: Event) -> None:
    """Show what happened; a search tells of it in the thread that it runs in."""
    OBSERVERS.observer.observe(event)
