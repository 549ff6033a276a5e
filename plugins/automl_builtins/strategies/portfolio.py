"""Portfolio strategy: every model's good first configurations, then what promises the most gain per second."""

from __future__ import annotations

import json
import math
from bisect import insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from automl.plugin_api import (
    ColumnKind,
    ModelSpec,
    Outcome,
    Proposal,
    Refusal,
    SearchStrategySpec,
    Status,
    StrategyRequest,
    hookimpl,
    neighbour_in_space,
    sample_space,
)

MEASURED = Path(__file__).with_name("portfolio.json")
"""Configurations in the order in which they lowered the loss of a blend most per second, over many tables; written by
benchmarks/portfolio.py."""
OTHERS_FROM, OTHERS_EVERY = 1, 3
"""After this many measured configurations comes the first one of each model that was not measured, and then another of
theirs after every so many."""
STRENGTH = (
    "lightgbm", "catboost", "xgboost", "linear", "extra_trees", "random_forest", "svm", "nearest_neighbors",
    "text_embeddings", "text_contrast",
)  # fmt: skip
"""Order in which models of known strength give their first configurations; others come after them, in name order."""
DEAR = 0.35
"""A portfolio entry that would take more than this share of the time left waits while a cheaper one is there."""
FIRST_ROUNDS = 2
"""Configurations with which a model that needs a kind of columns comes first."""
DEAR_NEEDED = 0.7
"""The same, for a model of columns that others see poorly, such as images."""
MOST_COST = 1e12
"""Seconds that all dearer configurations count as, also where a model says that it takes forever."""
OF_NO_USE = frozenset({Refusal.UNKNOWN, Refusal.LIMITS, Refusal.MEMORY, Refusal.MACHINES})
"""Why a configuration makes no sense for these rows, whatever the time left and what was tried before."""
HOPELESS = 3
"""A model whose last this many candidates were dropped is not tried again."""
SPAWN = {"neighbour": 0.6, "random": 0.25, "seed": 0.15}
"""How the adaptive phase makes a configuration: near a good one, anywhere, or a good one again with another seed."""
DATES = "prepare.datetime"
RECENCY, HALF_LIFE = "prepare.recency", 0.4
"""Recent rows are weighed more: the share of the training rows' time in which a weight halves."""
RECENT_AT = 3
"""Which of four configurations does so at first."""
OTHERWISE = 0.2
"""Where later rows are predicted, the chance that an adapted configuration does the other of two ways in these."""
LEADERS = 3
"""A neighbour is taken of one of the best this many configurations of its model; as many models are never given up."""


@dataclass(slots=True)
class Family:
    """What has been learnt about one model."""

    spec: ModelSpec
    tried: list[tuple[float, Proposal]] = field(default_factory=list)
    """By loss, the lowest first."""
    failures: int = 0
    dropped: int = 0
    """Candidates dropped in a row."""
    random: bool = True
    """Whether another seed gives another model; False once one did not."""

    @property
    def best(self) -> float:
        """The lowest loss so far."""
        return self.tried[0][0] if self.tried else math.inf

    def leaders(self) -> list[Proposal]:
        """Return the best configurations, best first."""
        best: list[Proposal] = []
        for _, proposal in self.tried:
            if all(proposal.params != each.params for each in best):
                best.append(proposal)
                if len(best) == LEADERS:
                    break
        return best


