"""Try by time: whatever slot is idle gets the next fold under way, else a new candidate, until the clock ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from automl.plugin_api.protocols import Proposal
from automl.plugin_api.specs import ModelSpec
from automl.steps.fit.fit_fold import FoldJob
from automl.steps.trials.run_jobs import FinishedJob, Slots
from automl.steps.trials.trial import Trial
from automl.steps.trials.trials import MOST_REFUSALS, Trials
from automl.vocabulary.deadline import TimeLeft
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Ended, Refusal, Stage, Status

TRIAL_SHARE = 0.3
"""Share of all slots' time that one candidate may take."""
NEEDED_SHARE = 0.6
"""The same, for a model of columns that others see poorly, such as images."""
WAVE_SHARE = 0.4
"""Share of the time limit that one fold may take where there is a slot for each: others begin once the first ends."""
MOST_WAITING = 4
"""Candidates in a row that may be left waiting for another slot before this one is left idle for a moment."""
SHARED_FROM = 60.0
"""Seconds of search for each slot from which on every slot may bring up workers of another runtime."""
SHARED_FROM_NEEDED = 20.0
"""The same for a model of columns that others see poorly, such as texts, which all slots then read together."""
SHARED_SLACK = 2.0
"""Times the expected seconds that the first fold may take for what later ones find made."""
TIGHT = 0.85
"""A candidate is started when this share of its expected time is left."""
ROOMY = 0.7
"""Of the slots' time left that the work under way may need for folds to go where they are fitted soonest."""


def try_by_time(trials: Trials, slots: Slots, deadline: TimeLeft, stop: Callable[[], bool]) -> Ended:
    """Keep every slot busy until the deadline; return why the search ended."""
    reason = Ended.TIME
    while deadline.left() > 0:
        if stop():
            reason = Ended.STALLED
            break
        while _start_one(trials, slots, deadline):
            pass
        if not slots.running and not slots.are_gone:
            reason = Ended.NOTHING_FITS
            break
        if not slots.running and not slots.await_others(deadline.left()):
            reason = Ended.NO_MACHINES
            break
        for finished in slots.wait(deadline.left()):
            if not trials.may_retry(finished):
                _take_in(trials, finished, deadline)
    _end_the_rest(trials, slots, reason)
    return reason


def _end_the_rest(trials: Trials, slots: Slots, reason: Ended) -> None:
    """End what runs, and record what has come to nothing for lack of time."""
    stopped = set()
    for finished in slots.kill_all("stopped: the time limit was reached", Stage.STOPPED):
        trial = trials.all[finished.job.candidate.id]
        stopped.add(trial.candidate.id)
        if not trial.done and isinstance(finished.result, Failure):
            trials.fail(finished.result)
    for trial in trials.open.values():
        if trial.status != Status.RUNNING or trial.done or trial.candidate.id in stopped:
            continue
        if not trial.handed_out:
            trials.give_up(trial, f"not run: {reason} before a slot was free for it")
        elif trial.lost:
            trials.give_up(trial, f"not run: {reason} before it could be fitted again on another machine")


