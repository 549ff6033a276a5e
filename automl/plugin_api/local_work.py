"""Local work: what functions find around them in processes of this machine, where a file is seen from both sides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from automl.plugin_api.executors import Started

T = TypeVar("T")
MOST_CHARACTERS = 4_000
"""Of last words, which may name every frame of a deep recursion."""


@dataclass(frozen=True, slots=True)
class LocalWorkplace:
    """A `Workplace` on this machine."""

    words: IO[bytes] | None = None


def run_locally(words: str, function: Callable[..., T], *arguments: Any) -> T:
    """Run `function(workplace, *arguments)` in a worker; `words` is the file that the worker's `LocalCall` looks at."""
    with _opened(Path(words)) as file:
        return function(LocalWorkplace(file), *arguments)


@dataclass(slots=True)
class LocalCall:
    """What the controller hears of a function that `run_locally` runs, by way of a file.

    The file is there from when the function begins, and gone when it returns.
    """

    words: Path
    _seen: float | None = None

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
