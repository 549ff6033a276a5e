"""Local work: what functions find around them in processes of this machine, where a file is seen from both sides."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from automl.plugin_api.executors import Started
from automl.plugin_api.write_whole import write_whole
from automl.vocabulary.refs import Ref

T = TypeVar("T")
MOST_CHARACTERS = 4_000
"""Of last words, which may name every frame of a deep recursion."""
WORDS = ".stack"
"""How the names of files for last words end."""


@dataclass(frozen=True, slots=True)
class LocalWorkplace:
    """A `Workplace` on this machine: what is published and put are files, and references their paths."""

    folder: Path | None = None
    words: IO[bytes] | None = None
    published: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    """Files that lie here already, by the name of their reference, whatever that says."""

    def files(self, published: Ref) -> Mapping[str, Path]:
        """Return where the files lie."""
        return self.published.get(published.name) or {name: Path(path) for name, path in published.place}

    def put(self, name: str, data: bytes) -> Ref:
        """Write a file."""
        if self.folder is None:
            raise OSError(f"There is no folder to keep {name!r} in.")
        write_whole(self.folder / name, data)
        return Ref(name, str(self.folder / name))


def publish_locally(name: str, files: Mapping[str, Path]) -> Ref:
    """Return a reference to files that every function sees where they are: an executor's `publish` on this machine."""
    return Ref(name, place=tuple((each, str(path)) for each, path in files.items()))


def fetch_locally(put: Ref) -> bytes:
    """Read what a function has put: an executor's `fetch` on this machine."""
    return Path(put.path).read_bytes()


def discard_locally(put: Ref) -> None:
    """Remove what a function has put: an executor's `discard` on this machine."""
    with suppress(OSError):
        Path(put.path).unlink()


def run_locally(folder: Path, words: Path, function: Callable[..., T], *arguments: Any) -> T:
    """Run `function(workplace, *arguments)` in a worker; `words` is the file that the call's `LocalCall` looks at."""
    with _opened(words) as file:
        return function(LocalWorkplace(folder, file), *arguments)


@dataclass(slots=True)
class LocalCall:
    """What the controller hears of a function that `run_locally` runs, by way of a file.

    The file is there from when the function begins, and gone when it returns.
    """

    words: Path
    _seen: float | None = None

    @classmethod
    def in_folder(cls, folder: Path) -> LocalCall:
        """Choose a file that nobody else has."""
        return cls(folder / f"{uuid.uuid4().hex}{WORDS}")

    def started(self, future: Future[T]) -> Started[T]:
        """Return what an executor answers for it."""
        return Started(future, self.began, self.last_words)

    def began(self) -> float | None:
        """Return when the function was first seen to have begun."""
        if self._seen is None and self.words.exists():
            self._seen = time.monotonic()
        return self._seen

    def last_words(self) -> str:
        """Return what was written, and remove the file."""
        try:
            text = self.words.read_text(errors="replace")
            self.words.unlink()
        except OSError:
            return ""
        return text[:MOST_CHARACTERS]


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | None]:
    """Open a file for last words; where none can be made, nothing is heard of the function before it returns."""
    try:
        file = path.open("wb")
    except OSError:
        yield None
        return
    try:
        with file:
            yield file
    finally:
        with suppress(OSError):
            path.unlink()