def shared_slots(time_limit: float | None, spec: ModelSpec, n_slots: int) -> int:
    """Return how many of the slots take a model of a runtime of its own: in a short search half of them.

    Each further worker of that runtime takes the memory of its libraries and of a fit, which a short search gains
    little by, unless the model is what reads the table best.
    """
    least = SHARED_FROM_NEEDED if spec.needs else SHARED_FROM
    return n_slots if time_limit is None or time_limit >= least * n_slots else max(1, n_slots // 2)


def _start_one(trials: Trials, slots: Slots, deadline: TimeLeft) -> bool:
    """Start one job on an idle slot: the next fold of what is under way, else a new candidate."""
    for slot in slots.idle():
        job = _next_fold(slot, trials, slots, deadline) or _first_fold(slot, trials, slots, deadline)
        if job is not None:
            slots.submit(slot, job)
            return True
    return False


def _next_fold(slot: int, trials: Trials, slots: Slots, deadline: TimeLeft) -> FoldJob | None:
    """Return the job for a fold of a candidate under way that a slot takes."""
    host, left = slots.host(slot), deadline.left()
    ready = [
        trial
        for trial in trials.open.values()
        if trial.status == Status.RUNNING
        and _is_ready(trial, host, slots.n_on(host))
        and slots.suits(slot, trials.spec(trial), trial.memory_mb)
        and _fold_fits(trials, trial, host, left)
    ]
    if not ready:
        return None
    work = sum(_seconds_each(trials, trial) * (trials.n_folds - len(trial.done)) for trial in ready)
    trial = next_trial(ready, work, slots.place(slot), slots.n_slots, left, trials.n_folds)
    return _job(trials, trial, trial.next_fold(), slot, host, left)


def _first_fold(slot: int, trials: Trials, slots: Slots, deadline: TimeLeft) -> FoldJob | None:
    """Return the job for the first fold of a new candidate; one that does not suit the slot waits for another."""
    limit, host = trials.settings.max_trials, slots.host(slot)
    waiting = sum(not trial.handed_out and trial.status == Status.RUNNING for trial in trials.open.values())
    for _ in range(MOST_WAITING - waiting if slots.has_gpu(slot) else MOST_WAITING):
        trial = None if limit is not None and len(trials.all) >= limit else _ask_for_time(trials, deadline, host)
        if trial is None:
            return None
        if slots.suits(slot, trials.spec(trial), trial.memory_mb):
            return _job(trials, trial, 0, slot, host, deadline.left())
    return None


def _job(trials: Trials, trial: Trial, fold: int, slot: int, host: str, left: float) -> FoldJob:
    """Return the job for a fold; a slow machine is given more seconds for it, none more than there are left."""
    trial.end_within(left)
    if trial.shares and trial.home is None:
        trial.home = host
    job = trials.job(trial, fold, slot, host)
    seconds = job.seconds
    if trial.done and trials.costs.shared_seconds(trial.candidate.model, trial.candidate.params, host) > 0:
        seconds = trial.first_cap_seconds  # what its folds share is still to be made there
    pace = max(1.0, trials.costs.pace_of(host))
    return job if seconds * pace == job.seconds else replace(job, seconds=min(left, seconds * pace))


def next_trial(
    ready: Sequence[Trial], work: float, place: int, n_slots: int, seconds_left: float, n_folds: int
) -> Trial:
    """Return the trial whose next fold a slot takes: the oldest where time may not do to complete all of them.

    `work` is what all of them need, in seconds of one slot. Where there is time enough, a fold goes to a slot that
    has had it, if it can: a slot keeps what it has prepared for a fold.
    """
    if work > ROOMY * n_slots * seconds_left:
        return ready[0]
    own = max(1, min(n_slots, n_folds))
    return next((trial for trial in ready if (trial.handed_out - place) % own == 0), ready[0])


def _is_ready(trial: Trial, host: str, n_there: int) -> bool:
    """Tell whether a trial may have its next fold now, on a machine: the first is judged before the others begin.

    Where the first makes something that all share, one on each slot of its machine makes it sooner.
    """
    if trial.judged or not trial.handed_out or trial.again:
        return True
    return trial.shares and host == trial.home and trial.handed_out < n_there


def _fold_fits(trials: Trials, trial: Trial, host: str, left: float) -> bool:
    if trial.handed_out >= trials.n_folds and not trial.again:
        return False
    seconds = _seconds_each(trials, trial, host)
    if trial.done:
        seconds += trials.costs.shared_seconds(trial.candidate.model, trial.candidate.params, host)
    return seconds * TIGHT < left


def _seconds_each(trials: Trials, trial: Trial, host: str | None = None) -> float:
    """Return what a fold of a trial is expected to take, by those that are done; on a machine where one is named."""
    costs, model, params = trials.costs, trial.candidate.model, trial.candidate.params
    if not trial.done:
        return costs.estimate(model, params, host)
    own = ((costs.own_seconds(model, params, each.seconds), each.machine) for each in trial.done.values())
    taken = sum(seconds / costs.pace_of(machine) for seconds, machine in own)
    return taken / len(trial.done) * costs.pace_of(host)


def _ask_for_time(trials: Trials, deadline: TimeLeft, host: str) -> Trial | None:
    """Ask until a proposal can be run and is expected to end in time, its first fold on a machine."""
    for _ in range(MOST_REFUSALS + len(trials.all)):  # a strategy begins anew where a search goes on
        left = deadline.left()
        proposal = trials.ask(left)
        if proposal is None:
            return None
        if proposal.model in trials.models:
            needed = _seconds_needed(trials, proposal, host)
            if needed * TIGHT > left and trials.results:
                trials.skip(proposal, Refusal.TIME, f"would need about {needed:.1f} s; {left:.1f} s were left")
                continue
        trial = trials.accept(proposal)
        if trial is not None:
            share = NEEDED_SHARE if trials.models[proposal.model].needs else TRIAL_SHARE
            share *= (trials.settings.time_limit or math.inf) * trials.n_slots
            shared = trials.costs.shared_seconds(proposal.model, proposal.params)
            each = max(1.0, share / trials.n_folds)
            if _waves(trials) > 1:
                each = min(each, max(1.0, WAVE_SHARE * (trials.settings.time_limit or math.inf)))
            trial.allow(each, max(each, min(share / 2, each + SHARED_SLACK * shared)))
            trial.shares = shared > 0
            return trial
    return None


def _seconds_needed(trials: Trials, proposal: Proposal, host: str) -> float:
    """Return what a candidate takes at least: its first fold, and what all take on all slots.

    Where there is a slot for each fold, the others take as long again as the first, after which they begin.
    """
    model, params, costs = proposal.model, proposal.params, trials.costs
    each = costs.estimate(model, params, host)
    first = _waves(trials) * each + costs.shared_seconds(model, params, host)
    return max(first, costs.estimate_trial(model, params) / trials.n_slots)


def _waves(trials: Trials) -> int:
    """Return how many times as long as one fold a candidate takes at least, where there is a slot for each fold."""
    return 2 if trials.n_slots > trials.n_folds > 1 else 1


def _take_in(trials: Trials, finished: FinishedJob, deadline: TimeLeft) -> None:
    """Record a finished fold; judge after the first, close after the last."""
    trial = trials.all[finished.job.candidate.id]
    trials.record(trial, finished.result, finished.slot)
    if trial.status == Status.RUNNING and not trial.judged and 0 in trial.done:
        trials.judge_first_fold(trial)
    all_back = len(trial.done) == trials.n_folds
    if trial.status in (Status.FAILED, Status.DROPPED) or all_back or deadline.left() <= 0:
        trials.close(trial)
