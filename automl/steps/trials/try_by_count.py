"""Try by count: a fixed number of candidates, in generations, so that the clock and the slots decide nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

from automl.steps.trials.run_jobs import Slots
from automl.steps.trials.trials import MOST_REFUSALS, Bag, Trials
from automl.vocabulary.states import Ended, Status

GENERATION = 8
"""Candidates asked for at once when a search ends by count; a constant, so that results do not depend on n_jobs."""


def try_by_count(trials: Trials, slots: Slots, stop: Callable[[], bool]) -> Ended:
    """Try `max_trials` candidates, in generations of fixed size.

    All proposals of a generation are asked for before any of its results is told, its losers are dropped together
    after the first fold, and outcomes are told in the order of the proposals. So what is tried, and what comes of it,
    depends neither on the clock nor on how many slots there are.
    """
    limit = trials.settings.max_trials or 0
    while len(trials.bags) < limit:
        if stop():
            return Ended.STALLED
        generation = _ask_generation(trials, min(GENERATION, limit - len(trials.bags)))
        if not generation:
            return Ended.NOTHING_LEFT
        run_folds(trials, slots, [(bag, 0) for bag in generation])
        for bag in generation:
            if 0 in bag.done:
                trials.judge_first_fold(bag)
        kept = [bag for bag in generation if bag.status == Status.RUNNING]
        run_folds(trials, slots, [(bag, fold) for bag in kept for fold in range(1, trials.n_folds)])
        for bag in generation:
            trials.close(bag)
    return Ended.COUNT


def run_folds(trials: Trials, slots: Slots, wanted: list[tuple[Bag, int]]) -> None:
    """Run the wanted folds on the slots as they fall free, until all are back."""
    waiting = list(reversed(wanted))
    while waiting or slots.running:
        waiting = [(bag, fold) for bag, fold in waiting if bag.status != Status.FAILED]
        for slot in slots.idle():
            suited = next((each for each in reversed(waiting) if slots.suits(slot, trials.spec(each[0]))), None)
            if suited is not None:
                waiting.remove(suited)
                slots.submit(slot, trials.job(*suited, slot))
        for finished in slots.wait(math.inf):
            bag = trials.bags[finished.job.candidate.id]
            if trials.may_retry(finished):
                waiting.append((bag, bag.again.pop()))
            else:
                trials.record(bag, finished.result, finished.slot)


def _ask_generation(trials: Trials, size: int) -> list[Bag]:
    generation: list[Bag] = []
    refused = 0
    while len(generation) < size and refused < MOST_REFUSALS:
        proposal = trials.ask(math.inf)
        if proposal is None:
            break
        bag = trials.accept(proposal)
        if bag is None:
            refused += 1
        else:
            generation.append(bag)
    return generation
