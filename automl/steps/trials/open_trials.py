"""Open the trials: assign slots by the size of the table, store it where workers find it, and say that it begins."""

from __future__ import annotations

from functools import partial

from automl.plugin_api.local_work import LocalWorkplace
from automl.steps.plan.encode_given import EncodedTable
from automl.steps.plan.given import Search
from automl.steps.resume.keep_run import store_in
from automl.steps.resume.log_folds import FoldLog
from automl.steps.resume.remember_fits import RememberingExecutor
from automl.steps.trials.assign_resources import Assignment, assign_resources
from automl.steps.trials.bring_up import Workers
from automl.steps.trials.find_running import find_running
from automl.steps.trials.follow_slots import Offer
from automl.steps.trials.setup import Setup
from automl.vocabulary.events import SearchResumed, SearchStarted, SlotsChanged


def open_trials(table: EncodedTable, workers: Workers, search: Search) -> Setup:
    """Fix what all trials share, and tell the watchers that the search begins, or goes on.

    Workers were started before the size of the table was known; where it is large, fewer of them are used from here on.
    """
    started, plan = workers.assignment, table.judge.plan
    assign = partial(assign_resources, search.settings, started.executor, dataset=table.dataset)
    offer = Offer(workers.executor, assign, started.note, partial(_tell_change, search))
    stored = store_in(workers.folder, table.dataset, plan, table.image_files)
    log = None if workers.run is None else FoldLog(workers.folder)
    setup = Setup(
        search=search,
        table=table,
        executor=workers.executor if log is None else RememberingExecutor(workers.executor, log),
        stored=workers.executor.publish(stored.name, stored.files),
        place=LocalWorkplace(workers.folder, published={stored.name: stored.files}),
        offer=offer,
        running=find_running(table.dataset, plan),
        run=workers.run,
        log=log,
    )
    search.registry.tell(_started(setup))
    if setup.log is not None and len(setup.log):
        search.registry.tell(SearchResumed(search.elapsed(), len(setup.log), len(setup.log.candidates())))
    return setup


def _tell_change(search: Search, before: Assignment, now: Assignment) -> None:
    """Tell the watchers that machines have come or gone."""
    came = tuple(name for name in now.machines if name not in before.machines)
    gone = tuple(name for name in before.machines if name not in now.machines)
    search.registry.tell(SlotsChanged(search.elapsed(), len(now.used), now.machines, came, gone))


def _started(setup: Setup) -> SearchStarted:
    settings, judge = setup.search.settings, setup.table.judge
    return SearchStarted(
        elapsed=setup.search.elapsed(),
        task=judge.task,
        schema=setup.table.dataset.schema,
        n_rows=len(judge.target),
        plan=judge.plan.description,
        n_folds=judge.plan.n_folds,
        metric=judge.metric.name,
        greater_is_better=judge.metric.greater_is_better,
        models=tuple(setup.table.models),
        n_slots=setup.assignment.n_slots,
        time_limit=settings.time_limit,
        max_trials=settings.max_trials,
        verbose=settings.verbose,
        machines=setup.assignment.machines,
    )
