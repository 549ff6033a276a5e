"""Protocols: what the objects that plugins build must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from automl.vocabulary.arrays import Array, Features
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.events import Event
from automl.vocabulary.schema import Column
from automl.vocabulary.states import Refusal, Status

T = TypeVar("T")


class Cache(Protocol):
    """Keeps what is costly to build, for as long as memory allows."""

    def get_or_build(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what is stored under `key`, building and storing it first where it is missing."""


class NoCache:
    """A cache that keeps nothing."""

    def get_or_build(self, key: Hashable, build: Callable[[], T]) -> T:  # noqa: ARG002  the protocol names it
        """Build it anew."""
        return build()


@dataclass(frozen=True, slots=True)
class FitContext:
    """What surrounds a fit: its seed, its threads, its clock, and what earlier fits left in the cache.

    `metric` is the name of the metric that the search optimises, `objective` the loss that it wants models to learn by
    (`MetricSpec.objective`), "" for a model's usual one. `device` is "cpu" or a torch device name. `folder` is
    where fits of the search leave what depends on the table alone, for each other: fits in other processes may write
    there at the same time. It is None where there is no such place, and gone when the search ends. `sharing` is how
    many fits, this one included, are about to make what their candidate shares there (`Resources.shared_seconds`).
    """

    seed: int = 0
    threads: int = 1
    deadline: Deadline = field(default_factory=lambda: Deadline(None))
    cache: Cache = field(default_factory=NoCache)
    metric: str = ""
    device: str = "cpu"
    folder: Path | None = None
    sharing: int = 1
    objective: str = ""

    def seconds_left(self) -> float:
        """Seconds until this fit must return; infinity without a limit."""
        return self.deadline.left()


class Tracker(Protocol):
    """Keeps the course of one search outside of it."""

    def observe(self, event: Event) -> None:
        """Take in what happened; `SearchFinished` is the last, also of a search that fails. Return quickly."""


@runtime_checkable
class Learner(Protocol):
    """One model on one fold."""

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        """Learn from `train`. `valid` may serve for early stopping; its target is not for learning."""

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`: class probabilities in the order of `task.classes`, or values."""


@runtime_checkable
class Refittable(Protocol):
    """What a learner may offer beside `Learner`: how to fit again, on more rows and none to validate on."""

    def refit_params(self) -> Mapping[str, Any]:
        """Return hyperparameters for that fit, such as the number of rounds found; over folds, numbers' medians count.

        They override those of the candidate in the `BuildRequest`.
        """


@runtime_checkable
class Preprocessor(Protocol):
    """Turns columns into features; fitted on the training rows of one fold, or on none where it is row-wise."""

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:
        """Learn from the rows of `data` and return them transformed: a float32 frame or a CSR matrix."""

    def transform(self, features: Features) -> Features:
        """Return other rows transformed in the same way."""

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns that come out, in order; known once fitted."""


@runtime_checkable
class ArrayPreprocessor(Protocol):
    """What a preprocessor of numbers or codes may offer beside `Preprocessor`: few rows are then predicted sooner."""

    def transform_array(self, values: Array) -> Array:
        """Return float32 `(n_rows, n_features)`: what `transform` gives for a frame of these values, without frames."""


@runtime_checkable
class Combiner(Protocol):
    """A fitted ensemble: turns the members' predictions into one."""

    def combine(self, predictions: Array, features: Features | None = None) -> Array:
        """Return `(n_rows, n_outputs)` from `(n_members, n_rows, n_outputs)`.

        `features` are the raw stored columns, given where the ensembler asked for them.
        """

    def weights(self) -> Array:
        """Return each member's share, `(n_members,)`; 0 means that the member is not needed to predict."""


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What an ensembler learns from: predictions of rows that the predicting model has not seen.

    predictions: `(n_candidates, n_rows, n_outputs)`; target: `(n_rows,)`; weights: `(n_rows,)` or None;
    features: the raw stored columns of the same rows, where the ensembler asked for them, else None.
    groups: `(n_rows,)`, which group each row is of, or None; for metrics that judge by group.
    """

    predictions: Array
    target: Array
    weights: Array | None = None
    features: Features | None = None
    groups: Array | None = None


class Ensembler(Protocol):
    """A way to combine candidates."""

    def fit(self, out_of_fold: OutOfFold, context: FitContext) -> Combiner:
        """Learn how to combine from out-of-fold predictions alone."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a search strategy wants tried next; `origin` says why, for the leaderboard."""

    model: str
    params: Mapping[str, Any]
    seed: int = 0
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a proposal. `loss` is lower-is-better, infinity where it failed or was not run."""

    proposal: Proposal
    loss: float
    seconds: float
    status: Status
    """Any but RUNNING; each equals its text, such as "complete"."""
    refusal: Refusal = Refusal.NONE
    """Why it was not run, where `status` is SKIPPED."""


@runtime_checkable
class SearchStrategy(Protocol):
    """Decides what to try: asked for one proposal at a time, told of each outcome."""

    def ask(self, seconds_left: float) -> Proposal | None:
        """Return the next proposal, or None when there is nothing left worth trying."""

    def tell(self, outcome: Outcome) -> None:
        """Learn what became of a proposal; outcomes may come in another order than proposals."""
