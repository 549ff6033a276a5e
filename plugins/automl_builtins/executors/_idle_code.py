"""Idle code: let go of pages of code that importing libraries has touched, in a process that then waits (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

DONT_NEED = 4
"""What madvise(2) is asked for: the pages are read from the file again where they are needed."""
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ (\d+)")


def let_go_of_code() -> None:
    """Map no more pages of libraries' code than are used from now on; those of this process's own copies stay.

    Importing runs through code of tens of megabytes once, which would count for this process as long as it lives.
    """
    with contextlib.suppress(OSError, AttributeError):
        advise = ctypes.CDLL(None, use_errno=True).madvise
        for start, end in untouched_code(Path("/proc/self/smaps").read_text().splitlines()):
            advise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), DONT_NEED)


def untouched_code(lines: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Find, in what /proc tells of a process, the mappings of files' code that are just as in their files."""
    found: tuple[int, int] | None = None
    for line in lines:
        mapping = MAPPING.match(line)
        if mapping:
            start, end, rights, inode = mapping.groups()
            is_code = rights == "r-xp" and inode != "0"
            found = (int(start, 16), int(end, 16)) if is_code else None
        elif found and line.startswith("Anonymous:") and line.split()[1] == "0":
            yield found
