"""Build the strategy: what decides which candidate is tried next, told what the search is of."""

from __future__ import annotations

from collections.abc import Callable

from automl.plugin_api.protocols import SearchStrategy
from automl.plugin_api.specs import StrategyRequest
from automl.registry import Registry
from automl.steps.trials.fit_first import FIRST_MODEL
from automl.steps.trials.surroundings import Surroundings
from automl.steps.trials.trials import Estimate
from automl.vocabulary.schema import ColumnKind


def strategy_builder(around: Surroundings, registry: Registry) -> Callable[[Estimate], SearchStrategy]:
    """Return what builds the strategy once costs can be estimated."""

    def build(estimate: Estimate) -> SearchStrategy:
        request = StrategyRequest(
            models=tuple(spec for name, spec in around.models.items() if name != FIRST_MODEL),
            task=around.judge.task,
            n_rows=len(around.judge.target),
            n_features=around.n_features,
            seed=around.settings.random_state,
            n_slots=around.n_slots,
            time_limit=around.settings.time_limit,
            estimate=estimate,
            dated=around.judge.plan.ordered and bool(around.schema.of_kind(ColumnKind.DATETIME)),
        )
        return registry.strategies[around.settings.strategy].build(request)

    return build
