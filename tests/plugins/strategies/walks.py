"""Strategies built over a few toy models, and how a search asks and tells them."""

import math

from automl.plugin_api import Choice, Float, Int, ModelSpec, Outcome, StrategyRequest, Task, TaskKind
from automl_builtins.strategies.portfolio import PORTFOLIO
from automl_builtins.strategies.random_search import RANDOM

SPACE = {"x": Float(0.1, 10.0, log=True), "n": Int(1, 9), "c": Choice(("a", "b"))}
MODELS = (
    ModelSpec("linear", None, space=SPACE, defaults=({"x": 1.0, "n": 2, "c": "a"}, {"x": 2.0, "n": 3, "c": "b"})),
    ModelSpec("lightgbm", None, space=SPACE, defaults=tuple({"x": 1.0, "n": n, "c": "a"} for n in range(1, 5))),
    ModelSpec("own", None, space=SPACE, defaults=({"x": 3.0},)),
    ModelSpec("fixed", None),
)
STRATEGIES = {"portfolio": PORTFOLIO, "random": RANDOM}


def built(name, models=MODELS, seed=0, time_limit=None, estimate=lambda model, params: 1.0, n_slots=1, dated=False):
    task = Task(TaskKind.BINARY, "y", (0, 1))
    return STRATEGIES[name].build(StrategyRequest(models, task, 100, 5, seed, n_slots, time_limit, estimate, dated))


def walk(strategy, n_asked, loss=lambda proposal: 1.0, left=math.inf):
    """Ask and tell in turn."""
    proposals = []
    for _ in range(n_asked):
        proposal = strategy.ask(left)
        if proposal is None:
            break
        proposals.append(proposal)
        status = "failed" if math.isinf(loss(proposal)) else "complete"
        strategy.tell(Outcome(proposal, loss(proposal), 1.0, status))
    return proposals
