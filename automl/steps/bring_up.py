"""Bring up what a search needs around it, a folder and workers, and take it down again, however the search ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from automl.plugin_api.protocols import Executor
from automl.plugin_api.specs import ExecutorRequest
from automl.registry import Registry
from automl.steps.assign_resources import Assignment, assign_resources
from automl.steps.fit_fold import forget_datasets
from automl.steps.hold_folder import temporary_folder
from automl.steps.hold_interrupts import interrupts_held
from automl.steps.keep_run import Run, running_in
from automl.steps.warm_up import warm_up
from automl.vocabulary.settings import SearchSettings


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
    settings: SearchSettings, registry: Registry, gpus: tuple[str, ...] = ()
) -> Iterator[tuple[Executor, Assignment]]:
    """Bring up the slots, whose imports run while the table is typed; all are gone at the end."""
    spec = registry.executors[settings.executor]
    assignment = assign_resources(settings, spec, gpus=gpus)
    executor = spec.build(ExecutorRequest(assignment.n_slots, assignment.threads, warm_up, assignment.gpus))
    try:
        executor.start()
        yield executor, assignment
    finally:
        with interrupts_held():
            executor.close()
