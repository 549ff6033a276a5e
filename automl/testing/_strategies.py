"""The search-strategy contract: what must hold for whatever decides what to try next."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from automl.plugin_api import (
    BuildRequest,
    Choice,
    Float,
    Int,
    Learner,
    ModelSpec,
    Outcome,
    Proposal,
    Refusal,
    SearchStrategy,
    SearchStrategySpec,
    Status,
    StrategyRequest,
)
from automl.testing._data import TASKS
from automl.testing._runner import expect
from automl.testing._shared import check_import_is_light, check_spec_pickles

ASKED = 50
Told = Callable[[int, Proposal], Outcome]


def _never_built(request: BuildRequest) -> Learner:
    raise AssertionError(f"A search strategy only proposes; it must not build a model ({request.params}).")


MODELS = (
    ModelSpec(
        "numbers",
        _never_built,
        space={"rate": Float(1e-3, 1.0, log=True), "depth": Int(1, 12)},
        defaults=({"rate": 0.1}, {"rate": 0.3, "depth": 4}),
    ),
    ModelSpec("choices", _never_built, space={"kernel": Choice(("a", "b", "c"))}, defaults=({"kernel": "b"}, {})),
    ModelSpec("fixed", _never_built),
)
"""Models to propose: with numbers, with choices, and with nothing to choose."""


def check_proposals_are_known(spec: SearchStrategySpec) -> None:
    """Every proposal names one of the models, with values that lie in its space."""
    by_name = {model.name: model for model in MODELS}
    asked = _search(spec, _promising)
    expect(asked, "It proposes nothing at all.")
    for proposal in asked:
        expect(proposal.model in by_name, f"It proposes the model {proposal.model!r}; it was given {sorted(by_name)}.")
        space = by_name[proposal.model].space
        for name, value in proposal.params.items():
            known = name in space and space[name].contains(value)
            expect(known, f"It proposes {proposal.model} with {name}={value!r}; the space is {dict(space)}.")


def check_asking_on_is_safe(spec: SearchStrategySpec) -> None:
    """It can be asked on and on, also after None, with little time, and with a single model without a space."""
    strategy = _build(spec)
    for number in range(ASKED):
        proposal = strategy.ask(math.inf if number < ASKED - 10 else 1e-3)
        if proposal is not None:
            strategy.tell(_promising(number, proposal))
    lonely = _build(spec, models=MODELS[2:])
    for number in range(10):
        proposal = lonely.ask(math.inf)
        if proposal is not None:
            lonely.tell(_promising(number, proposal))


def check_every_model_is_tried(spec: SearchStrategySpec) -> None:
    """Within fifty proposals each model has been proposed."""
    tried = {proposal.model for proposal in _search(spec, _promising)}
    left_out = sorted({model.name for model in MODELS} - tried)
    expect(not left_out, f"In {ASKED} proposals it never tries {left_out}.")


def check_outcomes_in_any_order(spec: SearchStrategySpec) -> None:
    """Several proposals may be out at once, and come back in any order."""
    strategy, rng = _build(spec), np.random.default_rng(0)
    for _ in range(6):
        out = [proposal for proposal in (strategy.ask(math.inf) for _ in range(8)) if proposal is not None]
        for position in rng.permutation(len(out)):
            strategy.tell(_promising(int(position), out[position]))


def check_same_seed_same_proposals(spec: SearchStrategySpec) -> None:
    """Two searches with equal seeds and outcomes propose the same."""
    first, second = _search(spec, _promising), _search(spec, _promising)
    expect(first == second, f"Two searches with one seed differ from proposal {_first_gap(first, second)} on.")


def check_time_is_ignored_without_a_limit(spec: SearchStrategySpec) -> None:
    """With `time_limit=None` neither estimates, nor seconds left, nor measured seconds change a proposal."""
    first = _search(spec, _promising)
    slow = _build(spec, estimate=lambda model, params: 900.0 if model == "numbers" else 0.001)  # noqa: ARG005
    second = _run(slow, lambda number, each: Outcome(each, _loss(each), 10.0 * (number % 7), Status.COMPLETE), 12.5)
    gap = _first_gap(first, second)
    expect(first == second, f"Although time_limit is None, proposal {gap} depends on time.")


def check_all_failing_is_survived(spec: SearchStrategySpec) -> None:
    """Outcomes with an infinite loss, whatever their status, are no reason to break."""
    refused = [(Status.SKIPPED, refusal) for refusal in Refusal]
    states = [(Status.FAILED, Refusal.NONE), *refused, (Status.DROPPED, Refusal.NONE)]
    _search(spec, lambda number, each: Outcome(each, math.inf, 0.1, *states[number % len(states)]))


CHECKS: tuple[Callable[[SearchStrategySpec], None], ...] = (
    check_spec_pickles, check_import_is_light, check_proposals_are_known, check_asking_on_is_safe,
    check_every_model_is_tried, check_outcomes_in_any_order, check_same_seed_same_proposals,
    check_time_is_ignored_without_a_limit, check_all_failing_is_survived,
)  # fmt: skip
"""Every check of a search strategy."""


def _build(
    spec: SearchStrategySpec,
    models: tuple[ModelSpec, ...] = MODELS,
    estimate: Callable[[str, Mapping[str, Any]], float] = lambda model, params: 1.0,  # noqa: ARG005
) -> SearchStrategy:
    task = next(iter(TASKS.values()))
    return spec.build(StrategyRequest(models, task, 1000, 10, seed=7, n_slots=2, time_limit=None, estimate=estimate))


def _search(spec: SearchStrategySpec, told: Told) -> list[Proposal]:
    return _run(_build(spec), told, math.inf)


def _run(strategy: SearchStrategy, told: Told, seconds_left: float) -> list[Proposal]:
    """Ask up to fifty times, telling each outcome; return what was proposed."""
    asked: list[Proposal] = []
    for number in range(ASKED):
        proposal = strategy.ask(seconds_left)
        if proposal is None:
            break
        asked.append(proposal)
        strategy.tell(told(number, proposal))
    return asked


def _promising(number: int, proposal: Proposal) -> Outcome:  # noqa: ARG001  the loss depends on the proposal alone
    return Outcome(proposal, _loss(proposal), 0.5, Status.COMPLETE)


def _loss(proposal: Proposal) -> float:
    """Return a loss that depends on the proposal alone and that a search can lower."""
    start = {"numbers": 0.5, "choices": 0.6, "fixed": 0.8}[proposal.model]
    return start + 0.1 * abs(math.log10(float(proposal.params.get("rate", 0.1))) + 1.5)


def _first_gap(first: Sequence[Proposal], second: Sequence[Proposal]) -> int:
    pairs = enumerate(zip(first, second, strict=False), start=1)
    return next((number for number, (left, right) in pairs if left != right), min(len(first), len(second)) + 1)
