"""ResamplingPlan: which rows train and which rows validate, made once per search."""

from __future__ import annotations

from dataclasses import dataclass

from automl.vocabulary.arrays import Rows


@dataclass(frozen=True, slots=True)
class Fold:
    """Row numbers that a model trains on, and those that it is judged on; the two never share a row."""

    train: Rows
    valid: Rows


@dataclass(frozen=True, slots=True)
class ResamplingPlan:
    """The folds of a search, and in words how they were made."""

    folds: tuple[Fold, ...]
    description: str
    stretches: Rows | None = None
    """Where the folds are in order of time, newest first: the stretch of time that each row lies in, `(n_rows,)`,
    counted from the earliest. Rows of one moment share theirs."""
    blocks: Rows | None = None
    """Where groups were dealt together with others: the number of the block that each row is of, `(n_rows,)`."""

    @property
    def ordered(self) -> bool:
        """Whether each fold trains on nothing that is later than what it validates, and fold 0 on the most."""
        return self.stretches is not None

    @property
    def n_folds(self) -> int:
        """Number of folds, repeats counted."""
        return len(self.folds)
