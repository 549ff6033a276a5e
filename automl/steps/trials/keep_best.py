"""Keep the best: so many finished candidates keep their predictions and members, so that memory has an end."""

from __future__ import annotations

from bisect import insort
from typing import TypeAlias

from automl.vocabulary.results import CandidateResult

MOST_KEPT = 500
"""Several times as many as an ensemble chooses from, where rows are many."""
_Ranked: TypeAlias = tuple[float, int, str, int]
"""Loss, order, model, and the position among the results."""


class BestKept:
    """Says which candidate is let go once there are too many: the worst that is not the best of its model."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        """Keep none yet."""
        self._most = most
        self._ranked: list[_Ranked] = []
        self.n_let_go = 0

    def add(self, result: CandidateResult, position: int) -> int | None:
        """Take in a result by its position; return that of the one that is to be let go, None where all are kept."""
        insort(self._ranked, (result.loss, result.order, result.candidate.model, position))
        if len(self._ranked) <= self._most:
            return None
        best = {model: order for _, order, model, _ in reversed(self._ranked)}
        for rank in reversed(range(len(self._ranked))):
            _, order, model, found = self._ranked[rank]
            if best[model] != order:
                del self._ranked[rank]
                self.n_let_go += 1
                return found
        return None

    def note(self) -> str:
        """Return what a user should know of it, as a sentence; "" where all were kept."""
        if not self.n_let_go:
            return ""
        return (
            f"memory: the predictions of {self.n_let_go} finished candidates that were not among the best {self._most} "
            f"were let go of; an ensemble chooses from fewer."
        )
