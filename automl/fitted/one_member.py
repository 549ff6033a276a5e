"""One member: the combiner of a single candidate, for when no ensembler can give one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.vocabulary.arrays import Array, Features


@dataclass(frozen=True, slots=True)
class OneMember:
    """A combiner that hands on the predictions of one candidate."""

    member: int
    n_candidates: int

    def combine(self, predictions: Array, features: Features | None = None) -> Array:  # noqa: ARG002  not asked for
        """Return the member's predictions."""
        return np.asarray(predictions[self.member], dtype=np.float64)

    def weights(self) -> Array:
        """Return 1 for the member and 0 for all others."""
        return np.asarray(np.eye(self.n_candidates)[self.member])
