"""The contract kit: checks that plugins run in their own tests.

For each kind of plugin there are three functions. `model_checks(spec)` yields `(name, check)`; `check_model(spec)` runs
them all and lists every failure; `parametrize_with_model_checks([SPEC])` makes one pytest test of each:

    @parametrize_with_model_checks([MY_SPEC], expected_failures={"check_weights_count": "it has no sample weights"})
    def test_it_keeps_the_model_contract(check):
        check()
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from automl.errors import PluginError
from automl.plugin_api import (
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
from automl.testing import (
    _ensemblers,
    _executors,
    _fleets,
    _metrics,
    _models,
    _preprocessors,
    _pretrained,
    _several_models,
    _strategies,
    _tasks,
    _trackers,
)
from automl.testing._runner import Kit, first_line_of_failure

_MODELS: Kit[ModelSpec] = Kit("model", (*_models.CHECKS, *_several_models.CHECKS), _pretrained.with_installed_weights)
_PREPROCESSORS: Kit[PreprocessorSpec] = Kit("preprocessor", _preprocessors.CHECKS)
_METRICS: Kit[MetricSpec] = Kit("metric", _metrics.CHECKS)
_ENSEMBLERS: Kit[EnsemblerSpec] = Kit("ensembler", _ensemblers.CHECKS)
_STRATEGIES: Kit[SearchStrategySpec] = Kit("search strategy", _strategies.CHECKS)
_EXECUTORS: Kit[ExecutorSpec] = Kit("executor", _executors.CHECKS)
_FLEETS: Kit[FleetSpec] = Kit("fleet", _fleets.CHECKS)
_TASKS: Kit[TaskSpec] = Kit("task", _tasks.CHECKS)
_TRACKERS: Kit[TrackerSpec] = Kit("tracker", _trackers.CHECKS)
_PRETRAINED: Kit[PretrainedSpec] = Kit("pretrained network", _pretrained.CHECKS)
_KITS: dict[type[Any], Kit[Any]] = {
    ModelSpec: _MODELS,
    PreprocessorSpec: _PREPROCESSORS,
    MetricSpec: _METRICS,
    EnsemblerSpec: _ENSEMBLERS,
    SearchStrategySpec: _STRATEGIES,
    ExecutorSpec: _EXECUTORS,
    FleetSpec: _FLEETS,
    TaskSpec: _TASKS,
    TrackerSpec: _TRACKERS,
    PretrainedSpec: _PRETRAINED,
}

model_checks, check_model, parametrize_with_model_checks = _MODELS.checks, _MODELS.run, _MODELS.parametrize
preprocessor_checks, check_preprocessor = _PREPROCESSORS.checks, _PREPROCESSORS.run
parametrize_with_preprocessor_checks = _PREPROCESSORS.parametrize
metric_checks, check_metric, parametrize_with_metric_checks = _METRICS.checks, _METRICS.run, _METRICS.parametrize
ensembler_checks, check_ensembler = _ENSEMBLERS.checks, _ENSEMBLERS.run
parametrize_with_ensembler_checks = _ENSEMBLERS.parametrize
strategy_checks, check_strategy = _STRATEGIES.checks, _STRATEGIES.run
parametrize_with_strategy_checks = _STRATEGIES.parametrize
executor_checks, check_executor = _EXECUTORS.checks, _EXECUTORS.run
parametrize_with_executor_checks = _EXECUTORS.parametrize
fleet_checks, check_fleet, parametrize_with_fleet_checks = _FLEETS.checks, _FLEETS.run, _FLEETS.parametrize
task_checks, check_task, parametrize_with_task_checks = _TASKS.checks, _TASKS.run, _TASKS.parametrize
tracker_checks, check_tracker, parametrize_with_tracker_checks = _TRACKERS.checks, _TRACKERS.run, _TRACKERS.parametrize

pretrained_checks, check_pretrained = _PRETRAINED.checks, _PRETRAINED.run
parametrize_with_pretrained_checks = _PRETRAINED.parametrize


def checks_of(spec: Any) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield `(name, check)` for a spec of any kind."""
    if type(spec) not in _KITS:
        raise PluginError(f"Found {spec!r}; expected a spec, such as {', '.join(kind.__name__ for kind in _KITS)}.")
    yield from _KITS[type(spec)].checks(spec)


__all__ = [
    "check_ensembler", "check_executor", "check_fleet", "check_metric", "check_model", "check_preprocessor",
    "check_pretrained", "check_strategy", "check_task", "check_tracker", "checks_of", "ensembler_checks",
    "executor_checks", "first_line_of_failure", "fleet_checks", "metric_checks", "model_checks",
    "parametrize_with_ensembler_checks", "parametrize_with_executor_checks", "parametrize_with_fleet_checks",
    "parametrize_with_metric_checks", "parametrize_with_model_checks", "parametrize_with_preprocessor_checks",
    "parametrize_with_pretrained_checks", "parametrize_with_strategy_checks", "parametrize_with_task_checks",
    "parametrize_with_tracker_checks", "preprocessor_checks", "pretrained_checks", "strategy_checks", "task_checks",
    "tracker_checks",
]  # fmt: skip
