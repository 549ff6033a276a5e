"""Bring up what a search needs around it, a folder and workers, and take it down again, however the search ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from automl.errors import error_line
from automl.machine.hold_folder import temporary_folder
from automl.machine.hold_interrupts import interrupts_held
from automl.plugin_api.executors import Executor
from automl.plugin_api.specs import ExecutorRequest, ExecutorSpec
from automl.registry import Registry
from automl.steps.fit.fit_fold import forget_datasets
from automl.steps.fit.warm_up import warm_up
from automl.steps.resume.keep_run import Run, running_in
from automl.steps.trials.assign_resources import Assignment, assign_resources
from automl.vocabulary.settings import SearchSettings

NO_PROCESS = (OSError, ImportError, RuntimeError)
"""What is raised where processes are forbidden, too many, or cannot talk to each other (no /dev/shm, as on Lambda)."""
NOTE = (
    "workers: no process can be started here ({}), so fits ran in this one, one after another: a fit that crashes or "
    "hangs takes the search with it."
)


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
    settings: SearchSettings, registry: Registry, folder: Path, gpus: tuple[str, ...] = ()
) -> Iterator[tuple[Executor, Assignment]]:
    """Bring up the slots, whose imports run while the table is typed; all are gone at the end.

    `folder` is the search's own, and outlives them.

    Where no process can be started, fits run in this one, and the assignment has a note that says so.
    """
    executor, assignment = _started(settings, registry, registry.executors[settings.executor], folder, gpus)
    try:
        yield executor, assignment
    finally:
        with interrupts_held():
            executor.close()


def _started(
    settings: SearchSettings, registry: Registry, spec: ExecutorSpec, folder: Path, gpus: tuple[str, ...]
) -> tuple[Executor, Assignment]:
    assignment = assign_resources(settings, spec, gpus=gpus)
    request = ExecutorRequest(assignment.n_slots, assignment.threads, warm_up, assignment.gpus, folder)
    executor = spec.build(request)
    try:
        executor.start()
    except BaseException as error:
        with interrupts_held():
            executor.close()
        inside = next((each for each in registry.executors.values() if not each.isolated), None)
        if not spec.isolated or inside is None or not isinstance(error, NO_PROCESS):
            raise
        executor, assignment = _started(settings, registry, inside, folder, ())
        return executor, replace(assignment, note=NOTE.format(error_line(error)))
    return executor, assignment
