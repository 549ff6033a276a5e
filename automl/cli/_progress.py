"""Progress: how far a long prediction has come, on stderr: one line that changes, or one now and then."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl.predict_files.nouns import Progress

LONG_SECONDS = 5.0
"""Before this nothing is told."""
EVERY_SECONDS = (0.5, 30.0)
"""Between two tellings, on a terminal and on none."""
MINUTE = 60


@contextmanager
def told_rows() -> Iterator[Callable[[Progress], None]]:
    """Give what tells how far predicting rows has come."""
    on_terminal = sys.stderr.isatty()
    told = [LONG_SECONDS - EVERY_SECONDS[not on_terminal]]

    def tell(progress: Progress) -> None:
        if progress.seconds < told[0] + EVERY_SECONDS[not on_terminal]:
            return
        told[0] = progress.seconds
        sys.stderr.write(f"\r{in_words(progress)}\x1b[K" if on_terminal else f"{in_words(progress)}\n")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        if on_terminal and told[0] >= LONG_SECONDS:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def in_words(progress: Progress) -> str:
    """Return how far it has come as a line."""
    share = progress.done / max(progress.n_rows, progress.done, 1.0)
    processes = f", {progress.workers} processes" if progress.workers else ""
    speed = progress.done / max(progress.seconds, 1e-9)
    left = f"{progress.left:.0f} s" if progress.left < 2 * MINUTE else f"{progress.left / MINUTE:.0f} min"
    return f"predicted {progress.done:,} rows, {share:.0%}, {speed:,.0f} a second{processes}; about {left} left"
