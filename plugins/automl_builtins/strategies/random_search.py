"""Random search: each model's first configuration, then configurations drawn at random; a yardstick for others."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Outcome, Proposal, SearchStrategySpec, StrategyRequest, hookimpl, sample_space


class RandomSearch:
    """Draws models and configurations evenly (Bergstra and Bengio, JMLR 2012)."""

    def __init__(self, request: StrategyRequest) -> None:
        """Start with one configuration of each model."""
        self._models = sorted(request.models, key=lambda spec: spec.name)
        self._rng = np.random.default_rng([request.seed, 303])
        self._first = [Proposal(spec.name, dict(spec.defaults[0]), 0, "portfolio") for spec in self._models]

    def ask(self, seconds_left: float) -> Proposal | None:  # noqa: ARG002  it does not look at the clock
        """Return the next proposal."""
        if self._first:
            return self._first.pop(0)
        searchable = [spec for spec in self._models if spec.space]
        if not searchable:
            return None
        spec = searchable[int(self._rng.integers(len(searchable)))]
        return Proposal(spec.name, sample_space(spec.space, self._rng), 0, "random")

    def tell(self, outcome: Outcome) -> None:
        """Learn nothing: that is the point."""


def build_random_search(request: StrategyRequest) -> RandomSearch:
    """Build the strategy."""
    return RandomSearch(request)


RANDOM = SearchStrategySpec(name="random", build=build_random_search)


@hookimpl
def automl_search_strategies() -> list[SearchStrategySpec]:
    """Offer the strategy."""
    return [RANDOM]
