"""Hold a folder: a lock that ends with the process that has it, however that ends."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from automl.errors import FolderError
from automl.machine.hold_interrupts import interrupts_held

LOCK = "lock"
PREFIX = "automl-"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder for this process alone; a FolderError where another one has it."""
    with (folder / LOCK).open("a+") as file:
        if not _locks(file):
            raise FolderError(
                f"Another search is running in {str(folder.parent)!r}. Expected one at a time: wait for it, end it, or "
                f"choose another path."
            )
        yield


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a new folder that is gone at the end; those of processes that were killed are removed first."""
    try:
        parent = Path(tempfile.gettempdir()).absolute()
        remove_left_behind(parent)
        with interrupts_held():
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            lock = (folder / "new").open("w")
            _locks(lock)
            (folder / "new").rename(folder / LOCK)  # under this name it is never seen without its lock
    except OSError as error:
        raise FolderError(
            f"No folder for working files can be made: {error}. Set the environment variable TMPDIR, or path=, to a "
            f"folder that can be written to."
        ) from error
    with lock:
        try:
            yield folder
        finally:
            with interrupts_held():
                shutil.rmtree(folder, ignore_errors=True)


def remove_left_behind(parent: Path) -> None:
    """Remove this user's temporary folders whose processes are gone: their locks have ended with them."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or not is_own(folder) or not (folder / LOCK).is_file():
                continue
            with (folder / LOCK).open("r+") as file:
                if _locks(file):
                    shutil.rmtree(folder, ignore_errors=True)


def is_own(folder: Path) -> bool:
    """Tell whether a folder is this user's, and not for everybody to write to."""
    if not hasattr(os, "getuid"):  # Windows, where permissions are another matter
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o002


def _locks(file: IO[str]) -> bool:
    """Lock an open file, until it is closed; False where another process has it, or where there are no such locks."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):  # Windows, some file systems: what is in use cannot be told, and is not cleaned up
        return "r" not in file.mode
    return True
