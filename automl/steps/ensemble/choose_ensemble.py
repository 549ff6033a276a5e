"""Choose the ensemble: of those that noise cannot tell from the best, the mean of few rows, the simplest of many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl.plugin_api.protocols import FitContext
from automl.plugin_api.scoring import lower_is_better
from automl.steps.ensemble.cross_fit import CrossFitted
from automl.steps.score.judge import Judge
from automl.steps.score.resample_scores import Resamples, count_draws, draw_resamples, standard_error
from automl.vocabulary.arrays import Array
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Stage

COMPARING_DRAWS = 60
AVERAGED_ROWS, AVERAGED_ERRORS = 2_500, 1.0
"""Of up to so many rows, ensembles that trail the best by at most so many standard errors are averaged.

Which of them is best is then mostly chance. See `benchmarks/README.md`.
"""
SIMPLICITY_TOLERANCE = 0.5
"""Of more rows a simpler one is taken where it trails the best by at most so many standard errors of the difference."""
AVERAGED_SHARE = 0.5
"""Share of the time left that fits on all rows of ensembles to be averaged should take, at most."""


@dataclass(frozen=True, slots=True)
class JudgedEnsemble:
    """A cross-fitted ensembler, or the mean of several, and how good it is.

    predictions: those behind the score, `(n_rows, n_outputs)`. error: the standard error of the loss. resampled:
    `(n_draws,)`, its losses on the rows of each resample.
    """

    trials: tuple[CrossFitted, ...]
    predictions: Array
    score: float
    loss: float
    error: float
    resampled: Array

    @property
    def name(self) -> str:
        """The name of its spec, or the names of those that are averaged."""
        return " + ".join(str(trial.spec.name) for trial in self.trials)

    @property
    def complexity(self) -> int:
        """That of its spec; of several the sum."""
        return sum(trial.spec.complexity for trial in self.trials)

    @property
    def seconds(self) -> float:
        """Seconds that cross-fitting took."""
        return sum(trial.seconds for trial in self.trials)


def within_noise(judged: Sequence[JudgedEnsemble], shrink: float, tolerance: float) -> list[JudgedEnsemble]:
    """Return those that trail the best by at most so many standard errors of the difference, the best first."""
    ranked = sorted(judged, key=lambda each: (each.loss, each.complexity))
    return [each for each in ranked if not trails(each, ranked[0], shrink, tolerance)]


def trails(one: JudgedEnsemble, other: JudgedEnsemble, shrink: float, tolerance: float) -> bool:
    """Tell whether one has no score, or is worse than the other by more than so many standard errors."""
    noise = tolerance * standard_error(one.resampled - other.resampled, shrink)
    return not (one.loss <= other.loss or one.loss - other.loss <= noise)


def judge_trials(
    judge: Judge, trials: Sequence[CrossFitted], context: FitContext
) -> tuple[list[JudgedEnsemble], tuple[Failure, ...]]:
    """Return the trials with their scores, what to take first and the others by loss; those without a score fail.

    What to take may be the mean of several, which then stands before them.
    """
    judged, failures = list[JudgedEnsemble](), []
    if not trials:
        return [], ()
    seconds = context.seconds_left() / 3 / len(trials)
    count = count_draws(judge, trials[0].predictions, COMPARING_DRAWS, seconds)
    resamples = draw_resamples(judge, count, context.seed)
    for trial in trials:
        found = _judged(judge, resamples, (trial,))
        if math.isnan(found.score):
            failures.append(Failure(trial.spec.name, Stage.ENSEMBLE, f"{judge.metric.name} is not defined for it."))
        else:
            judged.append(found)
    if judged:
        chosen = _chosen(judge, judged, resamples, context.seconds_left())
        judged.sort(key=lambda each: each.loss)
        judged = [chosen, *(each for each in judged if each is not chosen)]
    return judged, tuple(failures)


def _judged(judge: Judge, resamples: Resamples, trials: tuple[CrossFitted, ...]) -> JudgedEnsemble:
    """Judge the mean of what trials have predicted."""
    predictions = np.mean([trial.predictions for trial in trials], axis=0)
    score, resampled = judge.score(predictions), lower_is_better(judge.metric, resamples.scores(judge, predictions))
    error = standard_error(resampled, resamples.shrink)
    return JudgedEnsemble(trials, predictions, score, lower_is_better(judge.metric, score), error, resampled)


def _chosen(
    judge: Judge, judged: Sequence[JudgedEnsemble], resamples: Resamples, seconds_left: float
) -> JudgedEnsemble:
    """Return what to take: of few rows a mean, of more the simplest, where rows stand in order of time the best."""
    if judge.parts is None and len(judge.target) <= AVERAGED_ROWS:
        return _mean_or_best(judge, judged, resamples, seconds_left)
    able = within_noise(judged, resamples.shrink, SIMPLICITY_TOLERANCE if judge.parts is None else 0.0)
    return min(able, key=lambda each: (each.complexity, each.loss))


def _mean_or_best(
    judge: Judge, judged: Sequence[JudgedEnsemble], resamples: Resamples, seconds_left: float
) -> JudgedEnsemble:
    """Return the mean of those that noise cannot tell from the best, or the best where the mean trails it."""
    together = _affordable(within_noise(judged, resamples.shrink, AVERAGED_ERRORS), AVERAGED_SHARE * seconds_left)
    if len(together) == 1:
        return together[0]
    mean = _judged(judge, resamples, tuple(trial for each in together for trial in each.trials))
    return together[0] if trails(mean, together[0], resamples.shrink, AVERAGED_ERRORS) else mean


def _affordable(ranked: Sequence[JudgedEnsemble], seconds: float) -> list[JudgedEnsemble]:
    """Return the first, and those with other losses after it that can be fitted on all rows in the seconds, too."""
    together: list[JudgedEnsemble] = []
    for each in ranked:
        needed = sum(trial.seconds_per_fit for trial in each.trials)
        is_new = not any(np.array_equal(each.resampled, other.resampled) for other in together)
        if not together or (is_new and needed <= seconds):
            together.append(each)
            seconds -= needed
    return together
