"""Keep networks: layers that a process uses again, and their numbers, which learners of one frozen network share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_BODIES: dict[str, Any] = {}
_NUMBERS: dict[str, Any] = {}
MOST_KEPT = 2
"""Networks of which a process keeps the layers, and their numbers: the folds of a candidate share frozen ones."""


def kept_body(digest: str, make: Callable[[], Any]) -> Any:
    """Return the layers of a digest, made where they are not among the last that were asked for."""
    return _kept(_BODIES, digest, make)


def kept_numbers(digest: str, make: Callable[[], Any]) -> Any:
    """Return the numbers of such layers, those of `make` where they are not among the last that were asked for."""
    return _kept(_NUMBERS, digest, make)


def _kept(kept: dict[str, Any], digest: str, make: Callable[[], Any]) -> Any:
    if digest not in kept:
        made = make()
        while len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[digest] = made
    return kept[digest]
