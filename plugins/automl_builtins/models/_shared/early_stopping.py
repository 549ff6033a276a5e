"""Early stopping: when boosting has ceased to gain, and when its time is over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PATIENCE, PATIENCE_SHARE = 2.5, 0.2
"""Rounds without gain until a fit stops: the first divided by the learning rate, and a share of the last with gain."""
LEAST_GAIN = 0.002
"""Share of the validation loss that counts as a gain: the long tail beyond costs more time than it is worth."""
PROBE_ROUNDS, FASTEST, LEAST_PROGRESS = 10, 0.3, 4.0
"""After this many rounds the time left is looked at: where it will not do for `LEAST_PROGRESS`, rounds times learning
rate, the learning rate is raised, up to `FASTEST`."""
RESERVE = 0.2
"""Share of the time spent boosting that is kept for writing the model and predicting with it."""


@dataclass(slots=True)
class Course:
    """The course of the validation loss: its best round, and since when it has hardly fallen."""

    base: float
    """Rounds without gain that are waited for at the start."""
    least_gain: float = LEAST_GAIN
    rounds: int = 0
    best_round: int = 0
    gained_round: int = 0
    best: float = np.inf
    mark: float = np.inf

    def add(self, loss: float) -> None:
        """Take note of the next round's loss."""
        self.rounds += 1
        if loss < self.best:
            self.best, self.best_round = loss, self.rounds
        if self.best < self.mark * (1 - self.least_gain):
            self.mark, self.gained_round = self.best, self.rounds

    def is_over(self) -> bool:
        """Tell whether further rounds are not worth their time."""
        return self.rounds - self.gained_round >= self.base + PATIENCE_SHARE * self.gained_round


def is_out_of_time(left: float, each: float, done: int) -> bool:
    """Tell whether the seconds left, after so many rounds of `each` seconds, are those kept for the end."""
    return left < RESERVE * each * done + 2 * each


def hurried(rate: float, rounds_left: float) -> float:
    """Return the learning rate by which the rounds that there is time for get far enough: the given one, or more."""
    return max(rate, min(FASTEST, LEAST_PROGRESS / max(rounds_left, 1.0)))
