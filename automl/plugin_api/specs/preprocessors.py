"""Specs of preprocessors: ways to turn columns into features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.plugin_api.protocols import Preprocessor
from automl.vocabulary.schema import Column, ColumnKind
from automl.vocabulary.task import Task, TaskKind


@dataclass(frozen=True, slots=True)
class PreprocessRequest:
    """What a preprocessor's builder may look at: the raw columns it is for, the task, and its params."""

    columns: tuple[Column, ...]
    task: Task
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DefaultFor:
    """Columns for which a preprocessor is taken where neither the model nor a "prepare." hyperparameter names one.

    kinds: the column kinds; none for a finishing step, which is then what fills in missing numbers for models that
        take none.
    rank: of all preprocessors that are defaults for a column the one of the highest rank is taken, and of equals the
        first offered. Built-in ones have 0, so that a plugin with 1 goes before them.
    accepted: True where the model takes the kind as it is (`ModelSpec.accepts`), False where it does not.
    sparse: whether the model takes sparse matrices. scaled: whether it wants its numbers scaled.
    later: whether the rows to be predicted are later ones than those of the table. growing: whether the column is a
        number that only grows with time, where they are.
    ordered: whether the categories have an order of their own.
    categories: the fewest and the most distinct values of the column.
    fewest_columns: how many such columns there have to be, of one that stands beside the others.
    tasks: the kinds of tasks.
    beside: whether its features stand beside those of the preprocessor that is taken otherwise, or in place of it
        where that is one of `in_place_of`.

    None stands for either, or any.
    """

    kinds: frozenset[ColumnKind] = frozenset()
    rank: int = 0
    accepted: bool | None = None
    sparse: bool | None = None
    scaled: bool | None = None
    later: bool | None = None
    growing: bool | None = None
    ordered: bool | None = None
    categories: tuple[int, int] | None = None
    fewest_columns: int = 1
    tasks: frozenset[TaskKind] | None = None
    beside: bool = False
    in_place_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreprocessorSpec:
    """A way to turn columns into features.

    handles: the raw column kinds it takes; empty for a finishing step, which takes the numeric features made so far.
    sparse: whether it gives a CSR matrix.
    row_wise: whether it needs no fit, so that each row is transformed by itself; it is then computed once for all
        folds and `fit_transform` equals `transform`.
    requires, install: importable module names without which it is listed as not installed and not used, and the
        command that brings them.
    default_for: the columns for which it is taken where nobody names another.
    sparse_form_of: the preprocessor of the same features as a frame, in whose place it is taken for models that take
        sparse matrices where columns have many categories.
    together: whether it takes all of its columns in one step, also of kinds of which each column has its own.
    worth_from: the number of categories from which it is taken where a model that accepts categories as they are names
        it; columns with fewer stay with the default.
    """

    name: str
    build: Callable[[PreprocessRequest], Preprocessor]
    handles: frozenset[ColumnKind] = frozenset()
    sparse: bool = False
    row_wise: bool = False
    requires: tuple[str, ...] = ()
    install: str = ""
    default_for: tuple[DefaultFor, ...] = ()
    sparse_form_of: str = ""
    together: bool = False
    worth_from: int = 0

    def __post_init__(self) -> None:
        """Refuse defaults for columns that it does not take, where the author sees it."""
        for each in self.default_for:
            if not isinstance(each, DefaultFor) or not self.handles.issuperset(each.kinds):
                raise TypeError(
                    f"PreprocessorSpec {self.name!r} is the default for {each!r}; expected a DefaultFor with kinds "
                    f"among those that it handles."
                )
