"""What candidates leave of the time: for the ensemble, the members, and fits on all rows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from automl.steps.trials.reserve_time import (
    BeforeRefit,
    calibrate_seconds,
    expected_seconds,
    fetch_seconds,
    finish_seconds,
    refit_seconds,
    wants_refit,
)
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.results import CandidateResult, FoldResult
from automl.vocabulary.settings import SearchSettings

ROWS = np.arange(100)


def searched(settings, results=(), stretches=None, n_slots=2, away=None):
    """What is looked at of a search: its settings, folds, slots and results."""
    rows = np.arange(100)
    plan = ResamplingPlan((Fold(rows[:80], rows[80:]), Fold(rows[:60], rows[60:80])), "two", stretches)
    judge = SimpleNamespace(plan=plan, target=rows)
    setup = SimpleNamespace(offer=SimpleNamespace(comes_and_goes=away is not None), seconds_to_fetch=lambda refs: away)
    return SimpleNamespace(settings=settings, judge=judge, n_slots=n_slots, results=results, setup=setup)


def result(seconds, loss=1.0, status="complete"):
    folds = tuple(
        FoldResult("id", number, np.zeros((1, 1), np.float32), each, each, 0.1) for number, each in enumerate(seconds)
    )
    return CandidateResult(Candidate("m", {}, Preparation((), ())), folds, loss, loss, (), status, 0)


@pytest.mark.parametrize("time_limit", [1.0, 60.0, 3600.0])
def test_the_end_keeps_a_part_of_the_time_never_most_of_it(time_limit):
    assert 0 < finish_seconds(time_limit, 10**6, 10) <= 0.3 * time_limit
    assert finish_seconds(None, 10, 1) == 0.0


@pytest.mark.parametrize(
    ("refit", "stretches", "wanted"),
    [(None, None, False), (True, None, True), (False, ROWS, False), (None, ROWS, True)],
)
def test_members_are_fitted_on_all_rows_as_asked_else_where_folds_are_in_order_of_time(refit, stretches, wanted):
    trials = searched(SearchSettings(time_limit=100.0, refit=refit), stretches=stretches)
    assert wants_refit(trials.settings, trials.judge.plan) is wanted
    assert (refit_seconds(trials) > 0) is wanted
    assert refit_seconds(searched(SearchSettings(time_limit=None, max_trials=2, refit=True))) == 0


def test_the_time_kept_is_what_the_best_candidates_will_take_and_never_more_than_a_share():
    settings = SearchSettings(time_limit=100.0, refit=True)
    unknown = refit_seconds(searched(settings))
    quick_ones = refit_seconds(searched(settings, [result((0.1, 0.1))] * 3))
    assert 0 < quick_ones < 1 < unknown
    assert refit_seconds(searched(settings, [result((50.0, 50.0))] * 30)) == unknown
    assert refit_seconds(searched(settings, [result((50.0, 50.0), status="dropped"), result((0.1, 0.1))])) < 1
    left = BeforeRefit(Deadline(90.0), searched(settings, [result((0.1, 0.1))])).left()
    assert 88 < left < 90


def test_a_fit_on_all_rows_is_expected_to_take_as_long_for_a_row_as_those_of_the_folds():
    trials = searched(SearchSettings())
    assert expected_seconds(result((8.0, 6.0)), trials.judge.plan, 100) == pytest.approx(10.0)


def test_a_hundredth_of_the_limit_and_a_moment_are_kept_for_intervals_and_nothing_where_there_is_no_limit():
    assert (calibrate_seconds(60.0), calibrate_seconds(None)) == (pytest.approx(1.1), 0.0)
    assert calibrate_seconds(3_600.0, 3.0) == pytest.approx(0.75)


def test_what_lies_on_other_machines_is_given_time_to_come_here_up_to_a_share_of_the_limit():
    settings = SearchSettings(time_limit=100.0)
    assert fetch_seconds(searched(settings, away=3.0)) == 3.0
    assert fetch_seconds(searched(settings, away=90.0)) == 20.0
    assert fetch_seconds(searched(settings)) == 0.0
    assert 85 < BeforeRefit(Deadline(90.0), searched(settings, away=3.0)).left() <= 87
