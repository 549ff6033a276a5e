"""Quiet warnings: keep what libraries tell their callers from a user, whatever other threads do meanwhile."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

EVERYTHING: Any = ("ignore", None, Warning, None, 0)
"""A filter as `warnings.filters` holds them."""


@dataclass(slots=True)
class _Quiet:
    """How many are quiet now, the filters that they found, and those that stand meanwhile."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    depth: int = 0
    before: Any = None
    meanwhile: list[Any] = field(default_factory=list)


_QUIET = _Quiet()


@contextmanager
def quiet_warnings() -> Iterator[None]:
    """Let nobody be warned meanwhile.

    `warnings.catch_warnings` of two threads, where the first ends before the second, leaves the process silent for
    good. Here the last to end puts back what the first has found; filters that somebody else has set meanwhile stay.
    """
    with _QUIET.lock:
        if not _QUIET.depth:
            _QUIET.before = warnings.filters
            _QUIET.meanwhile = [EVERYTHING, *_QUIET.before]
            warnings.filters = _QUIET.meanwhile
        _QUIET.depth += 1
    try:
        yield
    finally:
        with _QUIET.lock:
            _QUIET.depth -= 1
            if not _QUIET.depth:
                _QUIET.meanwhile[:] = _QUIET.before  # also for who has kept this list, to put it back later
                if warnings.filters is _QUIET.meanwhile:
                    warnings.filters = _QUIET.before
