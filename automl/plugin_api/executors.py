"""Executors: where functions run, what they find around them there, and what the controller hears of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import IO, Any, Generic, Protocol, TypeVar, runtime_checkable

T = TypeVar("T")


class Workplace(Protocol):
    """What a function finds around it where it runs; its executor makes one for each call."""

    @property
    def words(self) -> IO[bytes] | None:
        """An open file for its last words, should its process die or hang; None where nobody would read them."""


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

    def kill(self, slot: int) -> None:
        """End whatever the slot runs, at once."""

    def processes(self, slot: int) -> tuple[int, ...]:
        """Return the ids of the slot's processes, whose memory is watched; none where they are none of this machine."""

    def close(self) -> None:
        """End all slots; nothing is left running."""
