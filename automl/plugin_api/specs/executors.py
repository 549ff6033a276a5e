"""Specs of executors: places where fits run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from automl.plugin_api.executors import Executor


@dataclass(frozen=True, slots=True)
class ExecutorRequest:
    """How many slots to run, each with how many threads; `initialize` is called once in every worker to warm it.

    Slot numbers from `n_slots` on are asked for too: first one for each of `gpus`, then as many again for each kind of
    models that need workers of their own. They are brought up when they are first used, and not warmed. A worker of a
    GPU slot must see that GPU alone, and where there are GPUs all other workers none (CUDA_VISIBLE_DEVICES), from
    before its first import on.

    `folder` is one of this machine, in a search its own, which outlives the executor: what runs on this machine may
    keep files there.
    """

    n_slots: int
    threads: int
    initialize: Callable[[], None] | None = None
    gpus: tuple[str, ...] = ()
    folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))

    def gpu_of(self, slot: int) -> str | None:
        """Return the GPU that the workers of a slot number see, "" for none, None where there is no GPU at all."""
        if not self.gpus:
            return None
        place = slot % (self.n_slots + len(self.gpus)) - self.n_slots
        return self.gpus[place] if place >= 0 else ""


@dataclass(frozen=True, slots=True)
class ExecutorSpec:
    """A place where fits run; `isolated` when a crash or a kill there cannot reach the controller."""

    name: str
    build: Callable[[ExecutorRequest], Executor]
    isolated: bool = True
