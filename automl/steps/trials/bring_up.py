"""Bring up what a search needs around it, a folder and workers, and take it down again, however the search ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl.errors import PluginError, error_line
from automl.fleet.find_executor import find_executor
from automl.machine.find_gpus import find_gpus
from automl.machine.hold_folder import temporary_folder
from automl.machine.hold_interrupts import interrupts_held
from automl.plugin_api.executors import Executor
from automl.plugin_api.specs import ExecutorRequest, ExecutorSpec
from automl.registry import Registry
from automl.steps.fit.fit_fold import forget_datasets
from automl.steps.fit.warm_up import warm_up
from automl.steps.plan.given import Search
from automl.steps.plan.understand import Understood
from automl.steps.resume.keep_run import DATA, Run, running_in
from automl.steps.trials.assign_resources import Assignment, assign_resources, room_here
from automl.vocabulary.settings import SearchSettings

NO_PROCESS = (OSError, ImportError, RuntimeError)
"""What is raised where processes are forbidden, too many, or cannot talk to each other (no /dev/shm, as on Lambda)."""
MOST_PATIENCE, SHORT_PATIENCE = 120.0, 10.0
"""Seconds for which a search waits for its first slot; a quarter of the time limit, where that is less.

Of a short limit it may be more than a quarter, up to half: a busy machine takes some seconds to be there.
"""
EXECUTOR_METHODS = tuple(name for name in vars(Executor) if not name.startswith("_"))
"""What a search calls of an executor."""
NOTHING: Mapping[str, tuple[str, ...]] = {}
NOTE = (
    "workers: no process can be started here ({}), so fits ran in this one, one after another: a fit that crashes or "
    "hangs takes the search with it."
)


@dataclass(frozen=True, slots=True)
class Workers:
    """What a search runs on: an executor whose slots are starting up, and a folder that all of them see."""

    executor: Executor
    assignment: Assignment
    """Of what the executor offered at its start, before the size of the table was known."""
    folder: Path
    run: Run | None
    """The user's folder in which the search goes on, where one was named; else `folder` is a temporary one."""

    @property
    def data(self) -> Path:
        """The part of the folder for the stored table and its images."""
        return self.folder / DATA


@contextmanager
def workers_for(asked: Understood, search: Search, run: Run | None) -> Iterator[Workers]:
    """Bring up folder and slots; all are taken down at the end, but for what a run goes on from."""
    gpus = find_gpus() if any(spec.gpu for spec in asked.models.values()) else None
    modules: dict[str, dict[str, None]] = defaultdict(dict)
    for spec in asked.models.values():
        modules[spec.runtime].update(dict.fromkeys(spec.preload))
    preload = {runtime: tuple(names) for runtime, names in modules.items()}
    with (
        working_folder(run) as folder,
        running_executor(search.settings, search.registry, folder, gpus, preload) as (executor, assignment),
    ):
        yield Workers(executor, assignment, folder, run)


@contextmanager
def working_folder(run: Run | None) -> Iterator[Path]:
    """Give a folder for the stored table and the fitted members: a temporary one, or the one to go on in."""
    with temporary_folder() if run is None else running_in(run) as folder:
        try:
            yield folder
        finally:
            forget_datasets()


@contextmanager
def running_executor(
    settings: SearchSettings,
    registry: Registry,
    folder: Path,
    gpus: tuple[str, ...] | None = None,
    preload: Mapping[str, tuple[str, ...]] = NOTHING,
) -> Iterator[tuple[Executor, Assignment]]:
    """Bring up the slots, whose imports run while the table is typed; all are gone at the end.

    `folder` is the search's own, and outlives them. `gpus` are those of this machine, None where no model wants one.
    `preload` is what fits import besides what all need, by their runtime.

    Where no process can be started, fits run in this one, and the assignment has a note that says so.
    """
    spec = find_executor(registry, settings.executor)
    executor, assignment = _started(settings, registry, spec, folder, gpus, preload)
    try:
        yield executor, assignment
    finally:
        with interrupts_held():
            executor.close()


def _refuse_half(spec: ExecutorSpec, executor: Any) -> None:
    """Refuse an executor that lacks what searches call, as one of an earlier version of the contract does."""
    lacking = [name for name in EXECUTOR_METHODS if not callable(getattr(executor, name, None))]
    if lacking:
        raise PluginError(
            f"The executor {spec.name!r} has no {', '.join(lacking)}; expected all methods of "
            f"automl.plugin_api.Executor. It may have been written for an earlier version: see CHANGELOG.md."
        )


def _patience(time_limit: float | None) -> float:
    """Return how many seconds a first slot is waited for."""
    if time_limit is None:
        return MOST_PATIENCE
    return min(MOST_PATIENCE, max(time_limit / 4, min(SHORT_PATIENCE, time_limit / 2)))


def _started(
    settings: SearchSettings,
    registry: Registry,
    spec: ExecutorSpec,
    folder: Path,
    gpus: tuple[str, ...] | None,
    preload: Mapping[str, tuple[str, ...]],
) -> tuple[Executor, Assignment]:
    n_slots, threads = room_here(settings, isolated=spec.isolated)
    request = ExecutorRequest(
        n_slots=n_slots,
        threads=threads,
        initialize=warm_up,
        gpus=(gpus or ()) if spec.isolated else (),
        folder=folder,
        memory_mb=settings.memory_limit_mb,
        cores=settings.n_jobs if settings.time_limit is not None else 0,
        most_slots=settings.most_slots,
        memory_each_mb=settings.memory_each_mb,
        patience=_patience(settings.time_limit),
        wants_gpus=gpus is not None,
        modules=preload,
    )
    executor = spec.build(request)
    _refuse_half(spec, executor)
    try:
        executor.start()
        assignment = assign_resources(settings, spec, executor.slots())
    except BaseException as error:
        with interrupts_held():
            executor.close()
        inside = next((each for each in registry.executors.values() if not each.isolated), None)
        if not spec.isolated or inside is None or not isinstance(error, NO_PROCESS):
            raise
        executor, assignment = _started(settings, registry, inside, folder, None, NOTHING)
        return executor, replace(assignment, note=NOTE.format(error_line(error)))
    return executor, assignment
