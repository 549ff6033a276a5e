"""Mean of combiners: what several ensembles of the same members make of them, averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api.protocols import Combiner
from automl.vocabulary.arrays import Array, Features
from automl.vocabulary.outputs import combined_outputs
from automl.vocabulary.task import Task


@dataclass(frozen=True, slots=True)
class MeanOfCombiners:
    """A combiner that averages those of other ensemblers.

    combiners: each fitted on the same candidates. asks: whether each is given the raw columns. task: what is predicted,
    so that what each gives is valid before it is averaged, as it was where the mean was judged.
    """

    combiners: tuple[Combiner, ...]
    asks: tuple[bool, ...]
    task: Task

    def combine(self, predictions: Array, features: Features | None = None) -> Array:
        """Return the mean `(n_rows, n_outputs)` of what the combiners give."""
        total = np.zeros(predictions.shape[1:])
        for combiner, asks in zip(self.combiners, self.asks, strict=True):
            total += combined_outputs(combiner.combine(predictions, features if asks else None), self.task)
        return total / len(self.combiners)

    def weights(self) -> Array:
        """Return each candidate's mean share; where shares cancel out their mean size, as the candidate is needed."""
        shares = np.asarray([combiner.weights() for combiner in self.combiners], dtype=np.float64)
        mean = shares.mean(axis=0)
        return np.asarray(np.where(mean == 0, np.abs(shares).mean(axis=0), mean))


def parts_of(combiner: Combiner) -> tuple[Combiner, ...]:
    """Return the combiners that one averages, none where it is no mean."""
    return combiner.combiners if isinstance(combiner, MeanOfCombiners) else ()
