"""Specs of executors: places where fits run."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from automl.plugin_api.executors import GPU, Executor, Slot


@dataclass(frozen=True, slots=True)
class ExecutorRequest:
    """What a search may use of this machine, for executors that run there; others have their own to offer.

    n_slots: how many fits at once there is room for. threads: of each; `cores` may be a few more than these take.
    initialize: to be called once in each common worker, to warm it. modules: importable names that fits need besides,
        which are fit to be imported before a worker is forked, by the runtime whose workers need them; under "" those
        of common workers, which the workers of every runtime have as well.
    gpus: what a worker finds in CUDA_VISIBLE_DEVICES for each GPU that has a slot besides.
    folder: of this machine, in a search its own, which outlives the executor: what runs there may keep files in it.
    memory_mb: what the search may take in all, with this process.
    most_slots, memory_each_mb: how many fits at once are wanted in all, and what each machine may take, as somebody
        has asked for; None where nobody has. patience: how many seconds may pass until there is a first slot.
        wants_gpus: whether any model gains from a GPU. For executors that run elsewhere.
    """

    n_slots: int
    threads: int
    initialize: Callable[[], None] | None = None
    gpus: tuple[str, ...] = ()
    folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    memory_mb: float = math.inf
    cores: int = 0
    most_slots: int | None = None
    memory_each_mb: float | None = None
    patience: float = 60.0
    wants_gpus: bool = False
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def slots(self) -> tuple[Slot, ...]:
        """Return the slots of this machine: those of the cores, then one for each GPU."""
        spare = max(0, self.cores - self.n_slots * self.threads)
        threads = [self.threads + (number < spare) for number in range(self.n_slots)]
        slots = [Slot(number, threads=own, memory_mb=self.memory_mb) for number, own in enumerate(threads)]
        for number, gpu in enumerate(self.gpus, self.n_slots):
            slots.append(Slot(number, threads=self.threads, memory_mb=self.memory_mb, device=GPU, gpu=gpu))
        return tuple(slots)


@dataclass(frozen=True, slots=True)
class ExecutorSpec:
    """A place where fits run; `isolated` when a crash or a kill there cannot reach the controller."""

    name: str
    build: Callable[[ExecutorRequest], Executor]
    isolated: bool = True
