"""Events: what happened, in order, told to every watching plugin in the controller's process."""

from __future__ import annotations

from dataclasses import dataclass

from automl.vocabulary.findings import Finding
from automl.vocabulary.results import CandidateResult, Failure
from automl.vocabulary.schema import Schema
from automl.vocabulary.states import Ended
from automl.vocabulary.task import Task


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; `elapsed` is in seconds since `fit` was entered."""

    elapsed: float


@dataclass(frozen=True, slots=True)
class SearchStarted(Event):
    """The table is understood and the folds are planned."""

    task: Task
    schema: Schema
    n_rows: int
    plan: str
    n_folds: int
    metric: str
    greater_is_better: bool
    models: tuple[str, ...]
    n_slots: int
    time_limit: float | None
    max_trials: int | None
    verbose: int = 1
    machines: tuple[str, ...] = ()
    """Those that take part so far, by name; none where the search has its own machine alone."""


@dataclass(frozen=True, slots=True)
class SearchResumed(Event):
    """The same search was stopped earlier, in the folder that `path` names; its finished fits are not made again."""

    n_folds: int
    n_candidates: int


@dataclass(frozen=True, slots=True)
class TableAudited(Event):
    """The table was looked over before any model is fitted; warnings come first."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FoldStarted(Event):
    """A slot began to fit one fold of a candidate; `machine` is where, "" for the search's own."""

    slot: int
    model: str
    candidate_id: str
    fold: int
    machine: str = ""


@dataclass(frozen=True, slots=True)
class FoldFinished(Event):
    """A fold was fitted and predicted; without a `FoldStarted` before where that was in a search that this resumes."""

    slot: int
    model: str
    candidate_id: str
    fold: int
    score: float
    seconds: float
    cpu_seconds: float
    machine: str = ""


@dataclass(frozen=True, slots=True)
class FoldLost(Event):
    """A fold came to nothing with its machine; it is fitted again, and nothing is held against its candidate."""

    slot: int
    model: str
    candidate_id: str
    fold: int
    machine: str
    cause: str


@dataclass(frozen=True, slots=True)
class SlotsChanged(Event):
    """Machines have come or gone, or have other slots than before: how many slots there are now, and where.

    `came` and `gone` name the machines that were not there before, and that are no longer there.
    """

    n_slots: int
    machines: tuple[str, ...]
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateFinished(Event):
    """A candidate ended: complete, partial, or dropped."""

    result: CandidateResult
    best_score: float


@dataclass(frozen=True, slots=True)
class CandidateFailed(Event):
    """A candidate broke, or was not run for a reason."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class TrialsFinished(Event):
    """The last fit has ended or been stopped; what follows is the ensemble."""

    reason: Ended


@dataclass(frozen=True, slots=True)
class EnsembleBuilt(Event):
    """The ensemble was chosen; `score` is cross-fitted, with its 95 % interval."""

    kind: str
    score: float
    interval: tuple[float, float]
    n_members: int


@dataclass(frozen=True, slots=True)
class SearchFinished(Event):
    """The search is over; `reason` says why, an `Ended` where it has come to an end; `error` is the type of what it
    raised, "" where it raised nothing."""

    reason: str
    n_trials: int
    score: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """What a stopping rule may look at, asked after every finished candidate."""

    elapsed: float
    time_limit: float | None
    max_trials: int | None
    n_finished: int
    n_failed: int
    best_loss: float
    seconds_since_improvement: float
    trials_since_improvement: int
    longest_under_way: float = 0.0
    """Seconds that the candidate which has been under way for longest has taken so far."""
