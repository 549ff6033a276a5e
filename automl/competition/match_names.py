"""Match names: a sample's header to the names in the tables, and its columns to the classes of a target."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any


def plain(name: object) -> str:
    """Return a name as it is compared: without case, spaces and signs; a whole number without its point."""
    text = re.sub(r"[\W_]+", "", re.sub(r"(\d)\.0+$", r"\1", str(name)).casefold())
    return text or str(name)


def find_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is meant: itself, or the only one that differs in case, spaces or signs alone."""
    known = list(known)
    if name in known:
        return name
    near = [each for each in known if plain(each) == plain(name)]
    return near[0] if len(near) == 1 else None


def match_classes(columns: Sequence[str], classes: Sequence[Any]) -> tuple[int, ...] | None:
    """Return each column's class number, -1 for a column of no known class; None where a class has no column.

    Columns may be called by the classes' names alone or after something that all of them begin with: "Class_1".
    """
    numbers = {plain(label): number for number, label in enumerate(classes)}
    if len(numbers) < len(classes):
        numbers = {str(label): number for number, label in enumerate(classes)}
    lowest, highest = min(columns), max(columns)
    shared = next((at for at, sign in enumerate(lowest) if highest[at : at + 1] != sign), len(lowest))
    for cut in range(shared + 1):
        ends = [str(column)[cut:] for column in columns]
        found = tuple(numbers.get(end, numbers.get(plain(end), -1)) for end in ends)
        known = [number for number in found if number >= 0]
        if len(set(known)) == len(classes) == len(known):
            return found
    return None
