"""Try candidates: ask the strategy, fit fold by fold on free slots, drop the losers, until the clock or count ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from automl.plugin_api.protocols import Outcome, Proposal
from automl.steps.trials.run_jobs import FinishedJob, Slots
from automl.steps.trials.trials import Bag, Trials
from automl.vocabulary.deadline import TimeLeft
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Ended, Stage, Status

MOST_REFUSALS = 200
"""So many proposals in a row that cannot be run end the search: the strategy has nothing left that fits."""
GENERATION = 8
"""Candidates asked for at once when a search ends by count; a constant, so that results do not depend on n_jobs."""
BAG_SHARE = 0.3
"""Share of all slots' time that one candidate may take."""
NEEDED_SHARE = 0.6
"""The same, for a model of columns that others see poorly, such as images."""
MOST_WAITING = 4
"""Candidates in a row that may be left waiting for another slot before this one is left idle for a moment."""
SHARED_FROM = 90.0
"""Seconds of search for each slot from which on every slot may bring up workers of another runtime."""
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
        while slots.idle() and _start_one(trials, slots, deadline):
            pass
        if not slots.running:
            reason = Ended.NOTHING_FITS
            break
        for finished in slots.wait(deadline.left()):
            if not trials.may_retry(finished):
                _take_in(trials, finished, deadline)
    _end_the_rest(trials, slots, reason)
    return reason


def _end_the_rest(trials: Trials, slots: Slots, reason: Ended) -> None:
    """End what runs, and record what has come to nothing for lack of time."""
    for finished in slots.kill_all("stopped: the time limit was reached", Stage.STOPPED):
        bag = trials.bags[finished.job.candidate.id]
        if not bag.done and isinstance(finished.result, Failure):
            trials.fail(finished.result)
    for bag in trials.bags.values():
        if bag.status == Status.RUNNING and not bag.handed_out:
            trials.give_up(bag, f"not run: {reason} before a slot was free for it")


