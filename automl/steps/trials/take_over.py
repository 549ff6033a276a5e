"""Take over what an earlier search has fitted, where the clock decides what is tried: as if it were fitted now."""

from __future__ import annotations

from collections.abc import Sequence

from automl.steps.resume.log_folds import FoldLog, LoggedFold
from automl.steps.trials.trial import Trial
from automl.steps.trials.trials import Trials
from automl.vocabulary.results import FoldResult
from automl.vocabulary.states import Refusal, Status


def take_over(trials: Trials, log: FoldLog) -> None:
    """Record every candidate of the log with its folds; those that are not complete go on with the next fold.

    The strategy is told of the candidates that have ended. It was built anew and has not asked for them, as it has not
    for the baseline either.
    """
    taken = [trial for lines in log.candidates() if (trial := _take(trials, log, lines)) is not None]
    for trial in taken:
        if trial.status == Status.RUNNING and 0 in trial.done and not trial.judged:
            trials.judge_first_fold(trial)
        if trial.status in (Status.FAILED, Status.DROPPED) or len(trial.done) == trials.n_folds:
            trials.close(trial)


def _take(trials: Trials, log: FoldLog, lines: Sequence[LoggedFold]) -> Trial | None:
    if any(trial.candidate.id == lines[0].key[0] for trial in trials.all.values()):
        return None  # the baseline
    trial = trials.propose(lines[0].proposal)
    if isinstance(trial, Refusal):
        return None
    for line in lines:
        result = log.load(line)
        trial.rows_share = min(trial.rows_share, line.key[2])
        trial.handed_out = max(trial.handed_out, 1 + (result.fold or 0))
        trials.record(trial, result, slot=0)
        if isinstance(result, FoldResult) and result.fold:
            trial.judged = True  # more than its first fold was fitted, so it was promising
    trial.again += [fold for fold in reversed(range(trial.handed_out)) if fold not in trial.done]
    return trial
