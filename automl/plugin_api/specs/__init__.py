"""Specs: light, picklable records by which plugins say what they offer; heavy imports belong in their builders."""

from automl.plugin_api.specs.ensemblers import EnsembleRequest, EnsemblerSpec
from automl.plugin_api.specs.executors import ExecutorRequest, ExecutorSpec
from automl.plugin_api.specs.fleets import FleetRequest, FleetSpec
from automl.plugin_api.specs.metrics import MetricSpec
from automl.plugin_api.specs.models import CONSTANT, PREPARE_PREFIX, BuildRequest, FitSize, ModelSpec
from automl.plugin_api.specs.preprocessors import DefaultFor, PreprocessorSpec, PreprocessRequest
from automl.plugin_api.specs.pretrained import PRETRAINED, PretrainedSpec
from automl.plugin_api.specs.strategies import SearchStrategySpec, StrategyRequest
from automl.plugin_api.specs.tasks import ALL_TASKS, CLASSIFICATION, Loan, TargetColumn, TargetTable, TaskSpec
from automl.plugin_api.specs.trackers import TrackerSpec, TrackRequest

__all__ = [
    "ALL_TASKS",
    "CLASSIFICATION",
    "CONSTANT",
    "PREPARE_PREFIX",
    "PRETRAINED",
    "BuildRequest",
    "DefaultFor",
    "EnsembleRequest",
    "EnsemblerSpec",
    "ExecutorRequest",
    "ExecutorSpec",
    "FitSize",
    "FleetRequest",
    "FleetSpec",
    "Loan",
    "MetricSpec",
    "ModelSpec",
    "PreprocessRequest",
    "PreprocessorSpec",
    "PretrainedSpec",
    "SearchStrategySpec",
    "StrategyRequest",
    "TargetColumn",
    "TargetTable",
    "TaskSpec",
    "TrackRequest",
    "TrackerSpec",
]
