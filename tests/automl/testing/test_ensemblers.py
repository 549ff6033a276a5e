"""The ensembler checks pass one that keeps the contract, and catch one that breaks it, check by check."""

import threading
import time
from functools import partial

import numpy as np
import pytest

from automl.testing import _ensemblers, ensembler_checks, parametrize_with_ensembler_checks
from tests.automl.testing.toy_plugins import Best, Shares, best_spec


class DropsARow(Shares):
    def combine(self, predictions, features=None):
        return super().combine(predictions, features)[:-1]


class NegativeShares(Shares):
    def weights(self):
        return self.shares - 0.5


class SumsToTwo(Shares):
    def combine(self, predictions, features=None):
        return 2.0 * super().combine(predictions, features)


class NeedsAll(Shares):
    def combine(self, predictions, features=None):
        return 0.9 * super().combine(predictions, features) + 0.1 * predictions.mean(axis=0)


class LooksAtNeighbours(Shares):
    def combine(self, predictions, features=None):
        found = super().combine(predictions, features)
        return found - found.mean(axis=0)


class HoldsALock(Shares):
    def __init__(self, shares):
        super().__init__(shares)
        object.__setattr__(self, "lock", threading.Lock())


class HoldsAFunction(Shares):
    def __init__(self, shares):
        super().__init__(shares)
        object.__setattr__(self, "square", np.square)


class WithCombiner(Best):
    def __init__(self, combiner, request):
        super().__init__(request)
        self.combiner = combiner


class PlainAverage(Best):
    def fit(self, out_of_fold, context):
        return Shares(np.full(len(out_of_fold.predictions), 1 / len(out_of_fold.predictions)))


class NeedsTwo(Best):
    def fit(self, out_of_fold, context):
        return Shares(0.9 * super().fit(out_of_fold, context).shares + 0.1 * np.eye(len(out_of_fold.predictions))[1])


class DrawsWithoutTheSeed(Best):
    def fit(self, out_of_fold, context):
        draw = np.random.default_rng().random()
        return Shares(super().fit(out_of_fold, context).shares * draw)


class ChangesItsInput(Best):
    def fit(self, out_of_fold, context):
        out_of_fold.predictions[0] = 0.0
        return super().fit(out_of_fold, context)


class RefusesWeights(Best):
    def fit(self, out_of_fold, context):
        if out_of_fold.weights is not None:
            raise ValueError("weights")
        return super().fit(out_of_fold, context)


class IgnoresTheClock(Best):
    def fit(self, out_of_fold, context):
        time.sleep(2.4)
        return super().fit(out_of_fold, context)


def locked(lock, request):
    return Best(request)


def combining(combiner):
    return best_spec(partial(WithCombiner, combiner))


WRONG = {
    "check_spec_pickles": best_spec(partial(locked, threading.Lock())),
    "check_combined_shape": combining(DropsARow),
    "check_weights_are_shares": combining(NegativeShares),
    "check_probabilities_sum_to_one": combining(SumsToTwo),
    "check_good_member_is_found": best_spec(PlainAverage),
    "check_single_candidate": best_spec(NeedsTwo),
    "check_members_without_weight_are_not_needed": combining(NeedsAll),
    "check_rows_are_independent": combining(LooksAtNeighbours),
    "check_same_seed_same_combiner": best_spec(DrawsWithoutTheSeed),
    "check_combiner_pickles": combining(HoldsALock),
    "check_saved_without_pickle": combining(HoldsAFunction),
    "check_inputs_stay_unchanged": best_spec(ChangesItsInput),
    "check_row_weights_are_accepted": best_spec(RefusesWeights),
    "check_seconds_left_is_honoured": best_spec(IgnoresTheClock),
}


@parametrize_with_ensembler_checks([best_spec()])
def test_a_right_ensembler_passes(check):
    check()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_ensembler_is_caught(name):
    with pytest.raises(Exception, match=r"\w"):  # an AssertionError, or what the ensembler itself raises
        dict(ensembler_checks(WRONG[name]))[name]()


def test_every_check_has_a_wrong_ensembler():
    assert {check.__name__ for check in _ensemblers.CHECKS} == {*WRONG, "check_import_is_light"}
