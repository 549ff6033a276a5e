"""Tune the decision: for metrics that see labels, which probability is enough for each class or label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.plugin_api.scoring import lower_is_better
from automl.steps.ensemble.cross_fit import plan_cross_fit
from automl.steps.score.decide_first import sees_labels
from automl.steps.score.judge import Judge
from automl.steps.score.resample_scores import draw_resamples, percentile_interval, standard_error
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.outputs import deciding_outputs, weighed_outputs

FEWEST_ROWS = 100
"""Fewer rows than this say too little about where a threshold should be."""
MOST_ROWS = 20_000
"""More rows than this move a threshold too little to be worth their time."""
CANDIDATES = 40
"""Thresholds tried for a class in one pass."""
PASSES = 2
"""Passes over the classes, where there are more than two."""
MOST_CLASSES = 30
DRAWS = 60
CLEAR = 1.5
LEAST_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Decision:
    """What each class's probability is multiplied by before the largest one is taken.

    factors: `(n_outputs,)`, positive. score and interval: those of the labels so decided, each row by factors that
    were tuned without it.
    """

    factors: Array
    score: float
    interval: tuple[float, float]


def tune_decision(judge: Judge, predictions: Array, seed: int, deadline: Deadline) -> Decision | None:
    """Return the factors that the metric likes best, or None where plain probabilities decide as well.

    predictions: `(n_rows, n_outputs)`, on rows that the ensemble has not seen. They are taken where the score of
    factors that were tuned on other rows beats that of the plain decision by more than `CLEAR` standard errors of
    the difference; accuracy, which the largest probability serves best already, seldom asks for any.
    """
    task, together = judge.task, deciding_outputs(judge.task)
    if not sees_labels(judge.metric) or not together or sum(map(len, together)) > MOST_CLASSES:
        return None
    folds = plan_cross_fit(judge.target, judge.units, not task.targets, seed)
    if len(judge.target) < FEWEST_ROWS or not folds or deadline.left() < LEAST_SECONDS:
        return None
    share = deadline.left() / 2
    decided = np.array(predictions, dtype=np.float64)
    for number, fold in enumerate(folds):
        part = Deadline(None).within(share / (len(folds) + 1)) if math.isfinite(share) else Deadline(None)
        found = find_factors(judge, predictions, judge.some(fold.train, MOST_ROWS, seed + number), part)
        decided[fold.valid] = weighed_outputs(decided[fold.valid], task, found)
    if not _is_better(judge, decided, predictions, seed):
        return None
    part = Deadline(None).within(share / (len(folds) + 1)) if math.isfinite(share) else Deadline(None)
    factors = find_factors(judge, predictions, judge.some(np.arange(len(judge.target)), MOST_ROWS, seed), part)
    score = judge.score(decided)
    resamples = draw_resamples(judge, DRAWS, seed + 1)
    spread = resamples.scores(judge, decided)
    return Decision(factors, score, percentile_interval(score, spread, resamples.shrink, judge.metric))


def find_factors(judge: Judge, predictions: Array, rows: Rows, deadline: Deadline) -> Array:
    """Return the factors with the least loss on some rows, by a search along one output after another."""
    task, factors = judge.task, np.ones(predictions.shape[1])
    inner, seen = replace(judge, parts=None).at(rows), predictions[rows]
    together = deciding_outputs(task)
    free = [(numbers, number) for numbers in together for number in (numbers[1:] if len(numbers) == 2 else numbers)]
    least = inner.loss(weighed_outputs(seen, task, factors))
    for _ in range(1 if len(free) == 1 else PASSES):
        for numbers, number in free:
            for factor in _tries(weighed_outputs(seen, task, factors), numbers, number):
                if deadline.left() <= 0:
                    return factors
                tried = factors.copy()
                tried[number] *= factor
                loss = inner.loss(weighed_outputs(seen, task, tried))
                if loss < least:
                    least, best = loss, tried
            if not np.isinf(least) and inner.loss(weighed_outputs(seen, task, factors)) > least:
                factors = best
    return _evened(factors, together)


def _evened(factors: Array, together: Sequence[Sequence[int]]) -> Array:
    """Return the factors, those of outputs that decide together divided by their geometric mean."""
    for numbers in (list(each) for each in together if len(each) > 1):
        factors[numbers] /= np.exp(np.log(factors[numbers]).mean())
    return factors


def _tries(scaled: Array, numbers: Sequence[int], number: int) -> Array:
    """Return factors for one output at which some rows change sides, spread evenly over such rows.

    `numbers` are the outputs that decide together with it; of a probability for itself the other side is its opposite.
    """
    if len(numbers) == 1:
        others = 1.0 - scaled[:, number]
    else:
        others = scaled[:, [each for each in numbers if each != number]].max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = others / scaled[:, number]
    ratios = ratios[np.isfinite(ratios) & (ratios > 1e-6)]
    if not len(ratios):
        return np.empty(0)
    return np.unique(np.quantile(ratios, (np.arange(CANDIDATES) + 0.5) / CANDIDATES))


def _is_better(judge: Judge, decided: Array, plain: Array, seed: int) -> bool:
    gain = lower_is_better(judge.metric, judge.score(plain) - judge.score(decided))
    if not gain > 0:
        return False
    resamples = draw_resamples(judge, DRAWS, seed)
    differences = resamples.scores(judge, decided) - resamples.scores(judge, plain)
    return bool(gain > CLEAR * standard_error(differences, resamples.shrink))
