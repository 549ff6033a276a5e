"""Try by count: a fixed number of candidates, in generations, so that the clock and the slots decide nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

from automl.steps.trials.run_jobs import Slots
from automl.steps.trials.trial import Trial
from automl.steps.trials.trials import MOST_REFUSALS, Trials
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Ended, Stage, Status

GENERATION = 8
"""Candidates asked for at once when a search ends by count; a constant, so that results do not depend on n_jobs."""


def try_by_count(trials: Trials, slots: Slots, stop: Callable[[], bool]) -> Ended:
    """Try `max_trials` candidates, in generations of fixed size.

    All proposals of a generation are asked for before any of its results is told, its losers are dropped together
    after the first fold, and outcomes are told in the order of the proposals. So what is tried, and what comes of it,
    depends neither on the clock nor on how many slots there are.
    """
    limit = trials.settings.max_trials or 0
    while len(trials.all) < limit:
        if stop():
            return Ended.STALLED
        generation = _ask_generation(trials, min(GENERATION, limit - len(trials.all)))
        if not generation:
            return Ended.NOTHING_LEFT
        run_folds(trials, slots, [(trial, 0) for trial in generation])
        for trial in generation:
            if 0 in trial.done:
                trials.judge_first_fold(trial)
        kept = [trial for trial in generation if trial.status == Status.RUNNING]
        run_folds(trials, slots, [(trial, fold) for trial in kept for fold in range(1, trials.n_folds)])
        for trial in generation:
            trials.close(trial)
        if slots.are_gone:
            return Ended.NO_MACHINES
    return Ended.COUNT


def run_folds(trials: Trials, slots: Slots, wanted: list[tuple[Trial, int]]) -> None:
    """Run the wanted folds on the slots as they fall free, until all are back.

    Where no machine can fit some of them, and none that could has come for long, their candidates go without.
    """
    waiting = list(reversed(wanted))
    while waiting or slots.running:
        waiting = [(trial, fold) for trial, fold in waiting if trial.status != Status.FAILED]
        for slot in slots.idle():
            suited = next((each for each in reversed(waiting) if _suits(slot, each[0], trials, slots)), None)
            if suited is not None:
                waiting.remove(suited)
                slots.submit(slot, trials.job(*suited, slot, slots.host(slot)))
        if waiting and not slots.running and not slots.await_others():
            for trial, _ in waiting:
                _go_without(trial, trials)
            return
        for finished in slots.wait(math.inf):
            trial = trials.all[finished.job.candidate.id]
            if trials.may_retry(finished):
                waiting.append((trial, trial.again.pop()))
            else:
                trials.record(trial, finished.result, finished.slot)


def _suits(slot: int, trial: Trial, trials: Trials, slots: Slots) -> bool:
    return slots.suits(slot, trials.spec(trial), trial.memory_mb)


def _go_without(trial: Trial, trials: Trials) -> None:
    """Record that the folds of a trial that are still wanted cannot be fitted anywhere; those that are done count."""
    why = trials.setup.assignment.why_nowhere(trials.spec(trial), trial.memory_mb) or "no machine is left"
    if trial.done:
        trials.fail(Failure.of(trial.candidate, Stage.CHOOSE, f"ends after {len(trial.done)} folds: {why}"))
    elif trial.status == Status.RUNNING:
        trials.give_up(trial, f"not run: {why}")


def _ask_generation(trials: Trials, size: int) -> list[Trial]:
    generation: list[Trial] = []
    refused = 0
    while len(generation) < size and refused < MOST_REFUSALS:
        proposal = trials.ask(math.inf)
        if proposal is None:
            break
        trial = trials.accept(proposal)
        if trial is None:
            refused += 1
        else:
            generation.append(trial)
    return generation
