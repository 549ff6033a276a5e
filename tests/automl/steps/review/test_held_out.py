"""Coverages are tried on rows that the curves have not seen, with groups whole and rows by their weight."""

import numpy as np
import pytest

from automl.steps.review.held_out import COVERAGES, achieve
from tests.automl.steps.review.held import noisy


def test_each_row_is_judged_once_by_curves_of_others_with_groups_whole():
    held, calls = noisy(60, groups=np.repeat(np.arange(12), 5)), []

    def judge(known, new, coverage):
        calls.append((known, new, coverage))
        return np.ones(len(new)), np.full(len(new), coverage)

    found = achieve(held, judge)
    assert [(each.asked, each.covered) for each in found] == [(each, 1.0) for each in COVERAGES]
    assert [each.size for each in found] == pytest.approx(COVERAGES)
    for coverage in COVERAGES:
        judged = np.concatenate([new for _, new, each in calls if each == coverage])
        assert sorted(judged.tolist()) == list(range(60))
    assert all(not set(held.groups[known]) & set(held.groups[new]) for known, new, _ in calls)


def test_rows_count_by_their_weight_and_units_are_rows_where_there_are_no_groups():
    held = noisy(4, weights=np.array([1.0, 1.0, 1.0, 5.0]))
    assert held.mean(np.array([0.0, 0.0, 0.0, 1.0])) == 5 / 8
    assert (held.n_units, held.at(np.array([0, 3])).weights.tolist()) == (4, [1.0, 5.0])


def test_few_rows_are_not_tried():
    assert achieve(noisy(10), lambda known, new, coverage: (new, new)) == ()
