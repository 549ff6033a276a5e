"""Executors: where functions run, what they find around them there, and what comes back from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Generic, Protocol, TypeVar, runtime_checkable

from automl.vocabulary.refs import Ref
from automl.vocabulary.states import Again, Stage

T = TypeVar("T")
CPU, GPU = "cpu", "cuda"
"""What a slot's fits run on."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where one function runs at a time; equal to another where number and runtime are.

    number: its own among all that its executor has offered since it was started.
    runtime: which worker of the slot, "" for the common one: models whose libraries had better not meet others in a
        process ask for one of their own, by a name such as "torch". It is brought up when it is first used.
    host: the machine, "" for the controller's. threads: cores that nobody else uses. memory_mb: what all that runs on
        the host for the search may take together, this process too where it does.
    without: names of models that cannot be fitted there, as their library is not installed on the host.
    device: "cpu", or "cuda" for a slot whose workers see one GPU alone; `gpu` says which, as the host counts them.
    """

    number: int
    runtime: str = ""
    host: str = field(default="", compare=False)
    threads: int = field(default=1, compare=False)
    memory_mb: float = field(default=math.inf, compare=False)
    device: str = field(default=CPU, compare=False)
    gpu: str = field(default="", compare=False)
    without: frozenset[str] = field(default=frozenset(), compare=False)

    def worker(self, runtime: str) -> Slot:
        """Return the slot's worker for a runtime."""
        return replace(self, runtime=runtime)


class WorkerEndedError(Exception):
    """What a future raises whose worker was ended by its executor, or is gone with its host: `stage` says why.

    `Stage.WORKER` where it outstayed its time, `Stage.MEMORY` where too much of its host's was taken, `Stage.MACHINE`
    where the host is lost, which is never the function's fault. `again` is how it may fit in, where memory was short.
    """

    def __init__(self, stage: Stage, cause: str, again: Again = Again.NO) -> None:
        """Say why, in one line that people read."""
        super().__init__(stage, cause, again)
        self.stage, self.cause, self.again = stage, cause, again


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
    """Runs functions on slots, one at a time on each worker of a slot.

    A function that raises gives a future with that exception; a slot that dies or is killed gives a future with an
    exception too, and the slot takes the next function as if nothing had happened.

    Four methods more are called where an executor has them: `notes() -> Sequence[str]`, what the user should know of
    what was lost or left out, each without a full stop; `joining() -> bool`, whether slots are about to come, which are
    then waited for; `seconds_to_fetch(members) -> float`, what fetching those of these `Ref`s that are still away would
    take; `is_lost(member) -> bool`, whether what was put is lost with its host, of executors that keep what they have
    fetched.
    """

    def start(self) -> None:
        """Begin to bring up the slots; returns at once."""

    def slots(self) -> tuple[Slot, ...]:
        """Return what there is to run on, once it is started; it may grow and shrink.

        Where there are GPUs, a worker of a slot with one sees that alone (CUDA_VISIBLE_DEVICES), and all others none,
        from before its first import on.
        """

    def submit(self, slot: Slot, function: Callable[..., T], *arguments: Any, seconds: float = math.inf) -> Started[T]:
        """Run `function(workplace, *arguments)` on a free slot, with the `Workplace` that it has there.

        seconds: how long it may run once it has begun. Workers of other hosts are ended by then, by their own host's
        clock; those of this one need not be, as whoever submits looks at the clock and kills.
        """

    def publish(self, name: str, files: Mapping[str, Path]) -> Ref:
        """Have files of this machine found by `Workplace.files`, wherever functions run.

        files: where each lies, by the name that it is asked for by; `name` follows from their content. They stay as
        they are until the executor is closed.
        """

    def fetch(self, put: Ref) -> bytes:
        """Return what a function has put; an OSError where that is gone."""

    def discard(self, put: Ref) -> None:
        """Let go of what a function has put; nothing is raised where that is gone already."""

    def kill(self, slot: Slot) -> None:
        """End a slot's worker with whatever it runs, at once."""

    def memory_mb(self, slot: Slot, *, quick: bool = False) -> float | None:
        """Return the megabytes that a slot's worker takes, with what it has started; None where nobody need watch.

        That is so for a worker that is not up, for fits in this process, and where a machine watches its memory itself.
        quick: asked often; may be more than it is, as by counting shared pages in full, and must take no time.
        """

    def close(self) -> None:
        """End all slots; nothing is left running."""
