"""Assign resources: which of an executor's slots are used, with how many threads, and what memory each may take."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from automl.plugin_api.executors import CPU, GPU, Slot
from automl.plugin_api.process_memory import used_mb
from automl.plugin_api.specs import ExecutorSpec, ModelSpec
from automl.table.columns.stored_rows import frame_mb
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.settings import SearchSettings

WORKER_MB = 350.0
"""What a worker takes with its libraries loaded."""
COPIES = 4.0
"""Copies of the table that a fit may hold at once: its training rows, bins or a scaled form, and temporary ones."""
CACHE_SHARE = 0.4
"""Share of a slot's memory that may hold what is cached between fits."""
NAMED = 4
"""Machines that are named where something is said of many."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The slots of a search: what of an executor's offer is used."""

    executor: ExecutorSpec
    cores: tuple[Slot, ...]
    gpus: tuple[Slot, ...]
    """Those with a GPU, besides."""
    memory_of: Mapping[str, float]
    """Megabytes for one slot's fit, by host."""
    threads: int = 1
    """Threads of the first slot, for which costs are expected."""
    note: str = ""
    """Why fits run elsewhere than they were asked to; "" where they do not."""

    @property
    def n_slots(self) -> int:
        """How many slots there are without those of GPUs."""
        return len(self.cores)

    @property
    def used(self) -> tuple[Slot, ...]:
        """All slots, those with a GPU last."""
        return (*self.cores, *self.gpus)

    @property
    def machines(self) -> tuple[str, ...]:
        """The names of other machines that have slots; none where there is this one alone."""
        return tuple(dict.fromkeys(slot.host for slot in self.used if slot.host))

    @property
    def memory_mb(self) -> float:
        """Memory for one slot's fit, on the host that has the most for it."""
        return max(self.memory_of.values(), default=0.0)

    @property
    def cache_mb(self) -> float:
        """What a worker may cache between fits, on the host that has the least for it."""
        return CACHE_SHARE * min(self.memory_of.values(), default=0.0)

    def can_fit(self, slot: Slot, spec: ModelSpec, memory_mb: float) -> bool:
        """Tell whether a slot's machine can fit a model that needs so much memory: its device, libraries and memory."""
        if self.gpus and (spec.gpu or slot.device == GPU) and not (spec.gpu and slot.device == GPU):
            return False
        return not lacks(slot, spec) and memory_mb <= self.memory_of.get(slot.host, memory_mb)

    def why_nowhere(self, spec: ModelSpec, memory_mb: float) -> str:
        """Return why no machine can fit a model, naming the machines and what they lack; "" where one can."""
        slots = self.used
        if not slots or any(self.can_fit(slot, spec, memory_mb) for slot in slots):
            return ""
        able = [slot for slot in slots if not (self.gpus and spec.gpu) or slot.device == GPU]
        lacking = [slot.host for slot in able if lacks(slot, spec)]
        small = [slot.host for slot in able if not lacks(slot, spec)]
        told = []
        if lacking:
            needed = f" ({', '.join(spec.requires)})" if spec.requires else ""
            advice = f"; install it there: {spec.install}" if spec.install else ""
            told.append(f"what it needs{needed} is not installed on {named(lacking)}{advice}")
        if small:
            most = max(self.memory_of.get(host, 0.0) for host in small)
            told.append(
                f"{named(small)} would need {memory_mb:.0f} MB of memory for it and has {most:.0f} MB for a fit"
            )
        return f"no machine can fit it: {'; '.join(told)}"


def lacks(slot: Slot, spec: ModelSpec) -> bool:
    """Tell whether what a model needs is not installed on a slot's machine."""
    return bool(slot.without) and not slot.without.isdisjoint({spec.name, spec.lent_by})


def named(hosts: Sequence[str]) -> str:
    """Return the names of machines, each once, those of many with how many more there are."""
    each = [host or "this machine" for host in dict.fromkeys(hosts)]
    more = len(each) - NAMED
    return ", ".join(each[:NAMED]) + (f" and {more} more" if more > 0 else "")


def room_here(settings: SearchSettings, *, isolated: bool) -> tuple[int, int]:
    """Return how many slots this machine has room for before any table is there, and threads for each.

    A search that ends by count keeps one thread a fit, since thread counts can change the last digits of a result.
    """
    n_slots = _count(settings.n_jobs, _left_mb(settings.memory_limit_mb), 0.0) if isolated else 1
    return n_slots, 1 if settings.time_limit is None else max(1, settings.n_jobs // n_slots)


def assign_resources(
    settings: SearchSettings, executor: ExecutorSpec, slots: Sequence[Slot], dataset: Dataset | None = None
) -> Assignment:
    """Take each host's slots; where memory is short for the table, fewer of them, with the others' threads.

    On this machine what this process takes counts, too. Of those of other machines as many are taken as `n_jobs` says.
    """
    table_mb = 0.0 if dataset is None else frame_mb(dataset.features)
    cores: list[Slot] = []
    gpus: list[Slot] = []
    memory = {}
    slots = _at_most(settings.most_slots, slots)
    for host in dict.fromkeys(slot.host for slot in slots):
        offered = [slot for slot in slots if slot.host == host and slot.device == CPU]
        others = [slot for slot in slots if slot.host == host and slot.device != CPU]
        limit_mb = min(slot.memory_mb for slot in (*offered, *others))
        left_mb = _left_mb(limit_mb) if not host else limit_mb
        n_used = _count(len(offered), left_mb, table_mb) if executor.isolated else len(offered)
        by_time = settings.time_limit is not None
        threads = max(1, sum(slot.threads for slot in offered) // n_used) if by_time and n_used else 1
        cores += [replace(slot, threads=threads) for slot in offered[:n_used]]
        gpus += [replace(slot, threads=threads) for slot in others]
        memory[host] = max(WORKER_MB, left_mb / max(1, n_used) - WORKER_MB)
    return Assignment(executor, tuple(cores), tuple(gpus), memory, (cores or gpus)[0].threads if slots else 1)


def _at_most(n_slots: int | None, slots: Sequence[Slot]) -> list[Slot]:
    """Return so many slots of other machines; of this one all, as it offers no more than there are to be."""
    here = [slot for slot in slots if not slot.host]
    return [*here, *[slot for slot in slots if slot.host][:n_slots]]


def _left_mb(limit_mb: float) -> float:
    """Return what a limit leaves beside this process."""
    return limit_mb - used_mb([os.getpid()])


def _count(most: int, left_mb: float, table_mb: float) -> int:
    """Return how many fits have room in so much memory: at least one, where there is a slot at all."""
    by_memory = left_mb // (WORKER_MB + COPIES * table_mb)
    return int(max(min(1, most), min(most, by_memory)))
