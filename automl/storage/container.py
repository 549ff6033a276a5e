"""Container: named files in a folder or in one zip, read into memory and checked against what was written of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from automl.errors import ArtifactError

SUFFIX = ".automl"
"""A path that ends so is one file, any other a folder."""
MOST_EXPANSION, ALWAYS_ALLOWED = 100, 64 * 2**20
"""A zip may unpack to so many times its own size, and to so many bytes in any case; honest models stay far below."""
LEVEL = 1
"""Higher levels of compression save a few percent and take several times as long."""
WRITTEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip, so that equal models are equal files."""
ANEW = "Save the model anew, or fetch the file again."


@dataclass(frozen=True, slots=True)
class Container:
    """A folder or zip: its files' names with their sizes, and how one is read."""

    path: Path
    sizes: Mapping[str, int]
    read: Callable[[str], bytes]


def write_container(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip or a folder by the path's suffix; what was there is replaced once the new one is complete."""
    fresh, older = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.older")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(fresh)
        if path.suffix == SUFFIX:
            _write_zip(fresh, files)
        else:
            _write_folder(fresh, files)
        if path.is_dir():  # no folder can be replaced, and one that is being removed is no whole model
            _remove(older)
            os.replace(path, older)
        os.replace(fresh, path)
        _remove(older)
    except BaseException as error:  # Ctrl-C is none of the others
        with suppress(OSError):
            if older.exists() and not path.exists():
                os.replace(older, path)
            _remove(fresh)
        if not isinstance(error, OSError):
            raise
        raise ArtifactError(f"{str(path)!r} cannot be written: {error}. Choose another path.") from error


def open_container(path: Path) -> Container:
    """Look into a folder or zip without unpacking anything."""
    if path.is_dir():
        return _open_folder(path)
    if not path.exists():
        raise ArtifactError(
            f"There is nothing at {str(path)!r}, so no manifest.json; expected what save() has written."
        )
    try:
        return _open_zip(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ArtifactError(
            f"{str(path)!r} is no saved model, or a part of one: {error}. Expected a folder, or a file {SUFFIX}, that "
            f"save() has written. {ANEW}"
        ) from error


def digest(data: bytes) -> str:
    """Return the sha256 of a file's content."""
    return hashlib.sha256(data).hexdigest()


def describe_files(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """Return size and sha256 of each file, as `read_checked` wants them."""
    return {name: {"bytes": len(data), "sha256": digest(data)} for name, data in files.items()}


def read_checked(container: Container, described: Mapping[str, Mapping[str, Any]], besides: str) -> dict[str, bytes]:
    """Return every file, once all are known to be there, to be no others, and to be what they were."""
    found, expected = set(container.sizes) - {besides}, set(described)
    if found != expected:
        missing, extra = sorted(expected - found), sorted(found - expected)
        raise ArtifactError(
            f"{str(container.path)!r} is incomplete or has been added to: missing {missing or 'nothing'}, not expected "
            f"{extra or 'nothing'}. {ANEW}"
        )
    return {name: _read_checked(container, name, facts) for name, facts in described.items()}


def _read_checked(container: Container, name: str, facts: Mapping[str, Any]) -> bytes:
    data = container.read(name) if container.sizes[name] == facts["bytes"] else b""
    if len(data) != facts["bytes"] or digest(data) != facts["sha256"]:
        raise ArtifactError(
            f"{name!r} in {str(container.path)!r} differs from its manifest: found {container.sizes[name]} bytes, "
            f"expected {facts['bytes']} with the sha256 {str(facts['sha256'])[:12]}...; it is damaged or "
            f"was changed. {ANEW}"
        )
    return data


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            file.write(data)
            _sync(file)


def _write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    packed = sum(len(data) for data in files.values()) <= ALWAYS_ALLOWED or _packs_honestly(files)
    with path.open("wb") as file, zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, WRITTEN)
            entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data, compresslevel=LEVEL)
        archive.close()
        _sync(file)


def _sync(file: IO[bytes]) -> None:
    """Wait until a file would survive a power cut."""
    file.flush()
    os.fsync(file.fileno())


def _packs_honestly(files: Mapping[str, bytes]) -> bool:
    """Tell whether the files would not shrink so much that reading them would be refused."""
    from zlib import compress

    whole, packed = 0, 0
    for data in files.values():
        whole, packed = whole + len(data), packed + len(compress(data, LEVEL))
    return whole <= MOST_EXPANSION * packed


def _open_folder(folder: Path) -> Container:
    sizes = {}
    for place in sorted(folder.rglob("*")):
        name = place.relative_to(folder).as_posix()
        if place.is_symlink() or not (place.is_dir() or place.is_file()):
            raise ArtifactError(f"{name!r} in {str(folder)!r} is a link or no plain file. Save the model anew.")
        if place.is_file():
            sizes[name] = place.stat().st_size
    return Container(folder, sizes, lambda name: (folder / name).read_bytes())


def _open_zip(path: Path) -> Container:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    sizes = {entry.filename: entry.file_size for entry in entries}
    for entry in entries:
        _check_entry(path, entry)
    if len(sizes) < len(entries):
        raise ArtifactError(f"{str(path)!r} holds two files of one name. {ANEW}")
    most = max(ALWAYS_ALLOWED, MOST_EXPANSION * path.stat().st_size)
    if sum(sizes.values()) > most:
        raise ArtifactError(
            f"{str(path)!r} would unpack to {sum(sizes.values())} bytes, expected at most {most} from its size: it is "
            f"no model that save() has written. Do not use it."
        )

    def read(name: str) -> bytes:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(name) as file:
                return file.read(sizes[name])  # no more than was promised, whatever lies there
        except Exception as error:  # zipfile and zlib have several ways to say that a file is damaged
            raise ArtifactError(f"{name!r} in {str(path)!r} cannot be read: {error}. {ANEW}") from error

    return Container(path, sizes, read)


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    """Refuse what `save` never writes; nothing is unpacked to disk, so this guards those who unzip by hand too."""
    parts = entry.filename.split("/")
    if entry.filename != entry.orig_filename or "\\" in entry.filename or ":" in entry.filename:
        parts = [".."]
    if any(part in ("", ".", "..") for part in parts):
        raise ArtifactError(
            f"{str(path)!r} holds a file named {entry.orig_filename!r}, which leads out of it. Do not use it."
        )
    mode = entry.external_attr >> 16
    is_plain = not stat.S_IFMT(mode) or stat.S_ISREG(mode)
    if not is_plain or entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArtifactError(f"{entry.filename!r} in {str(path)!r} is a link, locked, or packed in another way. {ANEW}")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
