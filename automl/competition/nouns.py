"""Nouns of a competition: what was said, what was found and why, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import pandas as pd

from automl.plugin_api.specs import MetricSpec
from automl.table.files.lay_out import Layout
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.task import Task

OOF, TEST, RECORD = "_oof.csv", "_test.csv", "_run.json"
"""How the names of the files beside a submission end."""
ROW_NUMBER = ""
"""In place of a column of the test table: the sample numbers its rows, from the first to the last."""


@dataclass(frozen=True, slots=True)
class Guess:
    """Something found in the files, with its reason."""

    what: str
    value: str
    reason: str

    @property
    def line(self) -> str:
        """It in one plain line."""
        return f"{self.what}: {self.value} ({self.reason})"


class Form(Enum):
    """What a submission holds for each row."""

    VALUES = "values"
    LABELS = "labels"
    PROBABILITY = "probability"
    """One column: the probability of one of two classes."""
    CLASS_COLUMNS = "class columns"
    """A probability for each class, in a column of its own."""
    RANKED = "ranked labels"
    """The likeliest labels, best first, with spaces between, in one column."""


@dataclass(frozen=True, slots=True)
class TargetForm:
    """What a submission holds of one of several targets.

    form: values, labels, or the probability of the second of two classes. written: its classes as a submission of
    labels writes them.
    """

    form: Form
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user said; None, or "", where it is to be found in the files.

    target: the column to predict, or several. form: "labels" or "probabilities". positive: the class whose probability
    is submitted. train_on_id: whether the models see the id. blend: earlier runs, or out-of-fold files, to join. fit:
    whether to fit, or only to join. decimal: the decimal sign of numbers as text by column, that of all others under
    "". options: those of the search that are for single tasks.
    """

    target: str | tuple[str, ...] | None = None
    identifier: tuple[str, ...] = ()
    metric: Any = None
    task: str | None = None
    form: str | None = None
    positive: str | None = None
    train_on_id: bool | None = None
    groups: str | None = None
    time_column: str | None = None
    encoding: str = ""
    separator: str = ""
    blend: tuple[Path, ...] = ()
    fit: bool = True
    decimal: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def targets(self) -> tuple[str, ...]:
        """The target columns that were named; none where they are to be found."""
        if self.target is None:
            return ()
        return (self.target,) if isinstance(self.target, str) else self.target


@dataclass(frozen=True, slots=True)
class Table:
    """A table and where it is from; `name` is what messages call it, `path` None where it was given as a frame."""

    name: str
    frame: pd.DataFrame
    path: Path | None = None
    layout: Layout = Layout()  # noqa: RUF009  frozen


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a competition; `sample` as it is usually read, `sample_text` the same as the text it is."""

    train: Table
    test: Table
    sample: Table | None
    sample_text: pd.DataFrame | None


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what.

    keys: the name in the sample of each column that tells rows apart, and its name in the test table, or `ROW_NUMBER`.
    target: the train table's column to predict; of several their names in words. given: the sample's columns for what
    is predicted. features: those to train on. one_hot: the train table's columns of 0 and 1 that together are the
    target, else none. several: the train table's columns where there are several targets, in the order of `given`.
    """

    keys: tuple[tuple[str, str], ...]
    target: str
    given: tuple[str, ...]
    features: tuple[str, ...]
    one_hot: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()
    several: tuple[str, ...] = ()

    @property
    def in_train(self) -> tuple[str, ...]:
        """The train table's columns that hold what is to be predicted."""
        return self.one_hot or self.several or (self.target,)

    @property
    def test_keys(self) -> tuple[str, ...]:
        """The test table's columns that tell its rows apart; none where they are numbered."""
        return tuple(name for _, name in self.keys if name != ROW_NUMBER)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a submission is to hold, and what it is judged by.

    columns: the submission's columns for the predictions. classes_of: for class columns, the number of each column's
    class, -1 for a class that the train table never shows; for several values that of each column's output. positive:
    the number of the class whose probability is given. ranks: how many labels are listed. written: the classes as a
    submission of labels writes them. decide: the task's own way from outputs to class numbers, None for the largest.
    by_group: whether that is given the groups of rows as well, which the test table then has to have.
    each: of several targets what is submitted of each, in the order of `columns`; `form` is then that of the first.
    """

    form: Form
    task: Task
    metric: MetricSpec
    columns: tuple[str, ...]
    classes_of: tuple[int, ...] = ()
    positive: int = 1
    ranks: int = 0
    guesses: tuple[Guess, ...] = ()
    written: tuple[str, ...] = ()
    decide: Callable[[Array, Task], Array] | None = None
    by_group: bool = False
    each: tuple[TargetForm, ...] = ()

    @property
    def told_target(self) -> str | list[str]:
        """What is predicted, as a record names it: the target, or a list of several."""
        return list(self.task.target_names) if self.task.targets else self.task.target

    @property
    def kept_by(self) -> int | None:
        """The one output that predictions are kept by: of two classes the one asked for; None where each is kept."""
        several = self.task.n_outputs > 1
        return self.positive if several and self.task.told_by is not None else self.task.told_by

    @property
    def asked_class(self) -> str | None:
        """The class whose probability stands for both; None where there are not two."""
        return str(self.task.classes[self.kept_by]) if self.task.classes and self.kept_by is not None else None


@dataclass(frozen=True, slots=True)
class SubmissionRows:
    """The rows of a submission: their ids as text, under the sample's names, and each one's row in the test table."""

    ids: pd.DataFrame
    test_rows: Rows
    guesses: tuple[Guess, ...] = ()


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files that a run writes."""

    submission: Path
    out_of_fold: Path
    test_predictions: Path
    record: Path

    @staticmethod
    def beside(submission: Path) -> Outputs:
        """Return the places beside a submission."""
        stem = submission.with_suffix("")
        return Outputs(submission, *(Path(f"{stem}{end}") for end in (OOF, TEST, RECORD)))


@dataclass(frozen=True, slots=True)
class CompetitionResult:
    """What a run gives back: the files it wrote, how good it promises to be, and what was found.

    score: the metric on rows of the train table that neither the members nor their weights have seen; interval: 95 %
    around it. out_of_fold and test_predictions hold probabilities or values for each row, to blend with later.
    checked: what was compared of the written submission, in words. blended: name, own score and weight of each of the
    joined, none without a blend.
    """

    submission: Path
    out_of_fold: Path
    test_predictions: Path
    record: Path
    metric: str
    score: float
    interval: tuple[float, float]
    guesses: tuple[Guess, ...]
    notes: tuple[str, ...]
    checked: str
    blended: tuple[tuple[str, float, float], ...] = ()


def listed(names: Sequence[object], most: int = 8) -> str:
    """Return the first of some names with commas between, and how many more there are."""
    shown = ", ".join(str(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
