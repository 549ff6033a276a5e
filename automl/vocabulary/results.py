"""Results and failures: values that cross process borders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.vocabulary.arrays import Array
from automl.vocabulary.candidate import Candidate
from automl.vocabulary.refs import Ref
from automl.vocabulary.states import Lack, Refusal, Stage, Status


@dataclass(frozen=True, slots=True)
class Resources:
    """What a fit of one fold is expected to need.

    shared_seconds: what the first fit pays besides, for something that depends on the table alone and that later fits
        find in `FitContext.folder`; fits with one `shared_key` share it.
    """

    seconds: float
    memory_mb: float
    shared_seconds: float = 0.0
    shared_key: str = ""


@dataclass(frozen=True, slots=True)
class FoldResult:
    """What a worker gives back for one fold.

    `predictions` are those of the fold's validation rows, `(n_valid, n_outputs)` float32. `member` names the fitted
    preparation and learner, pickled, which the executor keeps. `seconds` is wall-clock, without what a worker does but
    once (it opens the table and loads libraries), `cpu_seconds` the processor time of the worker over all its threads;
    `predict_seconds` what it took to prepare and predict the validation rows. `info` holds the learner's "refit_params"
    where it has some. A `fold` of -1 is a fit on all rows.
    """

    candidate_id: str
    fold: int
    predictions: Array
    seconds: float
    cpu_seconds: float
    predict_seconds: float
    member: Ref | None = None
    member_mb: float = 0.0
    device: str = "cpu"
    slot: int = 0
    info: Mapping[str, Any] = field(default_factory=dict)
    rows_share: float = 1.0
    """Share of the fold's training rows that it was fitted on; less than 1 where memory was short."""
    member_sha256: str = ""
    """Of the pickled member."""
    machine: str = ""
    """The name of the machine that it ran on, "" for that of the search itself."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that did not run or broke: one row of `failures()`."""

    model: str
    stage: Stage
    """Where."""
    cause: str
    """One line: the error's type and message, or why it was not run."""
    traceback: str = ""
    candidate_id: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    fold: int | None = None
    lacked: Lack = Lack.NOTHING
    """What a fit that was begun had too little of."""
    refusal: Refusal = Refusal.NONE
    """Why a proposal was not run."""

    @classmethod
    def of(
        cls, candidate: Candidate, stage: Stage, cause: str, traceback: str = "", fold: int | None = None
    ) -> Failure:
        """Return what became of a candidate, or of one of its folds."""
        return cls(candidate.model, stage, cause, traceback, candidate.id, candidate.params, fold)


@dataclass(frozen=True, slots=True)
class CandidateResult:
    """A candidate with the folds it has finished; `complete` when that is all of them.

    `loss` is the metric turned so that lower is better, over the rows of the finished folds; `fold_losses` the same
    per finished fold. `status` is COMPLETE, PARTIAL or DROPPED.
    """

    candidate: Candidate
    folds: tuple[FoldResult, ...]
    loss: float
    score: float
    fold_losses: tuple[float, ...]
    status: Status
    order: int
    """Position in which the strategy proposed it."""
    finished: float = float("nan")
    """When it ended, in seconds since `fit` was entered."""
    kept: bool = True
    """Whether its predictions and fitted members were kept, so that it may join an ensemble."""

    @property
    def seconds(self) -> float:
        """Wall-clock seconds over the finished folds."""
        return sum(fold.seconds for fold in self.folds)
