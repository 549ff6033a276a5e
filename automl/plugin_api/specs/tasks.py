"""Specs of tasks: which targets one is for, how it is learnt and judged, and which models of others serve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from automl.vocabulary.arrays import Array
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding
from automl.vocabulary.review import ReportTable
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.task import Task, TaskKind

if TYPE_CHECKING:
    from automl.plugin_api.protocols import Learner
    from automl.plugin_api.specs.models import BuildRequest, FitSize

ALL_TASKS = frozenset({TaskKind.BINARY, TaskKind.MULTICLASS, TaskKind.REGRESSION})
"""The kinds that come with the engine, which a model or ensembler of no `tasks` of its own does; never any other."""
CLASSIFICATION = frozenset({TaskKind.BINARY, TaskKind.MULTICLASS})

SUBMITTED = ("values", "labels", "probability", "class columns", "ranked labels")
"""The forms of a submission: values, labels, the probability of one of two classes, that of each class in a column of
its own, and lists of the likeliest labels."""


class TargetColumn(Protocol):
    """A target as it came, without missing values, and the engine's ways to read it."""

    @property
    def values(self) -> Any:
        """The values, a `pandas.Series`."""

    @property
    def name(self) -> str:
        """The name of the column."""

    @property
    def asked(self) -> str | None:
        """The task or family of tasks that the user named; None where it is left to the values."""

    @property
    def options(self) -> Mapping[str, Any]:
        """What the user gave for the options that the task names in `TaskSpec.options`; None where nothing was."""

    def seems_classes(self) -> bool:
        """Tell whether values look like classes: text, categories, and few whole numbers that repeat."""

    def are_durations(self) -> bool:
        """Tell whether the values are durations, which are read as seconds."""

    def refuse_dates(self) -> None:
        """Raise an `InputError` for dates, which are neither numbers nor classes."""

    def as_classes(self, kind: TaskKind, exactly: int | None = None, rare: bool = False) -> tuple[Task, Array]:
        """Return a task with the labels, sorted or in the order of their categories, and each row's number (int64).

        An `InputError` where they are not `exactly` so many, or too rare to be learnt, unless `rare` ones are taken.
        """

    def as_numbers(self, kind: TaskKind) -> tuple[Task, Array]:
        """Return a task with how numbers are written, and the values (float64); an `InputError` where some are none."""


class TargetTable(Protocol):
    """Several target columns, of the rows that have a value in each of them."""

    @property
    def columns(self) -> tuple[TargetColumn, ...]:
        """Each column, with the engine's ways to read it."""

    @property
    def name(self) -> str:
        """The names of the columns, in words."""

    @property
    def asked(self) -> str | None:
        """The task or family of tasks that the user named; None where it is left to the values."""

    @property
    def options(self) -> Mapping[str, Any]:
        """What the user gave for the options that the task names in `TaskSpec.options`."""


