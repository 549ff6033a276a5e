"""Build the strategy: what decides which candidate is tried next, told what the search is of."""

from __future__ import annotations

from collections.abc import Callable

from automl.plugin_api.protocols import SearchStrategy
from automl.plugin_api.specs import CONSTANT, StrategyRequest
from automl.steps.trials.setup import Setup
from automl.steps.trials.trials import Estimate
from automl.vocabulary.schema import ColumnKind


def strategy_builder(setup: Setup) -> Callable[[Estimate], SearchStrategy]:
    """Return what builds the strategy once costs can be estimated."""
    settings, table = setup.search.settings, setup.table

    def build(estimate: Estimate) -> SearchStrategy:
        request = StrategyRequest(
            models=tuple(spec for spec in table.models.values() if spec.role != CONSTANT),
            task=table.judge.task,
            n_rows=len(table.judge.target),
            n_features=table.n_features,
            seed=settings.random_state,
            n_slots=max(1, setup.assignment.n_slots),
            time_limit=settings.time_limit,
            estimate=estimate,
            dated=table.judge.plan.ordered and bool(table.dataset.schema.of_kind(ColumnKind.DATETIME)),
        )
        return setup.search.registry.strategies[settings.strategy].build(request)

    return build
