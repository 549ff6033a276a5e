"""Specs of models: what can be searched over, what it takes, and what a fit of it costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.plugin_api.protocols import Learner
from automl.plugin_api.search_space import SearchSpace
from automl.plugin_api.specs.tasks import ALL_TASKS
from automl.vocabulary.results import Resources
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.task import Task, TaskKind

PREPARE_PREFIX = "prepare."
"""Hyperparameters with this prefix choose the preparation and do not reach the learner."""
CONSTANT = "constant"
"""The role of models that predict the same for every row."""


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What a model's builder may look at; `params` come from its space or defaults."""

    task: Task
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FitSize:
    """The size of one fit, for estimating its cost before it starts.

    `device` is "cpu", or "cuda" on a GPU slot; `words` the mean number of words in all texts of a row.
    """

    n_rows: int
    n_features: int
    task: Task
    params: Mapping[str, Any] = field(default_factory=dict)
    threads: int = 1
    device: str = "cpu"
    words: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model that can be searched over.

    name: the name in `models=`, `exclude=` and the leaderboard.
    build: called in the worker for each fold; import heavy libraries inside it.
    space: hyperparameter name -> domain. A name that starts with "prepare." chooses the preparation of a kind of
        column ("prepare.categorical": "one_hot") and is not among the builder's params. "prepare.extra" names
        preprocessors, joined by "+", whose features stand beside the others, each over all columns that it handles.
    only_for: hyperparameter name -> the task kinds that it means anything for; for other tasks its space has no such
        name, and no default that names it is tried.
    defaults: good first configurations, best first; each value lies in its domain. Missing names are left out.
    tasks: the task kinds it does itself; by default the three that come with the engine. A task that it does not do may
        borrow it, as one that it does.
    accepts: the column kinds it takes as they are; all others are turned into numbers for it, or left out where no
        preprocessor does that.
    accepts_missing: whether NaN may stand among its features. A model that accepts CATEGORICAL takes NaN codes anyway.
    accepts_sparse: whether it takes a `scipy.sparse.csr_matrix` in place of a frame.
    scaling: the preprocessor for its numeric features: "standard", "robust", "quantile", or "" for none.
    categorical: the preprocessor for categories it does not accept: "auto", "one_hot", "target_encoding", "frequency".
    requires: importable module names without which it is listed as not installed.
    install: the command that installs what it requires.
    preload: importable module names that fits import and that a worker may have from the process it is forked of:
        whose import touches no GPU and leaves no thread of Python's running. Of a runtime its workers alone have them.
    resources: estimates the cost of one fold from its size.
    limits: returns why a fit of this size makes no sense, or "" where it does.
    runtime: names what must have worker processes of its own, such as "torch", whose thread pools and those of other
        libraries get into each other's way; models of one runtime share them. Empty for the common workers.
    keeps_rows: whether a fitted learner holds rows of its training table; what is saved then says so.
    needs: column kinds of which the table must have one for the model to be tried at all; empty for any table.
    fewest_words: mean number of words in all texts of a row below which it is tried only where it is asked for by name.
    gpu: whether a fit gains so much from a GPU that it runs there, and nowhere else, where there is one. The context's
        `device` is then "cuda". A learner that ran elsewhere than it was asked to says so by an attribute `device`.
    pretrained: the kind of pretrained weights that it can begin from, "text", "image" or one of its own. Its
        hyperparameter "weights" and its defaults name them by `PRETRAINED`, in whose place each network that plugins
        offer is put.
    zero_shot: the hyperparameters with which it tells classes apart by texts that describe them, without any other row:
        it is fitted on the descriptions as rows, and `AutoML.zero_shot` takes it. None where it needs rows.
    role: "constant" for a model that predicts the same for every row, costs next to nothing and cannot fail: it is
        fitted first, so that there is a predictor at once, and what is no better joins no ensemble. Else empty.
    aliases: other names for it in `models=` and `exclude=`.
    in_auto: whether a search tries it that names no models; else it is tried where `models=` asks for it.
    lent_by: the name of the model that this one is where a task borrows it; set by the engine, which also names it.
    """

    name: str
    build: Callable[[BuildRequest], Learner]
    space: SearchSpace = field(default_factory=dict)
    defaults: tuple[Mapping[str, Any], ...] = ({},)
    tasks: frozenset[TaskKind] = ALL_TASKS
    accepts: frozenset[ColumnKind] = frozenset({ColumnKind.NUMERIC})
    accepts_missing: bool = False
    accepts_sparse: bool = False
    scaling: str = ""
    categorical: str = "auto"
    requires: tuple[str, ...] = ()
    install: str = ""
    resources: Callable[[FitSize], Resources] | None = None
    limits: Callable[[FitSize], str] | None = None
    runtime: str = ""
    keeps_rows: bool = False
    needs: frozenset[ColumnKind] = frozenset()
    fewest_words: float = 0.0
    gpu: bool = False
    pretrained: str = ""
    zero_shot: Mapping[str, Any] | None = None
    role: str = ""
    aliases: tuple[str, ...] = ()
    lent_by: str = ""
    preload: tuple[str, ...] = ()
    only_for: Mapping[str, frozenset[TaskKind]] = field(default_factory=dict)
    in_auto: bool = True

    def __post_init__(self) -> None:
        """Refuse fields of another type where the author sees it, rather than in the middle of a search."""
        _check_members(self.name, "defaults", self.defaults, Mapping)
        _check_members(self.name, "tasks", self.tasks, TaskKind)
        _check_members(self.name, "accepts", self.accepts, ColumnKind)
        _check_members(self.name, "needs", self.needs, ColumnKind)
        _check_members(self.name, "requires", self.requires, str)
        _check_members(self.name, "aliases", self.aliases, str)
        _check_members(self.name, "preload", self.preload, str)
        unknown = sorted(set(self.only_for) - set(self.space))
        if unknown:
            raise ValueError(f"ModelSpec {self.name!r} has only_for={unknown}; expected names that are in its space.")
        if self.role not in ("", CONSTANT):
            raise ValueError(f"ModelSpec {self.name!r} has role={self.role!r}; expected {CONSTANT!r}, or none.")


def _check_members(name: str, what: str, found: Any, kind: type[Any]) -> None:
    is_fine = isinstance(found, tuple | list | set | frozenset) and all(isinstance(each, kind) for each in found)
    if not is_fine:
        raise TypeError(f"ModelSpec {name!r} has {what}={found!r}; expected several {kind.__name__}, as a collection.")
