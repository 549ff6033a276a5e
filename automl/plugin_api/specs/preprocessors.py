"""Specs of preprocessors: ways to turn columns into features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.plugin_api.protocols import Preprocessor
from automl.vocabulary.schema import Column, ColumnKind
from automl.vocabulary.task import Task


@dataclass(frozen=True, slots=True)
class PreprocessRequest:
    """What a preprocessor's builder may look at: the raw columns it is for, the task, and its params."""

    columns: tuple[Column, ...]
    task: Task
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreprocessorSpec:
    """A way to turn columns into features.

    handles: the raw column kinds it takes; empty for a finishing step, which takes the numeric features made so far.
    sparse: whether it gives a CSR matrix.
    row_wise: whether it needs no fit, so that each row is transformed by itself; it is then computed once for all
        folds and `fit_transform` equals `transform`.
    """

    name: str
    build: Callable[[PreprocessRequest], Preprocessor]
    handles: frozenset[ColumnKind] = frozenset()
    sparse: bool = False
    row_wise: bool = False
    requires: tuple[str, ...] = ()
