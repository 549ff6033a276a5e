"""The hooks, by pluggy: offering (what a plugin has), deciding (first answer wins), watching (told what happened)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pluggy

from automl.plugin_api.specs import (
    EnsemblerSpec,
    ExecutorSpec,
    FleetSpec,
    MetricSpec,
    ModelSpec,
    PreprocessorSpec,
    PretrainedSpec,
    SearchStrategySpec,
    TaskSpec,
    TrackerSpec,
)
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.events import Event, SearchProgress
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.schema import ColumnKind
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.task import TaskKind

PROJECT = "automl"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def automl_tasks() -> Sequence[TaskSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer kinds of tasks: what may be asked of a table."""


@hookspec
def automl_models() -> Sequence[ModelSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer models to search over."""


@hookspec
def automl_preprocessors() -> Sequence[PreprocessorSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer ways to turn columns into features."""


@hookspec
def automl_metrics() -> Sequence[MetricSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer metrics by name."""


@hookspec
def automl_ensemblers() -> Sequence[EnsemblerSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer ways to combine candidates."""


@hookspec
def automl_search_strategies() -> Sequence[SearchStrategySpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer ways to decide what to try next."""


@hookspec
def automl_executors() -> Sequence[ExecutorSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer places where fits run."""


@hookspec
def automl_fleets() -> Sequence[FleetSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer clusters of machines to run searches on."""


@hookspec
def automl_trackers() -> Sequence[TrackerSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer tools outside that keep the course of searches."""


@hookspec
def automl_pretrained() -> Sequence[PretrainedSpec]:  # type: ignore[empty-body]  # a hook has no body
    """Offer pretrained networks for models to begin from."""


@hookspec
def automl_moved_classes() -> Mapping[str, str]:  # type: ignore[empty-body]  # a hook has no body
    """Tell where classes lie now that models of earlier versions name: new modules, or "module:Class", by the old."""


@hookspec(firstresult=True)
def automl_infer_task(target: Any) -> TaskKind | None:
    """Decide the kind of task from the target, a `pandas.Series` without missing values; None leaves it to others."""


@hookspec(firstresult=True)
def automl_type_column(column: Any) -> ColumnKind | None:
    """Decide the kind of a column, a `pandas.Series`; None leaves it to others."""


@hookspec(firstresult=True)
def automl_plan_resampling(dataset: Dataset, settings: SearchSettings) -> ResamplingPlan | None:
    """Decide the folds; `dataset.features` holds the columns as the user gave them. None leaves it to others."""


@hookspec(firstresult=True)
def automl_should_stop(progress: SearchProgress) -> bool | None:
    """Decide whether the search should end now; None leaves it to others."""


@hookspec
def automl_event(event: Event) -> None:
    """Be told what happened, in order, in the controller's process."""
