"""Which fold of a candidate is handed out next, and how long its folds may take."""

from __future__ import annotations

import math

from automl.plugin_api import Proposal
from automl.steps.trials.trial import Trial
from automl.vocabulary.candidate import Candidate, Preparation


def trial(**more):
    return Trial(Candidate("m", {}, Preparation((), ())), Proposal("m", {}, 0, "portfolio"), 0, math.inf, **more)


def test_a_fold_that_is_to_be_fitted_once_more_goes_before_those_not_handed_out_yet():
    under_way = trial(handed_out=3, again=[1])
    assert [under_way.next_fold(), under_way.next_fold(), under_way.next_fold()] == [1, 3, 3]


def test_no_fold_may_take_more_than_the_time_left_and_a_first_one_that_was_given_more_keeps_it():
    under_way = trial()
    under_way.allow(5.0, 20.0)
    under_way.end_within(10.0)
    assert (under_way.cap_seconds, under_way.first_cap_seconds) == (5.0, 10.0)
    under_way.end_within(60.0)
    assert (under_way.cap_seconds, under_way.first_cap_seconds) == (5.0, 10.0)
