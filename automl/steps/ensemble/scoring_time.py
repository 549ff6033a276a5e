"""ScoringTime: how long the metric takes for a candidate, and so what can be compared in the time there is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from automl.steps.score.judge import Judge
from automl.vocabulary.arrays import Array

LEAST_SECONDS, LEAST_SCORINGS = 0.3, 12
"""Nothing is cross-fitted in less time than this, or than it takes to score each candidate that many times."""
HASTY_SCORINGS = 3
"""Nothing is fitted in less time than it takes to score each candidate that many times."""
COMPARE_SHARE, LEAST_COMPARED = 0.5, 8
"""Share of the time left in which candidates that may join are compared, and how many always are."""


@dataclass(frozen=True, slots=True)
class ScoringTime:
    """What scoring the predictions of one candidate takes."""

    seconds: float

    @staticmethod
    def of(judge: Judge, predictions: Array) -> ScoringTime:
        """Measure it on one candidate's `(n_rows, n_outputs)` predictions."""
        return ScoringTime(judge.seconds_to_score(predictions))

    def most_compared(self, n_candidates: int, seconds_left: float) -> int:
        """Return how many of the candidates can be compared: fewer where the metric is slow, but never too few."""
        for_each = LEAST_SCORINGS * self.seconds
        if for_each * n_candidates <= COMPARE_SHARE * seconds_left:
            return n_candidates
        return min(n_candidates, max(LEAST_COMPARED, int(COMPARE_SHARE * seconds_left / for_each)))

    def allows_cross_fit(self, n_candidates: int, seconds_left: float) -> bool:
        """Tell whether there is time to cross-fit ensemblers of so many candidates."""
        return seconds_left >= max(LEAST_SECONDS, LEAST_SCORINGS * n_candidates * self.seconds)

    def allows_fit(self, n_candidates: int, seconds_left: float) -> bool:
        """Tell whether there is time to fit one ensembler of so many candidates."""
        return math.isinf(seconds_left) or seconds_left > HASTY_SCORINGS * n_candidates * self.seconds
