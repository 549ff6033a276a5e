"""The search-strategy checks pass one that keeps the contract, and catch one that breaks it, check by check."""

import math
import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from automl.testing import _strategies, parametrize_with_strategy_checks, strategy_checks
from tests.automl.testing.toy_plugins import Draw, draw_spec


class LeavesTheSpace(Draw):
    def ask(self, seconds_left):
        return replace(super().ask(seconds_left), params={"rate": 7.0})


class NeedsASpace(Draw):
    def ask(self, seconds_left):
        if not any(spec.space for spec in self.request.models):
            raise IndexError("no space")
        return super().ask(seconds_left)


class KnowsOneModel(Draw):
    def ask(self, seconds_left):
        return replace(super().ask(seconds_left), model="fixed", params={})


class WantsOrder(Draw):
    def __init__(self, request):
        super().__init__(request)
        self.out = []

    def ask(self, seconds_left):
        self.out.append(super().ask(seconds_left))
        return self.out[-1]

    def tell(self, outcome):
        if self.out.pop(0) != outcome.proposal:
            raise RuntimeError("out of order")


class DrawsWithoutTheSeed(Draw):
    def __init__(self, request):
        super().__init__(request)
        self.rng = np.random.default_rng()


class WatchesTheClock(Draw):
    def tell(self, outcome):
        if outcome.seconds > 20:
            self.rng.random()


class BreaksOnInfinity(Draw):
    def tell(self, outcome):
        int(outcome.loss)


def locked(lock, request):
    return Draw(request)


WRONG = {
    "check_spec_pickles": draw_spec(partial(locked, threading.Lock())),
    "check_proposals_are_known": draw_spec(LeavesTheSpace),
    "check_asking_on_is_safe": draw_spec(NeedsASpace),
    "check_every_model_is_tried": draw_spec(KnowsOneModel),
    "check_outcomes_in_any_order": draw_spec(WantsOrder),
    "check_same_seed_same_proposals": draw_spec(DrawsWithoutTheSeed),
    "check_time_is_ignored_without_a_limit": draw_spec(WatchesTheClock),
    "check_all_failing_is_survived": draw_spec(BreaksOnInfinity),
}


@parametrize_with_strategy_checks([draw_spec()])
def test_a_right_strategy_passes(check):
    check()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_strategy_is_caught(name):
    with pytest.raises(Exception, match=r"\w"):  # an AssertionError, or what the strategy itself raises
        dict(strategy_checks(WRONG[name]))[name]()


def test_a_strategy_that_proposes_nothing_is_caught():
    class Silent(Draw):
        def ask(self, seconds_left):
            return None

    with pytest.raises(AssertionError, match="nothing at all"):
        dict(strategy_checks(draw_spec(Silent)))["check_proposals_are_known"]()


def test_the_losses_told_can_be_lowered():
    proposals = _strategies._search(draw_spec(), _strategies._promising)
    losses = [_strategies._loss(proposal) for proposal in proposals]
    assert min(losses) < 0.6 < max(losses) < math.inf


def test_every_check_has_a_wrong_strategy():
    assert {check.__name__ for check in _strategies.CHECKS} == {*WRONG, "check_import_is_light"}