class PortfolioStrategy:
    """Asks for the portfolio in a fixed order, then samples models by expected gain per second.

    The chance of a model falls with its best loss's distance from the best of all, and with what a trial of it costs,
    much as FLAML's estimated cost for improvement does (Wang et al., MLSys 2021).
    """

    def __init__(self, request: StrategyRequest, lay_out: Callable[..., Iterator[Proposal]] | None = None) -> None:
        """Lay out the portfolio: the measured one, or what `lay_out` makes of the models."""
        self._request = request
        self._rng = np.random.default_rng([request.seed, 202])
        self._families = {spec.name: Family(spec) for spec in request.models}
        self._portfolio = list((lay_out or portfolio)(request.models))
        if request.time_limit is not None:
            self._portfolio = self._cheap_first(self._portfolio)
        if request.dated:
            self._portfolio = list(self._in_time(self._portfolio))
        self._fresh_seed = 1

    def ask(self, seconds_left: float) -> Proposal | None:
        """Return the next portfolio entry, then an adaptive proposal; None when nothing fits the time."""
        return self._next_entry(seconds_left) if self._portfolio else self._adapt(seconds_left)

    def tell(self, outcome: Outcome) -> None:
        """Learn how a proposal went."""
        family = self._families.get(outcome.proposal.model)
        if family is None:
            return
        if outcome.refusal in OF_NO_USE and family.spec.needs:
            self._bring_forward(family.spec.name)
        if math.isinf(outcome.loss):
            family.failures += outcome.status == Status.FAILED
        elif outcome.status == Status.DROPPED:
            family.dropped += 1
        else:
            family.dropped = 0
            if outcome.proposal.origin == "seed" and any(outcome.loss == loss for loss, _ in family.tried):
                family.random = False
            insort(family.tried, (outcome.loss, outcome.proposal), key=itemgetter(0))

    def _next_entry(self, seconds_left: float) -> Proposal:
        """Return the first portfolio entry that is not too dear for the time left, else the cheapest."""
        costs = [self._cost(each.model, each.params) for each in self._portfolio]
        room = seconds_left * self._request.n_slots
        affordable = [i for i, cost in enumerate(costs) if cost <= room * self._dear(self._portfolio[i].model)]
        return self._portfolio.pop(affordable[0] if affordable else costs.index(min(costs)))

    def _bring_forward(self, model: str) -> None:
        """Let the next configuration of a model take the place of one that makes no sense for these rows."""
        place = next((place for place, each in enumerate(self._portfolio) if each.model == model), 0)
        self._portfolio[: place + 1] = self._portfolio[place : place + 1] + self._portfolio[:place]

    def _cheap_first(self, proposals: Sequence[Proposal]) -> list[Proposal]:
        """Return the proposals, in each round of those that read texts or sequences the cheap ones first.

        Where a dear one comes to nothing there is a good one yet; it still comes before anybody's second one. Costs are
        alike up to a factor of about two: estimates tell no more apart.
        """
        needs = [self._families[each.model].spec.needs for each in proposals]
        count = next((place for place, each in enumerate(needs) if not each), len(needs))
        places = [place for place in range(count) if ColumnKind.IMAGE not in needs[place]]
        models = [each.model for each in proposals]
        rounds = {place: models[:place].count(models[place]) for place in places}
        costs = {place: self._cost(models[place], proposals[place].params) for place in places}
        least = min(costs.values(), default=1.0)
        alike = {place: round(math.log2(min(cost, MOST_COST) / min(least, MOST_COST))) for place, cost in costs.items()}
        by_cost = sorted(places, key=lambda place: (rounds[place], alike[place]))
        order = dict(zip(places, by_cost, strict=True))
        return [proposals[order.get(place, place)] for place in range(len(proposals))]

    def _dear(self, model: str) -> float:
        return DEAR_NEEDED if self._families[model].spec.needs else DEAR

    def _in_time(self, proposals: Sequence[Proposal]) -> Iterator[Proposal]:
        """Yield every second configuration without what only grows, and every fourth with recent rows weighed more."""
        for position, proposal in enumerate(proposals):
            proposal = self._with_other_dates(proposal) if position % 2 else proposal
            yield with_other_recency(proposal) if position % 4 == RECENT_AT else proposal

    def _with_other_dates(self, proposal: Proposal) -> Proposal:
        """Return a configuration that sees dates in the other way: with what only grows, or without."""
        seasons = "date_cyclic_seasons" if self._families[proposal.model].spec.scaling else "date_seasons"
        return toggled(proposal, DATES, seasons)

    def _adapt(self, seconds_left: float) -> Proposal | None:
        for _ in range(30):
            names, chances = self._chances(seconds_left)
            if not names:
                return None
            family = self._families[names[int(self._rng.choice(len(names), p=chances))]]
            proposal = self._spawn(family)
            if self._cost(proposal.model, proposal.params) <= seconds_left * self._request.n_slots:
                return proposal
        return None

    def _chances(self, seconds_left: float) -> tuple[list[str], Any]:
        """Return the models that may be tried again, with the probability of each."""
        able = self._worth_trying()
        costs = {name: self._cost(name, each.leaders()[0].params) for name, each in able.items()}
        able = {name: each for name, each in able.items() if costs[name] <= seconds_left * self._request.n_slots}
        if not able:
            return [], None
        bests = [each.best for each in self._families.values() if each.tried]
        spread = max(float(np.median(bests)) - min(bests), 0.02 * abs(min(bests)), 1e-9)
        promise = np.array([math.exp(-2.0 * (each.best - min(bests)) / spread) for each in able.values()])
        weight = promise / np.sqrt(np.array([costs[name] for name in able])) / (1 + self._failed(able))
        return list(able), weight / weight.sum()

    def _worth_trying(self) -> dict[str, Family]:
        """Return the models with a result and a space; those that were dropped again and again only if they lead."""
        able = {name: each for name, each in self._families.items() if each.tried and each.spec.space}
        front = sorted(able, key=lambda name: able[name].best)[:LEADERS]
        return {name: each for name, each in able.items() if each.dropped < HOPELESS or name in front}

    @staticmethod
    def _failed(able: Mapping[str, Family]) -> Any:
        return np.array([each.failures for each in able.values()], dtype=float)

    def _cost(self, model: str, params: Mapping[str, Any]) -> float:
        """Return expected seconds; the same for all where no decision may depend on time."""
        if self._request.time_limit is None:
            return 1.0
        return max(1e-3, self._request.estimate(model, params))

    def _spawn(self, family: Family) -> Proposal:
        proposal = self._near_or_far(family)
        if self._request.dated and proposal.origin != "seed":
            other_dates, other_recency = self._rng.random(2) < OTHERWISE
            proposal = self._with_other_dates(proposal) if other_dates else proposal
            proposal = with_other_recency(proposal) if other_recency else proposal
        return proposal

    def _near_or_far(self, family: Family) -> Proposal:
        origin = str(self._rng.choice(list(SPAWN), p=list(SPAWN.values())))
        leaders = family.leaders()
        leader = leaders[min(int(self._rng.geometric(0.5)) - 1, len(leaders) - 1)]
        if origin == "seed" and family.random:
            self._fresh_seed += 1
            return Proposal(leader.model, leader.params, self._fresh_seed, "seed")
        if origin == "random":
            return Proposal(leader.model, sample_space(family.spec.space, self._rng), 0, "random")
        return Proposal(leader.model, neighbour_in_space(family.spec.space, leader.params, self._rng), 0, "neighbour")


