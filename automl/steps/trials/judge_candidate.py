"""Judge a candidate after its first fold: is it near the front, or would an ensemble still weight it?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl.steps.score.judge import Judge
from automl.vocabulary.results import FoldResult

FEWEST_RIVALS = 3
"""Fewer rivals than this tell too little to drop anybody."""
FRONT = 4
"""A candidate that beats the fold loss of this rank goes on."""
BLEND_SHARES = (0.15, 0.3, 0.5)
LEAST_GAIN = 2e-4
"""Relative gain that a blend with the front must bring to count."""


def still_promising(first: FoldResult, rivals: Sequence[FoldResult], judge: Judge) -> bool:
    """Return whether the candidate deserves its other folds.

    The forgiving rule of early-stopped cross-validation (Bergman, Purucker and Hutter, AutoML 2024), made for an
    ensemble: a candidate that is behind by itself goes on where its first-fold predictions improve a blend of the
    leading rivals on the same rows.
    """
    if len(rivals) < FEWEST_RIVALS:
        return True
    there = judge.at(judge.plan.folds[first.fold].valid)
    ranked = sorted(rivals, key=judge.fold_loss)
    own = judge.fold_loss(first)
    if own <= judge.fold_loss(ranked[min(FRONT, len(ranked)) - 1]):
        return True
    front = np.mean([each.predictions for each in ranked[:FEWEST_RIVALS]], axis=0)
    reference = there.loss(front)
    blends = (there.loss((1 - share) * front + share * first.predictions) for share in BLEND_SHARES)
    return min(blends) < reference - LEAST_GAIN * abs(reference)
