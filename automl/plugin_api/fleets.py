"""Fleets: who is in a cluster of machines, and how functions and bytes get there; what runs there is not their job."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a cluster says of one of its machines, before anything has run there.

    name: by which the fleet is asked for it; never used again for another one. host: those that say the same one share
    disk and memory. cores: how many fits the cluster gives us room for, 0 as long as others' work takes it all.
    memory_mb: what the cluster lets us take there, None where it says nothing. gpus: how many GPUs are ours there, None
    where it says nothing.
    """

    name: str
    host: str
    cores: int
    memory_mb: float | None = None
    gpus: int | None = None


@runtime_checkable
class Fleet(Protocol):
    """Machines of a cluster, by way of the engine that keeps it together: membership, transport, security.

    All methods may be called from several threads. A future of a machine that is gone fails with a ConnectionError, at
    the latest when `machines` no longer names it.
    """

    def open(self) -> None:
        """Connect; an `OptionError` that says what to do where the cluster cannot be reached or will not have us."""

    def machines(self) -> Mapping[str, Machine]:
        """Return the machines that are there now, by name; asked about once a second, and answered at once.

        Raises what the engine raises where nobody can tell, as when its scheduler is gone.
        """

    def call(self, machine: str, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Run a function on a machine, in a process that lasts as long as the machine is there.

        Many may be under way on one machine: one that is short is never held up by others that are long.
        """

    def spread(
        self,
        chunk: Callable[[], bytes],
        write: Callable[..., T],
        read: Callable[..., bytes],
        *arguments: Any,
        there: Collection[str] = (),
    ) -> Callable[[str], Future[T]]:
        """Return what runs `write(bytes of the chunk, *arguments)` on a machine.

        The chunk goes over this machine's link once, or little more, for any number of machines, however late they
        come: others have what `read(*arguments)` returns on one that has written it, or is named in `there`. Where that
        raises, another is asked, and at last this process; what `write` raises is in the future.
        """

    def close(self) -> None:
        """Let go of the cluster and of all that was reserved there; nothing is raised where it is gone already."""
