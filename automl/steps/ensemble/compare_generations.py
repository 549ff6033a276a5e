"""Compare generations: how scores age with the distance in time, and how many of the newest models are to predict."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.plugin_api.scoring import lower_is_better, mean_score
from automl.steps.score.judge import Judge
from automl.vocabulary.arrays import Array, Features, Rows
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.folds import ResamplingPlan

MOST_GENERATIONS = 3
"""Models of so many successive folds are compared on the rows of one."""
MOST_ROWS = 2_000
"""Rows of one fold that generations are compared on."""
LEAST_GAIN = 0.005
"""Relative gain in loss from which older models predict beside the newest."""
TIME_SHARE = 0.1
"""Share of the time left that it may take."""


@dataclass(frozen=True, slots=True)
class Generations:
    """What the folds in order of time say of models of different age.

    count: how many of the newest models are to predict together. scores: by age, the metric's mean over the folds of
    what the models of that age predict; age 0 are those that end right where the fold begins, and each further one
    ends a fold earlier. rows: the rows of one fold, the distance between two ages.
    """

    count: int = 1
    scores: tuple[float, ...] = ()
    rows: int = 0

    def widen(self, interval: tuple[float, float]) -> tuple[float, float]:
        """Return an interval of the score with what it loses as time goes on: later rows are not all the next ones."""
        change = self.scores[-1] - self.scores[0] if self.scores else 0.0
        if not math.isfinite(change):
            return interval
        return interval[0] + min(0.0, change), interval[1] + max(0.0, change)

    def note(self, metric: str) -> str:
        """Say how scores age, or nothing where it was not measured."""
        if len(self.scores) < 2:
            return ""
        later = ", ".join(f"{score:.5g} {self.rows * age} rows later" for age, score in enumerate(self.scores) if age)
        beside = (
            "" if self.count == 1 else f" Models of the {self.count} newest ends predict together, as they did best."
        )
        return (
            f"time: {metric} is {self.scores[0]:.5g} right after the rows that a model was fitted on, {later}.{beside}"
        )


def compare_generations(
    predict: Callable[[int, Features], Array], n_folds: int, dataset: Dataset, judge: Judge, deadline: Deadline
) -> Generations:
    """Predict the rows of the newer folds by the ensemble's models of older ones, which have not seen them either.

    `predict` is asked for what the models of a fold, one of the first `n_folds`, make of stored rows. Nothing is
    compared where the folds are too few or not in order of time, or where there is too little time.
    """
    plan = judge.plan
    n_ages = min(MOST_GENERATIONS, (n_folds + 1) // 2)
    if not plan.ordered or n_ages < 2:
        return Generations()
    seeds = {fold: [fold, len(judge.target)] for fold in range(n_folds - n_ages + 1)}
    rows = {fold: judge.some(plan.folds[fold].valid, MOST_ROWS, seed) for fold, seed in seeds.items()}
    predicted: dict[tuple[int, int], Array] = {}
    until = deadline.within(TIME_SHARE * deadline.left())
    for fold, chosen in rows.items():
        features = dataset.features.iloc[chosen]
        for age in range(n_ages):
            predicted[fold, age] = predict(fold + age, features)
            if until.left() <= 0:
                return Generations()
    ages = [_mean_score(judge, rows, {fold: predicted[fold, age] for fold in rows}) for age in range(n_ages)]
    blended = [
        _mean_score(
            judge, rows, {fold: np.mean([predicted[fold, age] for age in range(count)], axis=0) for fold in rows}
        )
        for count in range(1, n_ages + 1)
    ]
    return Generations(_best_count(judge, blended), tuple(ages), _typical_rows(plan))


def _mean_score(judge: Judge, rows: Mapping[int, Rows], predicted: Mapping[int, Array]) -> float:
    """Return the mean of the metric over the folds that have one."""
    lenient = replace(judge, strict=False)
    return mean_score([lenient.at(chosen).score(predicted[fold]) for fold, chosen in rows.items()])


def _best_count(judge: Judge, scores: Sequence[float]) -> int:
    """Return how many generations predict best, fewer where more gain little."""
    losses = [lower_is_better(judge.metric, score - judge.metric.optimum) for score in scores]
    best = 0
    for place, loss in enumerate(losses):
        if loss < losses[best] - LEAST_GAIN * abs(losses[best]):
            best = place
    return best + 1


def _typical_rows(plan: ResamplingPlan) -> int:
    return int(np.median([len(fold.valid) for fold in plan.folds]))