def with_other_recency(proposal: Proposal) -> Proposal:
    """Return a configuration that weighs recent rows more, or no longer does."""
    return toggled(proposal, RECENCY, HALF_LIFE)


def toggled(proposal: Proposal, name: str, value: Any) -> Proposal:
    """Return a configuration with a hyperparameter that it did not have, or without it."""
    others = {each: kept for each, kept in proposal.params.items() if each != name}
    return replace(proposal, params=others if name in proposal.params else {**others, name: value})


def portfolio(models: Sequence[ModelSpec]) -> Iterator[Proposal]:
    """Yield the measured configurations of the models at hand, and between them those of models that were not measured.

    Models for columns that few tables have come before all others, which see such columns poorly: those of images with
    all their configurations, others with their first, since a text may be one column of many. What the measurement left
    out of its order, a model's weaker configurations, comes last.
    """
    yield from own_rounds([spec for spec in models if ColumnKind.IMAGE in spec.needs])
    special = [spec for spec in models if spec.needs and ColumnKind.IMAGE not in spec.needs]
    rounds = own_rounds(special)
    yield from islice(rounds, FIRST_ROUNDS * len(special))
    models = [spec for spec in models if not spec.needs]
    behind = behind_borrowed(models)
    measured = [
        replace(each, model=spec.name)
        for late in (False, True)
        for each in measured_order()
        for spec in models
        if (spec.name in behind) is late and each.model == (spec.lent_by or spec.name) and lies_in_space(spec, each)
    ]
    known = {each.model for each in measured}
    unmeasured = [spec for spec in models if spec.name not in known]
    of_this_task = [_of_this_task(spec) for spec in models if spec.name in known]
    others = chain(own_rounds(unmeasured), own_rounds(of_this_task), rounds)
    for position, proposal in enumerate(measured):
        if position >= OTHERS_FROM and (position - OTHERS_FROM) % OTHERS_EVERY == 0:
            yield from islice(others, len(unmeasured) if position == OTHERS_FROM else 1)
        yield proposal
    yield from others


def _of_this_task(spec: ModelSpec) -> ModelSpec:
    """Return a model with those of its first configurations that are for few tasks, which were not measured."""
    return replace(spec, defaults=tuple(each for each in spec.defaults if not set(spec.only_for).isdisjoint(each)))


def behind_borrowed(models: Sequence[ModelSpec]) -> set[str]:
    """Return the models that are borrowed for the task ahead of what they do of it themselves, which comes later."""
    borrowed: set[str] = set()
    behind = set()
    for spec in models:
        borrowed.add(spec.lent_by)
        behind |= {spec.name} & borrowed
    return behind


@cache
def measured_order() -> tuple[Proposal, ...]:
    """Return the measured configurations of all models, best first."""
    entries = json.loads(MEASURED.read_text(encoding="utf-8"))
    return tuple(Proposal(entry["model"], entry["params"], 0, "portfolio") for entry in entries)


def lies_in_space(spec: ModelSpec, proposal: Proposal) -> bool:
    """Return whether a model still has all the hyperparameters of a configuration, with these values."""
    return all(name in spec.space and spec.space[name].contains(value) for name, value in proposal.params.items())


def own_rounds(models: Sequence[ModelSpec]) -> Iterator[Proposal]:
    """Yield the models' own first configurations in rounds, the models of known strength first in each."""
    rank = {name: position for position, name in enumerate(STRENGTH)}
    ordered = sorted(models, key=lambda spec: (rank.get(spec.lent_by or spec.name, len(rank)), spec.name))
    queues = {spec.name: list(spec.defaults) for spec in ordered}
    while any(queues.values()):
        for name, queue in queues.items():
            if queue:
                yield Proposal(name, dict(queue.pop(0)), 0, "portfolio")


def build_portfolio(request: StrategyRequest) -> PortfolioStrategy:
    """Build the strategy."""
    return PortfolioStrategy(request)


PORTFOLIO = SearchStrategySpec(name="portfolio", build=build_portfolio)


@hookimpl
def automl_search_strategies() -> list[SearchStrategySpec]:
    """Offer the strategy."""
    return [PORTFOLIO]