@dataclass(frozen=True, slots=True)
class Loan:
    """How models of another task serve one that they do not do themselves.

    task: the task that such a model is given, made of the one to be done. A model is borrowed where it does that kind.
    learner: makes the learner that serves, of a `BuildRequest` with the task to be done, and a function that builds a
        learner of the model for a `BuildRequest` with the other one. `BorrowedLearner` is one that may do.
    fits: how many fits of the model one fit of it takes, for estimating its cost; or a function of the `FitSize` that
        says so.
    beside: whether it is offered of models that do the task themselves, too; ahead: and tried before these, if
        they have no `runtime`, whose fits are dear.
    also: the tasks that such a model is given beside that one, such as those of other targets. It is borrowed where it
        does all of them, and costs what they cost together.
    name: how it serves, in words such as "each target"; "as" and the kind of the task that it is given by default.
    otherwise: whether it is only for models that no other way is for.
    """

    task: Callable[[Task], Task]
    learner: Callable[[BuildRequest, Callable[[BuildRequest], Learner]], Learner]
    fits: float | Callable[[FitSize], float] = 1.0
    beside: bool = False
    ahead: bool = False
    also: Callable[[Task], Iterable[Task]] | None = None
    name: str = ""
    otherwise: bool = False

    def fits_of(self, size: FitSize) -> float:
        """Return how many fits of the model one fit of that size takes."""
        return self.fits(size) if callable(self.fits) else self.fits


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """What is asked of a table: a kind of task, and all that the engine has to know of it.

    What follows from the form of the outputs alone (what valid ones are, how rows are reviewed, which ensemblers and
    metrics suit) the engine takes from `Task.blocks`. Functions are importable, since specs go to other processes.

    name: the value of `Task.kind` and of the option `task`.
    take: returns the task and the encoded target, `(n_rows,)`, class numbers (int64) or values (float64).
    several: whether it is for several target columns. `take`, `claims` and `tells` are then given a `TargetTable`, and
        the target is `(n_rows, n_targets)` for a task of `of_several`.
    metric: the name of the metric that is optimised where none is asked for.
    evaluated: names of the metrics that `evaluate` and reports tell beside it, as far as they are installed.
    claims: tells whether a target of which nothing is said is this task's; without it only who names it gets it.
    rank: of several that claim a target, the one of the lowest rank gets it; the built-in ones have 100 and more.
    family: another value of the option `task` that it answers to, with others of its family, if it claims the target.
    decide: returns class numbers `(n_rows,)` from outputs `(n_rows, n_outputs)`, where that is not the largest one. The
        outputs of a row may be multiplied by anything alike; where the metric sees labels, each class's also by a
        factor that serves the metric best.
    strata: returns what rows are dealt to folds by, `(n_rows,)` whole numbers from 0 on, where that is neither the
        class nor the order of the values.
    blocks: returns which groups are dealt to folds together, `blocks(groups)`: the number of each row's block,
        `(n_rows,)`, of the numbers of groups in the order in which they first stand in the table. Scores are drawn by
        them, too.
    tells: yields what a user should know of how a target was taken; audit: of what is odd about it, given how many
        folds there are.
    loans: how models of other tasks serve this one.
    options: names of options of the user's that it reads, of those that are for single tasks, such as "quantiles".
    needs_groups: whether it is about rows in groups, such as the candidates of a query: without groups it is refused.
    types: returns the kinds of columns, by name, that mean something else to it than their values suggest, such as
        texts that recur. It is given the feature columns as they came, a frame; what the user said goes before.
    submits: the forms that a submission may have, of those in `SUBMITTED`, the usual one first; where none is named
        they are those of the engine's own task whose outputs have the same form. Of several targets each has one of
        them: values, a label, or the probability of the second of its two.
    shows: yields tables for reports, beside what is shown of all outputs of the form. It is given the task and, of rows
        with cross-fitted predictions, target `(n_rows,)`, outputs `(n_rows, n_outputs)`, and these in which the largest
        of a row is the class that is decided: `shows(target, outputs, decided, task)`. Of a task that needs groups the
        number of each row's follows, `(n_rows,)`.
    widen: returns the features with what the rows of a group tell of each other, `widen(features, groups)`, groups
        being the number of each row's group, `(n_rows,)`. It is asked at the fit and wherever rows are predicted,
        before anything else, of all rows given, and sees no target. A column of `Placed` has the kind SEQUENCE.
    decides_by_group: whether `decide` is given the groups too, `decide(outputs, task, groups)`, all rows of a group
        together and in their order.
    metric_of: names the metric that is optimised for a task, where it is not the same for all targets.
    evaluated_of: names those that are told beside it, where these are not the same for all targets.
    in_lists: whether a table may hold a group in each row, as lists in the cells of features and target. It is spread
        to one row for each element before anything else, and predictions are given back as lists.
    """

    name: str
    take: Callable[[Any], tuple[Task, Array]]
    metric: str
    evaluated: tuple[str, ...] = ()
    claims: Callable[[Any], bool] | None = None
    rank: int = 50
    family: str = ""
    decide: Callable[..., Array] | None = None
    strata: Callable[[Array, Task], Array] | None = None
    tells: Callable[[Any, Dataset], Iterable[Finding]] | None = None
    audit: Callable[[Dataset, int], Iterable[Finding]] | None = None
    loans: tuple[Loan, ...] = ()
    submits: tuple[str, ...] = ()
    shows: Callable[..., Iterable[ReportTable]] | None = None
    options: tuple[str, ...] = ()
    needs_groups: bool = False
    types: Callable[[Any], Mapping[str, ColumnKind]] | None = None
    several: bool = False
    widen: Callable[[Any, Array], Any] | None = None
    decides_by_group: bool = False
    metric_of: Callable[[Task], str] | None = None
    evaluated_of: Callable[[Task], tuple[str, ...]] | None = None
    in_lists: bool = False
    blocks: Callable[[Array], Array] | None = None

    def __post_init__(self) -> None:
        """Refuse a name that cannot be asked for, and forms of a submission that nothing writes."""
        if self.name in ("", "auto"):
            raise ValueError(f"Found a task of the name {self.name!r}; expected one that the option `task` can take.")
        if not set(self.submits) <= set(SUBMITTED):
            raise ValueError(f"Found submits={self.submits!r} in the task {self.name!r}; expected some of {SUBMITTED}.")
