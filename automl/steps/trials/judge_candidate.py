"""Judge a candidate after its first fold: is it near the front, or would an ensemble still weight it?"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from itertools import islice
from typing import TypeAlias

import numpy as np

from automl.steps.score.judge import Judge
from automl.steps.trials.trial import Trial
from automl.vocabulary.results import FoldResult
from automl.vocabulary.states import Status

FEWEST_RIVALS = 3
"""Fewer rivals than this tell too little to drop anybody."""
FRONT = 4
"""A candidate that beats the fold loss of this rank goes on."""
BLEND_SHARES = (0.15, 0.3, 0.5)
LEAST_GAIN = 2e-4
"""Relative gain that a blend with the front must bring to count."""


Scored: TypeAlias = tuple[float, FoldResult]
"""What came of a fold, and the loss of its predictions before it."""


class Front:
    """First folds of candidates, by their losses."""

    def __init__(self) -> None:
        """Know of none yet."""
        self._ranked: list[tuple[float, int, Trial]] = []

    def add(self, loss: float, trial: Trial) -> None:
        """Take in a first fold; of equal ones that of the earlier candidate is before."""
        insort(self._ranked, (loss, trial.order, trial))

    def before(self, trial: Trial) -> list[Scored]:
        """Return the leading few, best first, without that of this trial and of those that have been dropped."""
        rivals = (
            (loss, each.done[0])
            for loss, _, each in self._ranked
            if each is not trial
            and each.status not in (Status.DROPPED, Status.FAILED)
            and each.done[0].predictions.size
        )
        return list(islice(rivals, FRONT))


def still_promising(first: Scored, rivals: Sequence[Scored], judge: Judge) -> bool:
    """Return whether the candidate deserves its other folds; of its rivals the leading few are looked at, best first.

    The forgiving rule of early-stopped cross-validation (Bergman, Purucker and Hutter, AutoML 2024), made for an
    ensemble: a candidate that is behind by itself goes on where its first-fold predictions improve a blend of the
    leading rivals on the same rows.
    """
    if len(rivals) < FEWEST_RIVALS:
        return True
    own, result = first
    if own <= rivals[min(FRONT, len(rivals)) - 1][0]:
        return True
    there = judge.at(judge.plan.folds[result.fold].valid)
    front = np.mean([rival.predictions for _, rival in rivals[:FEWEST_RIVALS]], axis=0)
    reference = there.loss(front)
    blends = (there.loss((1 - share) * front + share * result.predictions) for share in BLEND_SHARES)
    return any(blend < reference - LEAST_GAIN * abs(reference) for blend in blends)
