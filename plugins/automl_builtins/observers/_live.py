"""Live: progress as a small panel that is redrawn in place, for terminals."""

from __future__ import annotations

import math
import sys
import threading
from typing import TYPE_CHECKING, TextIO

from automl.plugin_api import EnsembleBuilt, Event, SearchFinished, SearchStarted, Status, TableAudited
from automl_builtins.observers._view import ENDS, View, counted, describe, is_detail, slot_name

if TYPE_CHECKING:
    from rich.console import RenderableType

REDRAWS_PER_SECOND = 2.0
"""The display shares the cores with the search; one redraw costs a few milliseconds of one core."""
MOST_SLOTS = 8
BAR_WIDTH = 30


class LiveDisplay:
    """Redraws time left, counts, the best score, what runs on each slot, and the lines of what ended last.

    The panel disappears at the end and leaves the ensemble's line and the reason behind. rich redraws in a daemon
    thread of its own; the cursor stays visible, so that even a killed process leaves the terminal as it was.
    """

    def __init__(self, started: SearchStarted, stream: TextIO, *, detailed: bool) -> None:
        """Start to draw."""
        from rich.console import Console
        from rich.live import Live

        self._view = View(started)
        self._detailed = detailed
        self._lock = threading.Lock()
        console = Console(file=stream)
        console.print(describe(started, self._view), markup=False, highlight=False, soft_wrap=True)
        self._live = Live(
            console=console,
            get_renderable=self.render,
            refresh_per_second=REDRAWS_PER_SECOND,
            transient=True,
            redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),
        )
        self._live.start()
        console.show_cursor(True)

    def take(self, event: Event) -> None:
        """Take in what happened; the next redraw shows it."""
        with self._lock:
            self._view.take(event)
            line = describe(event, self._view)
        if isinstance(event, EnsembleBuilt | SearchFinished | TableAudited) or (self._detailed and is_detail(event)):
            self._live.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Remove the panel and give the terminal back; may be called twice."""
        self._live.stop()

    def render(self) -> RenderableType:
        """Return the panel as it stands now."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            view, elapsed = self._view, self._view.elapsed()
            panel = Table.grid(padding=(0, 1))
            panel.add_row(*_budget(view, elapsed))
            panel.add_row("best", Text(_best(view), style="bold green"))
            panel.add_row("tried", counted(view.counts))
            for label, text in _running(view, elapsed):
                panel.add_row(label, Text(text, style="cyan"))
            last = [Text(line, style="dim", overflow="ellipsis", no_wrap=True) for line in view.lines]
        return Group(*last, panel)


def clock(seconds: float) -> str:
    """Return seconds as "1:05" or "1:02:05"."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _budget(view: View, elapsed: float) -> tuple[str, RenderableType]:
    """Return how much of the budget is used: its label, and a bar where it has an end."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    limit, trials = view.started.time_limit, view.started.max_trials
    line = Table.grid(padding=(0, 1))
    if limit is not None:
        bar = ProgressBar(limit, min(elapsed, limit), width=BAR_WIDTH)
        line.add_row(bar, f"{clock(max(0.0, limit - elapsed))} left of {clock(limit)}")
        return "time", line
    if trials is not None:
        ended = sum(view.counts[status] for status in ENDS if status is not Status.SKIPPED)
        line.add_row(ProgressBar(trials, min(ended, trials), width=BAR_WIDTH), f"{ended} of {trials}, {clock(elapsed)}")
        return "trials", line
    return "time", clock(elapsed)


def _best(view: View) -> str:
    if view.best_score is None:
        return f"no candidate is complete yet ({view.started.metric})"
    return f"{view.started.metric} {view.best_score:.5g}  {view.best_model}"


def _running(view: View, elapsed: float) -> list[tuple[str, str]]:
    """Return a label and a text for each slot at work, up to a number that fits a terminal."""
    if not view.running:
        return [("now", "the ensemble is built" if view.trials_ended else "no fit is running")]
    n_folds = view.started.n_folds
    texts = [
        f"{slot_name(slot, each.machine)}  {each.model:<18} fold {each.fold + 1} of {n_folds}  "
        f"{max(0.0, elapsed - each.since):.0f} s"
        for slot, each in sorted(view.running.items())
    ]
    hidden = len(texts) - MOST_SLOTS
    shown = texts[:MOST_SLOTS] + ([f"and {hidden} more"] if hidden > 0 else [])
    return [("now" if position == 0 else "", text) for position, text in enumerate(shown)]
