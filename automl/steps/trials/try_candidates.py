"""Try candidates: ask the strategy what to try and fit it fold by fold, until time, count or the user ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from automl.machine.watch_memory import MemoryWatch
from automl.steps.trials.build_strategy import strategy_builder
from automl.steps.trials.fit_first import fit_first
from automl.steps.trials.reserve_time import BeforeRefit, finish_seconds
from automl.steps.trials.run_jobs import Slots, patience
from automl.steps.trials.setup import Setup
from automl.steps.trials.take_over import take_over
from automl.steps.trials.trials import Trials
from automl.steps.trials.try_by_count import try_by_count
from automl.steps.trials.try_by_time import shared_slots, try_by_time
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.events import TrialsFinished
from automl.vocabulary.states import Ended

T = TypeVar("T")
SECONDS_AFTER_INTERRUPT = 3.0
"""Time for the ensemble once the user has interrupted the search."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What is there once candidates have been tried."""

    trials: Trials
    """The books: results and failures."""
    slots: Slots
    """Idle, for fits on all rows."""
    reason: Ended
    """Why no more candidates were tried."""
    deadline: Deadline
    """By when all that follows must be done."""

    @property
    def setup(self) -> Setup:
        """What the search had fixed before."""
        return self.trials.setup


def try_candidates(setup: Setup) -> Tried:
    """Fit candidates until time or count ends, or the user interrupts; the watchers are told why it ended."""
    search = setup.search
    trials = Trials(setup, strategy_builder(setup))
    slots = Slots(
        setup.executor,
        setup.assignment.used,
        partial(shared_slots, search.settings.time_limit),
        MemoryWatch(search.settings.memory_limit_mb),
        setup.offer,
        patience(search.settings.time_limit),
    )

    def stop() -> bool:
        return bool(search.registry.decide("automl_should_stop", progress=trials.progress()))

    try:
        fit_first(trials)
        slots.follow()
        if search.settings.time_limit is None:
            reason = try_by_count(trials, slots, stop)
        else:
            if setup.log is not None:
                take_over(trials, setup.log)
            reason = try_by_time(trials, slots, _time_for_candidates(trials), stop)
    except KeyboardInterrupt:
        slots.kill_all("interrupted")
        reason = Ended.INTERRUPTED
    finally:
        trials.close_all()
    search.registry.tell(TrialsFinished(search.elapsed(), reason))
    return Tried(trials, slots, reason, search.deadline)


def _time_for_candidates(trials: Trials) -> BeforeRefit:
    """Return the time that candidates have: without what the ensemble, the members and fits on all rows will take."""
    judge, search = trials.judge, trials.setup.search
    scoring = trials.score_seconds if trials.results else 0.0
    reserve = finish_seconds(search.settings.time_limit, len(judge.target), judge.task.n_outputs, scoring)
    return BeforeRefit(search.deadline.earlier(reserve), trials)


def finish_despite_interrupt(tried: Tried, finish: Callable[[Tried], T]) -> T:
    """Finish; after the first interrupt, whenever that comes, in a few seconds. A second one goes through."""
    if tried.reason is not Ended.INTERRUPTED:
        try:
            return finish(tried)
        except KeyboardInterrupt:
            tried.slots.kill_all("interrupted")
    hurried = tried.deadline.within(SECONDS_AFTER_INTERRUPT)
    return finish(replace(tried, reason=Ended.INTERRUPTED, deadline=hurried))
