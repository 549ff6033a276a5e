"""Which fold a free slot takes next."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from automl.plugin_api import ColumnKind, ModelSpec
from automl.steps.trials.trial import Trial
from automl.steps.trials.try_by_time import _fold_fits, _is_ready, _job, _seconds_needed, next_trial, shared_slots
from tests.troublesome import ClassShares

OLD, NEW = SimpleNamespace(handed_out=3), SimpleNamespace(handed_out=2)


@pytest.mark.parametrize(("slot", "taken"), [(0, NEW), (1, OLD)])
def test_with_time_enough_a_fold_goes_to_the_slot_that_has_had_it(slot, taken):
    assert next_trial([OLD, NEW], 60.0, slot, 2, 100.0, n_folds=8) is taken


@pytest.mark.parametrize("slot", [0, 1])
def test_where_time_may_not_do_for_all_the_oldest_is_completed_first(slot):
    assert next_trial([OLD, NEW], 60.0, slot, 2, 40.0, n_folds=8) is OLD


def test_a_slot_that_has_had_none_of_them_takes_the_oldest():
    assert next_trial([NEW, NEW], 1.0, 1, 2, 40.0, n_folds=8) is NEW


def test_with_more_slots_than_folds_each_slot_has_a_fold_that_it_keeps():
    trials = [SimpleNamespace(handed_out=fold) for fold in (1, 2, 3)]
    taken = [next_trial(trials, 1.0, place, 16, 40.0, n_folds=5) for place in (1, 2, 8, 12)]
    assert [each.handed_out for each in taken] == [1, 2, 3, 2]


APART = ModelSpec("apart", ClassShares, runtime="torch")
READS_TEXTS = replace(APART, needs=frozenset({ColumnKind.TEXT}))


@pytest.mark.parametrize("limit", [10.0, 39.9, 40.0, 60.0, 119.9, 120.0, None])
def test_in_a_short_search_half_the_slots_hold_another_runtime_unless_its_model_reads_what_others_see_poorly(limit):
    seconds = math.inf if limit is None else limit
    assert shared_slots(limit, APART, 2) == (2 if seconds >= 120.0 else 1)
    assert shared_slots(limit, READS_TEXTS, 2) == (2 if seconds >= 40.0 else 1)


def test_another_runtime_has_a_slot_however_few_there_are():
    assert [shared_slots(10.0, APART, n_slots) for n_slots in (1, 2, 3, 8)] == [1, 1, 1, 4]


def trial_of(**more):
    return Trial(SimpleNamespace(model="m", params={}), None, 0, 10.0, **more)


def test_what_first_folds_share_is_made_on_one_machine_and_others_wait_for_the_judgement():
    trial = trial_of(shares=True, home="a", handed_out=1)
    assert _is_ready(trial, "a", n_there=2)
    assert not _is_ready(trial, "b", n_there=2)
    trial.handed_out = 2
    assert not _is_ready(trial, "a", n_there=2)
    trial.judged = True
    assert _is_ready(trial, "b", n_there=2)


class Books:
    """Stands for the books of a search on a quick and a slow machine; a fold takes 10 s of the usual one."""

    n_folds, n_slots, settings = 5, 2, SimpleNamespace(time_limit=100.0)

    def __init__(self, shared=0.0):
        self.costs = SimpleNamespace(
            pace_of=lambda host: {"slow": 2.0}.get(host, 1.0),
            estimate=lambda model, params, host=None: 10.0 * self.costs.pace_of(host),
            own_seconds=lambda model, params, seconds: seconds,
            estimate_trial=lambda model, params: 50.0,
            shared_seconds=lambda model, params, host=None: shared if host == "slow" else 0.0,
        )

    def job(self, trial, fold, slot, host):
        return Job(trial.cap_seconds if trial.done else trial.first_cap_seconds)


@dataclass(frozen=True)
class Job:
    seconds: float


def test_near_the_end_a_fold_goes_only_where_it_fits():
    assert [_fold_fits(Books(), trial_of(), host, 12.0) for host in ("quick", "slow")] == [True, False]
    done = {0: SimpleNamespace(seconds=8.0, machine="slow")}
    begun = trial_of(done=done, handed_out=1)
    assert [_fold_fits(Books(), begun, host, 5.0) for host in ("quick", "slow")] == [True, False]
    assert _fold_fits(Books(), begun, "slow", 8.0)
    assert not _fold_fits(Books(shared=30.0), begun, "slow", 8.0)


def test_a_slow_machine_is_given_more_seconds_for_a_fold_and_none_more_than_are_left():
    trial = trial_of(first_cap_seconds=10.0)
    seconds = [_job(Books(), trial, 0, 0, host, left).seconds for host, left in (("quick", 99), ("slow", 99))]
    assert seconds == [10.0, 20.0]
    assert _job(Books(), trial, 0, 0, "slow", 15.0).seconds == 15.0


def test_where_what_folds_share_is_not_made_yet_a_machine_is_given_time_for_it():
    trial = trial_of(first_cap_seconds=60.0, done={0: SimpleNamespace(seconds=8.0, machine="quick")})
    assert _job(Books(shared=30.0), trial, 1, 0, "quick", 99.0).seconds == 10.0
    assert _job(Books(shared=30.0), trial, 1, 0, "slow", 99.0).seconds == 99.0


@pytest.mark.parametrize(("n_slots", "needed"), [(2, 25.0), (5, 10.0), (6, 20.0), (100, 20.0)])
def test_with_a_slot_for_each_fold_a_candidate_still_takes_two_of_them_in_turn(n_slots, needed):
    books = Books()
    books.n_slots = n_slots
    assert _seconds_needed(books, SimpleNamespace(model="m", params={}), "quick") == needed
