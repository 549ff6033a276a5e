"""Specs: light, picklable records by which plugins say what they offer; heavy imports belong in their builders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.plugin_api.protocols import Ensembler, Executor, Learner, Preprocessor, SearchStrategy, Tracker
from automl.plugin_api.search_space import SearchSpace
from automl.vocabulary.portable import Portable
from automl.vocabulary.results import Resources
from automl.vocabulary.schema import Column, ColumnKind
from automl.vocabulary.task import Task, TaskKind

ALL_TASKS = frozenset(TaskKind)
CLASSIFICATION = frozenset({TaskKind.BINARY, TaskKind.MULTICLASS})
PREPARE_PREFIX = "prepare."
"""Hyperparameters with this prefix choose the preparation and do not reach the learner."""


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


PRETRAINED = "pretrained"
"""A value of the hyperparameter "weights" that stands for each pretrained network that plugins offer."""


@dataclass(frozen=True, slots=True)
class PretrainedSpec:
    """Weights of a network that was trained on other data, for models to begin from.

    weights: what `transformers` can load: a folder, a name on its hub, or "package:MODULE/FOLDER", a folder inside an
        installed package (`weights_path` finds it).
    kind: what the network sees, "text" or "image"; models say by `ModelSpec.pretrained` which kind they begin from.
    licence: of the weights, as an SPDX name where there is one. megabytes: their size.
    requires, install: importable module names without which they are listed as not installed, and how to get them.
    """

    name: str
    weights: str
    kind: str
    licence: str = ""
    megabytes: float = 0.0
    requires: tuple[str, ...] = ()
    install: str = ""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model that can be searched over.

    name: the name in `models=`, `exclude=` and the leaderboard.
    build: called in the worker for each fold; import heavy libraries inside it.
    space: hyperparameter name -> domain. A name that starts with "prepare." chooses the preparation of a kind of
        column ("prepare.categorical": "one_hot") and is not among the builder's params. "prepare.extra" names
        preprocessors, joined by "+", whose features stand beside the others, each over all columns that it handles.
    defaults: good first configurations, best first; each value lies in its domain. Missing names are left out.
    tasks: the task kinds it can do.
    accepts: the column kinds it takes as they are; all others are turned into numbers for it, or left out where no
        preprocessor does that.
    accepts_missing: whether NaN may stand among its features. A model that accepts CATEGORICAL takes NaN codes anyway.
    accepts_sparse: whether it takes a `scipy.sparse.csr_matrix` in place of a frame.
    scaling: the preprocessor for its numeric features: "standard", "robust", "quantile", or "" for none.
    categorical: the preprocessor for categories it does not accept: "auto", "one_hot", "target_encoding", "frequency".
    requires: importable module names without which it is listed as not installed.
    install: the command that installs what it requires.
    resources: estimates the cost of one fold from its size.
    limits: returns why a fit of this size makes no sense, or "" where it does.
    runtime: names what must have worker processes of its own, such as "torch", whose thread pools and those of other
        libraries get into each other's way; models of one runtime share them. Empty for the common workers.
    keeps_rows: whether a fitted learner holds rows of its training table; what is saved then says so.
    needs: column kinds of which the table must have one for the model to be tried at all; empty for any table.
    fewest_words: mean number of words in all texts of a row below which it is tried only where it is asked for by name.
    gpu: whether a fit gains so much from a GPU that it runs there, and nowhere else, where there is one. The context's
        `device` is then "cuda". A learner that ran elsewhere than it was asked to says so by an attribute `device`.
    pretrained: the kind of pretrained weights that it can begin from, "text" or "image". Its hyperparameter "weights"
        and its defaults name them by `PRETRAINED`, in whose place each network that plugins offer is put.
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

    def __post_init__(self) -> None:
        """Refuse fields of another type where the author sees it, rather than in the middle of a search."""
        _check_members(self.name, "defaults", self.defaults, Mapping)
        _check_members(self.name, "tasks", self.tasks, TaskKind)
        _check_members(self.name, "accepts", self.accepts, ColumnKind)
        _check_members(self.name, "needs", self.needs, ColumnKind)
        _check_members(self.name, "requires", self.requires, str)


def _check_members(name: str, what: str, found: Any, kind: type[Any]) -> None:
    is_fine = isinstance(found, tuple | list | set | frozenset) and all(isinstance(each, kind) for each in found)
    if not is_fine:
        raise TypeError(f"ModelSpec {name!r} has {what}={found!r}; expected several {kind.__name__}, as a collection.")


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


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A way to score predictions.

    score: `score(target, predictions, weights) -> float`. target is `(n_rows,)`: class numbers or values. What
        `predictions` holds is set by `needs`: "probabilities" `(n_rows, n_classes)`, "labels" `(n_rows,)` class
        numbers, "values" `(n_rows,)`. weights is `(n_rows,)` or None.
    greater_is_better: the direction; `optimum` the best possible value.
    aliases: other names that users type for it.
    decodes: whether `score` wants the labels themselves in place of class numbers (metrics written by users).
    """

    name: str
    score: Callable[..., float]
    greater_is_better: bool
    optimum: float
    needs: str
    tasks: frozenset[TaskKind]
    aliases: tuple[str, ...] = ()
    decodes: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how it is pickled: a function of a script or notebook goes along with its code."""
        return _metric_of, (Portable(self.score), *(getattr(self, name) for name in self.__slots__ if name != "score"))


def _metric_of(score: Portable, name: str, *others: Any) -> MetricSpec:
    return MetricSpec(name, score.value, *others)


@dataclass(frozen=True, slots=True)
class EnsembleRequest:
    """What an ensembler's builder may look at; `params` come from its variant."""

    task: Task
    metric: MetricSpec
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EnsemblerSpec:
    """A way to combine candidates.

    family: the value of the option `ensemble` that allows it ("voting", "weighted", "stacking", or the plugin's own);
        `auto` allows every family.
    complexity: rank by simplicity; of two that score alike the lower one is taken.
    uses_features: whether it wants the raw columns beside the predictions.
    in_auto: whether `ensemble="auto"` considers it.
    """

    name: str
    build: Callable[[EnsembleRequest], Ensembler]
    family: str
    complexity: int = 10
    tasks: frozenset[TaskKind] = ALL_TASKS
    uses_features: bool = False
    in_auto: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StrategyRequest:
    """What a search strategy's builder may look at.

    models: those that can run on this task and are installed. estimate: the expected seconds of all folds of a
    proposal, corrected by what has been measured so far. time_limit is None when the search ends by count; then no
    decision may depend on time. dated: whether the table has dates and its folds are in order of time, so that later
    rows are predicted: "prepare.datetime" then says what dates become for a candidate.
    """

    models: tuple[ModelSpec, ...]
    task: Task
    n_rows: int
    n_features: int
    seed: int
    n_slots: int
    time_limit: float | None
    estimate: Callable[[str, Mapping[str, Any]], float]
    dated: bool = False


