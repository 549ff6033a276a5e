"""Mean of combiners: what several ensembles of the same members make of them, averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api.protocols import Combiner
from automl.vocabulary.arrays import Array, Features


@dataclass(frozen=True, slots=True)
class MeanOfCombiners:
    """A combiner that averages those of other ensemblers.

    combiners: each fitted on the same candidates. asks: whether each is given the raw columns.
    """

    combiners: tuple[Combiner, ...]
    asks: tuple[bool, ...]

    def combine(self, predictions: Array, features: Features | None = None) -> Array:
        """Return the mean `(n_rows, n_outputs)` of what the combiners give."""
        total = np.zeros(predictions.shape[1:])
        for combiner, asks in zip(self.combiners, self.asks, strict=True):
            total += combiner.combine(predictions, features if asks else None)
        return total / len(self.combiners)

    def weights(self) -> Array:
        """Return each candidate's mean share."""
        return np.asarray(np.mean([combiner.weights() for combiner in self.combiners], axis=0), dtype=np.float64)
