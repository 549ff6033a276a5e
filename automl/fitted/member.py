"""Fitted member: one candidate's fold models, as they lie in a saved predictor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automl.fitted.preparation import FittedPreparation
from automl.plugin_api.protocols import Learner


@dataclass(frozen=True, slots=True)
class FittedMember:
    """A fitted preparation and learner, as they lie in a member's file."""

    preparation: FittedPreparation
    learner: Learner


@dataclass(frozen=True, slots=True)
class Member:
    """One candidate of the ensemble: its fold models, and its place among the combined.

    It predicts the mean of those at the positions `dealt`, of all where that is None; the others serve reports, whose
    rows are predicted by the models that have not seen them. A model fitted on all rows stands last.
    """

    candidate_id: str
    model: str
    params: Mapping[str, Any]
    weight: float
    position: int
    folds: tuple[FittedMember, ...]
    refitted: bool = False
    """Whether the last of `folds` is a model fitted on all rows; it may be the only one."""
    dealt: tuple[int, ...] | None = None

    @property
    def predicting(self) -> tuple[FittedMember, ...]:
        """The fold models that it predicts with."""
        return self.folds if self.dealt is None else tuple(self.folds[position] for position in self.dealt)

    @property
    def fold_models(self) -> tuple[FittedMember, ...]:
        """Those that have not seen the rows which their fold validates, by the fold's number."""
        return self.folds[:-1] if self.refitted else self.folds