def shared_slots(time_limit: float | None, n_slots: int) -> int:
    """Return how many slots take models of a runtime of their own: few in a short search, where starts are dear."""
    return n_slots if time_limit is None or time_limit >= SHARED_FROM * n_slots else max(1, n_slots // 2)


def try_by_count(trials: Trials, slots: Slots, stop: Callable[[], bool]) -> Ended:
    """Try `max_trials` candidates, in generations of fixed size.

    All proposals of a generation are asked for before any of its results is told, its losers are dropped together
    after the first fold, and outcomes are told in the order of the proposals. So what is tried, and what comes of it,
    depends neither on the clock nor on how many slots there are.
    """
    limit = trials.around.settings.max_trials or 0
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
        n_folds = trials.around.judge.plan.n_folds
        run_folds(trials, slots, [(b, k) for b in generation if b.status == Status.RUNNING for k in range(1, n_folds)])
        for bag in generation:
            trials.close(bag)
    return Ended.COUNT


def run_folds(trials: Trials, slots: Slots, wanted: list[tuple[Bag, int]]) -> None:
    """Run the wanted folds on the slots as they fall free, until all are back."""
    waiting = list(reversed(wanted))
    while waiting or slots.running:
        waiting = [(bag, fold) for bag, fold in waiting if bag.status != Status.FAILED]
        for slot in slots.idle():
            suited = next((each for each in reversed(waiting) if _suits(trials, each[0], slots, slot)), None)
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
        bag = _proposed(trials, proposal)
        if bag is None:
            refused += 1
        else:
            generation.append(bag)
    return generation


def _proposed(trials: Trials, proposal: Proposal) -> Bag | None:
    """Return the bag for a proposal; one that cannot be run is recorded and told to the strategy."""
    made = trials.propose(proposal)
    if isinstance(made, Failure):
        trials.tell(Outcome(proposal, math.inf, 0.0, Status.SKIPPED))
        return None
    return made


def _start_one(trials: Trials, slots: Slots, deadline: TimeLeft) -> bool:
    """Start one job on an idle slot: the next fold of what is under way, else a new candidate."""
    return any(_start_on(slot, trials, slots, deadline) for slot in slots.idle())


def _start_on(slot: int, trials: Trials, slots: Slots, deadline: TimeLeft) -> bool:
    ready = [bag for bag in trials.bags.values() if bag.status == Status.RUNNING and _is_ready(bag, slots.n_slots)]
    ready = [bag for bag in ready if _suits(trials, bag, slots, slot) and _fold_fits(trials, bag, deadline)]
    if ready:
        n_folds = trials.around.judge.plan.n_folds
        work = sum(_seconds_each(trials, bag) * (n_folds - len(bag.done)) for bag in ready)
        bag = next_bag(ready, work, slot, slots.n_slots, deadline.left())
        fold = bag.again.pop() if bag.again else bag.handed_out
        slots.submit(slot, trials.job(_capped(bag, deadline), fold, slot))
        return True
    limit = trials.around.settings.max_trials
    idle = sum(not bag.handed_out and bag.status == Status.RUNNING for bag in trials.bags.values())
    for _ in range(MOST_WAITING - idle if slots.has_gpu(slot) else MOST_WAITING):
        bag_or_none = None if limit is not None and len(trials.bags) >= limit else _ask_for_time(trials, deadline)
        if bag_or_none is None:
            return False
        if _suits(trials, bag_or_none, slots, slot):  # else it waits for a slot that takes its runtime
            slots.submit(slot, trials.job(_capped(bag_or_none, deadline), 0, slot))
            return True
    return False


def next_bag(ready: Sequence[Bag], work: float, slot: int, n_slots: int, seconds_left: float) -> Bag:
    """Return the bag whose next fold a slot takes: the oldest where time may not do to complete all of them.

    `work` is what all of them need, in seconds of one slot. Where there is time enough, a fold goes to the slot that
    has had it, if it can: a slot keeps what it has prepared for a fold.
    """
    if work > ROOMY * n_slots * seconds_left:
        return ready[0]
    return next((bag for bag in ready if bag.handed_out % n_slots == slot), ready[0])


def _is_ready(bag: Bag, n_slots: int) -> bool:
    """Tell whether a bag may have its next fold now: the first is judged before the others begin.

    Where the first makes something that all share, one on each slot makes it sooner.
    """
    return bag.judged or not bag.handed_out or bool(bag.again) or (bag.shares and bag.handed_out < n_slots)


def _suits(trials: Trials, bag: Bag, slots: Slots, slot: int) -> bool:
    return slots.suits(slot, trials.around.models[bag.candidate.model])


def _fold_fits(trials: Trials, bag: Bag, deadline: TimeLeft) -> bool:
    if bag.handed_out >= trials.around.judge.plan.n_folds and not bag.again:
        return False
    return _seconds_each(trials, bag) * TIGHT < deadline.left()


def _seconds_each(trials: Trials, bag: Bag) -> float:
    """Return what a fold of a bag is expected to take, by those that are done."""
    if not bag.done:
        return trials.costs.estimate(bag.candidate.model, bag.candidate.params)
    return sum(each.seconds for each in bag.done.values()) / len(bag.done)


def _capped(bag: Bag, deadline: TimeLeft) -> Bag:
    bag.cap_seconds = min(bag.cap_seconds, deadline.left())
    bag.first_cap_seconds = min(bag.first_cap_seconds, deadline.left())
    return bag


def _ask_for_time(trials: Trials, deadline: TimeLeft) -> Bag | None:
    """Ask until a proposal can be run and is expected to end in time."""
    for _ in range(MOST_REFUSALS + len(trials.bags)):  # a strategy begins anew where a search goes on
        left = deadline.left()
        proposal = trials.ask(left)
        if proposal is None:
            return None
        if proposal.model in trials.around.models:
            around = trials.around
            first = trials.costs.estimate(proposal.model, proposal.params)
            first += trials.costs.shared_seconds(proposal.model, proposal.params)
            needed = max(first, trials.costs.estimate_bag(proposal.model, proposal.params) / around.n_slots)
            if needed * TIGHT > left and trials.results:
                trials.skip(proposal, f"would need about {needed:.1f} s; {left:.1f} s were left")
                continue
        bag = _proposed(trials, proposal)
        if bag is not None:
            share = NEEDED_SHARE if trials.around.models[proposal.model].needs else BAG_SHARE
            share *= (trials.around.settings.time_limit or math.inf) * trials.around.n_slots
            shared = trials.costs.shared_seconds(proposal.model, proposal.params)
            bag.cap_seconds = max(1.0, share / trials.around.judge.plan.n_folds)
            bag.shares = shared > 0
            bag.first_cap_seconds = max(bag.cap_seconds, min(share / 2, bag.cap_seconds + SHARED_SLACK * shared))
            return bag
    return None


def _take_in(trials: Trials, finished: FinishedJob, deadline: TimeLeft) -> None:
    """Record a finished fold; judge after the first, close after the last."""
    bag = trials.bags[finished.job.candidate.id]
    trials.record(bag, finished.result, finished.slot)
    if bag.status == Status.RUNNING and not bag.judged and 0 in bag.done:
        trials.judge_first_fold(bag)
    all_back = len(bag.done) == trials.around.judge.plan.n_folds
    if bag.status in (Status.FAILED, Status.DROPPED) or all_back or deadline.left() <= 0:
        trials.close(bag)
