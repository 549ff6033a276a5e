"""Executors: where functions run, what they find around them there, and what comes back from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, Protocol, TypeVar, runtime_checkable

from automl.vocabulary.refs import Ref

T = TypeVar("T")


class Workplace(Protocol):
    """What a function finds around it where it runs; its executor makes one for each call."""

    @property
    def folder(self) -> Path | None:
        """A folder of the host, which functions on its other slots see too; None where there is none.

        It is the search's own and gone when that ends; nobody else, the controller included, need see it.
        """

    @property
    def words(self) -> IO[bytes] | None:
        """An open file for its last words, should its process die or hang; None where nobody would read them."""

    def files(self, published: Ref) -> Mapping[str, Path]:
        """Return, by name, where published files lie on this host, and fetch them first where they do not; read only.

        Raises what the system raises where they cannot be had.
        """

    def put(self, name: str, data: bytes) -> Ref:
        """Keep bytes for the controller, which may fetch them as long as the search runs; an OSError where it is full.

        What is put again under a name takes the place of what was there.
        """


def not_known() -> float | None:
    """Tell that nobody can say whether a function has begun."""
    return None


def no_words() -> str:
    """Tell that a function has left no word."""
    return ""


@dataclass(frozen=True, slots=True)
class Started(Generic[T]):
    """A function that was handed over, and what is heard of it besides what it returns.

    began: when it began, in this process's `time.monotonic()` seconds; None as long as it waits for its worker to come
        up, or where that is not known.
    last_words: what it has written to `Workplace.words` before its worker died or was killed; "" where it has not.
    """

    future: Future[T]
    began: Callable[[], float | None] = not_known
    last_words: Callable[[], str] = no_words


@runtime_checkable
class Executor(Protocol):
    """Runs functions on numbered slots, one at a time on each.

    A function that raises gives a future with that exception; a slot that dies or is killed gives a future with an
    exception too, and the slot takes the next function as if nothing had happened.
    """

    def start(self) -> None:
        """Begin to bring up the slots; returns at once."""

    def submit(self, slot: int, function: Callable[..., T], *arguments: Any) -> Started[T]:
        """Run `function(workplace, *arguments)` on a free slot, with the `Workplace` that it has there."""

    def publish(self, name: str, files: Mapping[str, Path]) -> Ref:
        """Have files of this machine found by `Workplace.files`, wherever functions run.

        files: where each lies, by the name that it is asked for by; `name` follows from their content. They stay as
        they are until the executor is closed.
        """

    def fetch(self, put: Ref) -> bytes:
        """Return what a function has put; an OSError where that is gone."""

    def discard(self, put: Ref) -> None:
        """Let go of what a function has put; nothing is raised where that is gone already."""

    def kill(self, slot: int) -> None:
        """End whatever the slot runs, at once."""

    def processes(self, slot: int) -> tuple[int, ...]:
        """Return the ids of the slot's processes, whose memory is watched; none where they are none of this machine."""

    def close(self) -> None:
        """End all slots; nothing is left running."""
