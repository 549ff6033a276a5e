"""Nouns of predicting files: who predicts, what is wanted, the blocks of rows that travel, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from automl.plugin_api.specs import ExecutorSpec
from automl.table.unread_values import Unread
from automl.vocabulary.arrays import Array
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task

if TYPE_CHECKING:
    import pandas as pd


class Model(Protocol):
    """What is needed of a fitted estimator."""

    @property
    def task_(self) -> Task:
        """What is predicted."""

    @property
    def schema_(self) -> Schema:
        """What each column was taken for."""

    @property
    def classes_(self) -> Any:
        """The labels; a list of them where there are several targets."""

    def predict(self, X: Any) -> Any:
        """Return labels or values."""

    def predict_proba(self, X: Any) -> Any:
        """Return class probabilities."""

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Return the ends of intervals."""

    def predict_set(self, X: Any, coverage: float = 0.9) -> Array:
        """Return sets of classes."""

    def save(self, path: Path) -> Path:
        """Write it to a file."""


Load = Callable[[Path], Any]
"""From the place of a saved model to the model."""


@dataclass(frozen=True, slots=True)
class Served:
    """Who predicts: a fitted estimator, how it is loaded where it is saved, and what it may use.

    executor: where blocks are predicted. jobs: on so many cores of this machine. away: whether on machines of a cluster
    instead, on `most_slots` of their slots in all, None for all that there are. by_group: whether predicting a row
    takes the other rows of its group. modules: what was fitted is of these, so that all who predict import them.
    """

    model: Model
    load: Load
    executor: ExecutorSpec
    jobs: int
    away: bool = False
    most_slots: int | None = None
    by_group: bool = False
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is written of each row: labels or values, or a column of probability a class, and what stands beside them.

    interval, labels: coverages of an interval of values, and of a set of labels, to put behind; None for neither.
    identifier: the column of the table to put in front.
    """

    probabilities: bool = False
    interval: float | None = None
    labels: float | None = None
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that lie together in a file, as they travel to whoever predicts them.

    first: the number of the first of them, from 0 on. data: in the form that the file's `Reading` reads. line: of a
    file of lines how many stand before it.
    """

    first: int
    n_rows: int
    data: bytes
    line: int = 0

    @property
    def place(self) -> str:
        """Where its rows are in the file, counted from 1."""
        return f"rows {self.first + 1:,} to {self.first + self.n_rows:,}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a block tells of the whole file.

    kinds: what columns hold whose type follows from their values. unread: of columns of strings, what cannot be read.
    identifier: what kind its identifier is of where it is written as its values are, "" where that does not matter.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The rows of a block as `read_like` gives them, what they tell, and the identifier where that is another."""

    frame: pd.DataFrame
    seen: Seen
    identifier: Any = None


class Reading(Protocol):
    """How blocks of one file are read: small, and pickled with each of them."""

    def read(self, block: Block, schema: Schema) -> Taken:
        """Return a block's rows as they would be read among all rows of the file.

        Raises NotAlikeError where that takes the other rows.
        """


class Rows(Protocol):
    """A file whose rows come in blocks."""

    @property
    def reading(self) -> Reading:
        """How its blocks are read."""

    @property
    def n_rows(self) -> float:
        """How many rows there are, as far as that can be told before they are read."""

    def blocks(self, n_rows: int) -> Generator[Block]:
        """Give all rows in their order, so many at a time; the last block alone has fewer.

        Raises NotAlikeError where it cannot be told where rows end.
        """


@dataclass(frozen=True, slots=True)
class Predicted:
    """What came of a block: predictions in the form that they are written in, and what was told of it meanwhile."""

    n_rows: int
    data: bytes
    seen: Seen
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a block could not be predicted."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Progress:
    """How far predicting a file has come: rows done, and of all as far as that is known.

    seconds: since it began, and until it will end. workers: how many processes predict, 0 where it is this one.
    """

    done: int
    n_rows: float
    seconds: float
    left: float
    workers: int


Tell = Callable[[Progress], None]


def say_nothing(progress: Progress) -> None:
    """Leave untold how far it has come."""


class NotAlikeError(Exception):
    """Rows of a file can be read together with all others alone; the message says why."""


class OtherwiseError(NotAlikeError):
    """Rows of a file are read in another way than was thought: all are to be read anew, in that way."""


class OtherColumnError(OtherwiseError):
    """A column, which `name` tells, holds text among its numbers: what it is follows from all of its values."""

    def __init__(self, message: str, name: str) -> None:
        """Say what was found."""
        super().__init__(message, name)
        self.name = name

    def __str__(self) -> str:
        """Return what was found."""
        return str(self.args[0])


class OtherEncodingError(OtherwiseError):
    """Rows are not in the encoding that those before were in."""


class OtherIdentifierError(OtherwiseError):
    """Identifiers are not written as their values are: they are to be copied as text."""