@dataclass(frozen=True, slots=True)
class SearchStrategySpec:
    """A way to decide what to try next."""

    name: str
    build: Callable[[StrategyRequest], SearchStrategy]


@dataclass(frozen=True, slots=True)
class ExecutorRequest:
    """How many slots to run, each with how many threads; `initialize` is called once in every worker to warm it.

    Slot numbers from `n_slots` on are asked for too: first one for each of `gpus`, then as many again for each kind of
    models that need workers of their own. They are brought up when they are first used, and not warmed. A worker of a
    GPU slot must see that GPU alone, and where there are GPUs all other workers none (CUDA_VISIBLE_DEVICES), from
    before its first import on.
    """

    n_slots: int
    threads: int
    initialize: Callable[[], None] | None = None
    gpus: tuple[str, ...] = ()

    def gpu_of(self, slot: int) -> str | None:
        """Return the GPU that the workers of a slot number see, "" for none, None where there is no GPU at all."""
        if not self.gpus:
            return None
        place = slot % (self.n_slots + len(self.gpus)) - self.n_slots
        return self.gpus[place] if place >= 0 else ""


@dataclass(frozen=True, slots=True)
class ExecutorSpec:
    """A place where fits run; `isolated` when a crash or a kill there cannot reach the controller."""

    name: str
    build: Callable[[ExecutorRequest], Executor]
    isolated: bool = True


@dataclass(frozen=True, slots=True)
class TrackRequest:
    """Where a tracker should keep a search: what the user wrote behind its name and a colon, "" for the usual place."""

    place: str = ""


@dataclass(frozen=True, slots=True)
class TrackerSpec:
    """A tool outside that keeps the course of searches, asked for by name in the option `track`.

    build: called in the controller when a search begins; import heavy libraries inside it. What it raises ends the
        search before any fit.
    requires, install: modules that have to be there, and the command that brings them, as in `ModelSpec`.
    """

    name: str
    build: Callable[[TrackRequest], Tracker]
    requires: tuple[str, ...] = ()
    install: str = ""
