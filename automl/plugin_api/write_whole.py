"""Write whole: a file appears under its name once all of it is written, or not at all."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

PART = ".part"
"""The end of the name that a file has until it is whole."""


def write_whole(path: Path, data: bytes, *, sync: bool = False) -> None:
    """Write a file in the place of an older one; `sync` waits until it would survive a power cut."""
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART}")  # two hosts may have equal process ids
    try:
        with fresh.open("wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:  # a full disk, or Ctrl-C
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
