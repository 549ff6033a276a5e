"""Take over what an earlier search has fitted, where the clock decides what is tried: as if it were fitted now."""

from __future__ import annotations

from collections.abc import Sequence

from automl.steps.resume.log_folds import FoldLog, LoggedFold
from automl.steps.trials.trials import Bag, Trials
from automl.vocabulary.results import Failure, FoldResult
from automl.vocabulary.states import Status


def take_over(trials: Trials, log: FoldLog) -> None:
    """Record every candidate of the log with its folds; those that are not complete go on with the next fold.

    The strategy is told of the candidates that have ended. It was built anew and has not asked for them, as it has not
    for the baseline either.
    """
    taken = [bag for lines in log.candidates() if (bag := _take(trials, log, lines)) is not None]
    for bag in taken:
        if bag.status == Status.RUNNING and 0 in bag.done and not bag.judged:
            trials.judge_first_fold(bag)
        if bag.status in (Status.FAILED, Status.DROPPED) or len(bag.done) == trials.n_folds:
            trials.close(bag)


def _take(trials: Trials, log: FoldLog, lines: Sequence[LoggedFold]) -> Bag | None:
    if any(bag.candidate.id == lines[0].key[0] for bag in trials.bags.values()):
        return None  # the baseline
    bag = trials.propose(lines[0].proposal)
    if isinstance(bag, Failure):
        return None
    for line in lines:
        result = log.load(line)
        bag.rows_share = min(bag.rows_share, line.key[2])
        bag.handed_out = max(bag.handed_out, 1 + (result.fold or 0))
        trials.record(bag, result, slot=0)
        if isinstance(result, FoldResult) and result.fold:
            bag.judged = True  # more than its first fold was fitted, so it was promising
    bag.again += [fold for fold in reversed(range(bag.handed_out)) if fold not in bag.done]
    return bag
