"""Table store: tables on the disk of a machine, in parts that come one by one, called by what is in them.

One copy serves all searches and all agents of a host. It is kept for an hour after it was last used, so that another
search on the same table sends nothing, in a folder that this user alone can read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from automl.machine.hold_folder import is_own

PART_BYTES = 16 * 2**20
KEPT_SECONDS = 3600.0
"""How long a table is kept that nobody uses."""
KEPT_SHARE, RECENT_SECONDS = 0.2, 300.0
"""Of the disk, what tables may take that were not used for some minutes."""
SPARE_BYTES = 200 * 2**20
"""What is to stay free on a disk besides a table."""
FOLDER = "automl-tables"
COMING, PARTS = ".coming", ".parts"
"""The ends of the names of a file that is not whole, and of the folder that says which of its parts are there."""
HERE: ContextVar[Path | None] = ContextVar("HERE", default=None)
"""The machine's folder for temporary files, where it is not the system's."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file of a table: what it is called there, the hash of all of it, its bytes, and the hashes of its parts."""

    name: str
    key: str
    size: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A published table."""

    name: str
    files: tuple[TableFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a file, which lies so many bytes from its begin."""

    key: str
    number: int
    sha256: str

    @property
    def offset(self) -> int:
        """Where it begins."""
        return self.number * PART_BYTES


def describe_table(name: str, files: Mapping[str, Path]) -> Table:
    """Return what a table on this machine is made of."""
    return Table(name, tuple(_described(each, path) for each, path in files.items()))


def _described(name: str, path: Path) -> TableFile:
    parts = tuple(hashlib.sha256(data).hexdigest() for data in _parts(path))
    size = path.stat().st_size
    return TableFile(name, hashlib.sha256(f"{size} {' '.join(parts)}".encode()).hexdigest(), size, parts)


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(PART_BYTES):
            yield data


def lacking(table: Table) -> tuple[Part, ...]:
    """Return the parts that this machine has not; an OSError where there is no room for them."""
    sweep()
    root = _root()
    found = tuple(part for file in table.files for part in _lacking(root, file))
    needed, free = len(found) * PART_BYTES, shutil.disk_usage(root).free
    if found and min(needed, table.size) + SPARE_BYTES > free:
        raise OSError(
            errno.ENOSPC,
            f"{free / 2**20:.0f} MB are free in {root.parent}, and the table takes {table.size / 2**20:.0f} MB",
        )
    return found


def _lacking(root: Path, file: TableFile) -> Iterator[Part]:
    if (root / file.key).exists():
        os.utime(root / file.key)
        return
    there, coming = root / f"{file.key}{PARTS}", root / f"{file.key}{COMING}"
    for number, sha256 in enumerate(file.parts):
        if not (coming.exists() and (there / str(number)).exists()):
            yield Part(file.key, number, sha256)


def keep_part(data: bytes, part: Part) -> None:
    """Write a part where it belongs; a ValueError where it is not what it should be, an OSError on a full disk."""
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise ValueError("a part of the table has changed on its way")
    root = _root()
    if (root / part.key).exists():
        return
    path, there = root / f"{part.key}{COMING}", root / f"{part.key}{PARTS}"
    there.mkdir(exist_ok=True)
    number = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(number, "r+b") as file:
        file.seek(part.offset)
        file.write(data)
    (there / str(part.number)).touch()


def read_part(part: Part) -> bytes:
    """Return a part that is here, for another machine; what the system raises where it is not, or not any more."""
    root = _root()
    whole, marker = root / part.key, root / f"{part.key}{PARTS}" / str(part.number)
    path = whole if whole.exists() or not marker.exists() else root / f"{part.key}{COMING}"
    with path.open("rb") as file:
        file.seek(part.offset)
        data = file.read(PART_BYTES)
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise ValueError("a part of the table has changed on this disk")
    return data


def finish_table(table: Table, folder: Path) -> None:
    """Have a table's files in a folder, without another copy of what is in them; an OSError where parts are missing."""
    root = _root()
    folder.parent.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent))
    for file in table.files:
        _finish(root, file)
        try:
            os.link(root / file.key, fresh / file.name)
        except OSError:  # another disk, or one without links
            shutil.copyfile(root / file.key, fresh / file.name)
    with suppress(OSError):  # it is there already
        fresh.rename(folder)


def _finish(root: Path, file: TableFile) -> None:
    whole, coming = root / file.key, root / f"{file.key}{COMING}"
    if not file.parts and not whole.exists():
        whole.touch()
    if whole.exists():
        return
    missing = list(_lacking(root, file))
    if missing:
        raise FileNotFoundError(f"{len(missing)} parts of {file.name} are missing")
    with suppress(FileNotFoundError):  # another search has just done so
        coming.replace(whole)
    shutil.rmtree(root / f"{file.key}{PARTS}", ignore_errors=True)


def sweep() -> None:
    """Remove what has not been used for long, and the oldest of what takes too much room.

    Agents have links of their own to what they use, so that nothing is taken from them.
    """
    with suppress(OSError):
        root = _root()
        most, now = KEPT_SHARE * shutil.disk_usage(root).total, time.time()
        newest_first = sorted(((path.stat().st_mtime, path) for path in root.iterdir()), reverse=True)
        taken = 0
        for used, path in newest_first:
            taken += path.stat().st_size
            if now - used > (RECENT_SECONDS if taken > most else KEPT_SECONDS):
                _remove(path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def sweep_later() -> None:
    """Sweep once what is there now is due, if this process is still there then; else the next search does."""
    timer = threading.Timer(KEPT_SECONDS + 1.0, sweep)
    timer.daemon = True
    timer.start()


def _root() -> Path:
    """Return this user's folder on this machine; an OSError where somebody else could write to it."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    root = (HERE.get() or Path(tempfile.gettempdir())) / f"{FOLDER}-{user}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.is_symlink() or not is_own(root):
        raise PermissionError(errno.EPERM, f"{root} is not this user's alone")
    return root
