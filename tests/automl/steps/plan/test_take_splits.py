"""Splits that a user gives are used as they are, or refused with the reason."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)

from automl.errors import AutoMLError, InputError
from tests.automl.steps.plan.test_plan_resampling import counts, dataset, plan


@pytest.mark.parametrize(
    ("cv", "n_folds"),
    [
        (KFold(3, shuffle=True, random_state=0), 3),
        (StratifiedKFold(4), 4),
        (RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0), 6),
        (GroupKFold(3), 3),
        (TimeSeriesSplit(4), 4),
        (PredefinedSplit(np.r_[np.full(6, -1), np.arange(18) % 3]), 3),
        (LeaveOneOut(), 24),
        ([(np.arange(12), np.arange(12, 24))], 1),
        (((list(range(12)), list(range(12, 24))),), 1),
        (((np.arange(24) != row, np.arange(24) == row) for row in range(5)), 5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_users_splitters_and_pairs_are_used_as_they_are(cv, n_folds):
    data = dataset(np.arange(24) % 2, np.arange(24) // 4 if isinstance(cv, GroupKFold) else None)
    made = plan(data, cv=cv)
    assert made.n_folds == n_folds
    counts(made, 24)


@pytest.mark.parametrize("cv", [KFold(5), [(np.arange(12, 24), np.arange(12)), ([0, 1], [2, 3])]])
def test_a_users_folds_that_split_groups_are_used_with_a_warning(cv):
    with pytest.warns(UserWarning, match="one group on both sides"):
        plan(dataset(np.arange(24) % 2, np.arange(24) // 4), cv=cv)


def test_pairs_count_the_rows_that_were_given_also_when_some_were_dropped():
    kept = np.ones(10, dtype=bool)
    kept[[0, 7]] = False
    data = dataset(np.arange(8) % 2)
    fold = plan(data, cv=[(np.arange(6), np.arange(6, 10))], kept=kept).folds[0]
    assert (fold.train.tolist(), fold.valid.tolist()) == ([0, 1, 2, 3, 4], [5, 6, 7])
    mask = np.arange(10) < 6
    assert plan(data, cv=[(mask, ~mask)], kept=kept).folds[0].valid.tolist() == [5, 6, 7]
    split = PredefinedSplit(np.r_[np.full(6, -1), np.zeros(4)])
    assert plan(data, cv=split, kept=kept).folds[0].valid.tolist() == [5, 6, 7]
    assert counts(plan(data, cv=KFold(4), kept=kept), 8).tolist() == [1] * 8


@pytest.mark.parametrize(
    ("cv", "said"),
    [
        ([], "no folds"),
        ([([0, 1], [])], "2 training and 0 validation rows"),
        ([([0, 1, 2], [2, 3])], "row 2; a row that trains cannot judge"),
        ([([0, 1], [24])], "names row 24; expected row numbers from 0 to 23"),
        ([([0, 1], [-1])], "names row -1"),
        ([([0, 1], [5, 5])], "validates a row twice"),
        ([([0, 2, 4], [1, 3])], "single class"),
        ([[0, 1, 2]], "pairs"),
        ([(0.5, 0.5)], "pairs"),
        ([([0.0, 1.5], [2.0])], "pairs"),
        ([1, 2, 3], "pairs"),
        (GroupKFold(30), "GroupKFold given as cv cannot split"),
        (KFold(30), "KFold given as cv cannot split"),
        (PredefinedSplit(np.arange(30) % 3), "PredefinedSplit given as cv has 30 rows; the table has 24"),
        ("five", "cv='five'"),
        (3.5, "cv=3.5"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("error")
def test_folds_that_cannot_be_used_are_refused(cv, said):
    with pytest.raises(AutoMLError) as caught:
        plan(dataset(np.arange(24) % 2), cv=cv)
    assert said in str(caught.value)


def test_pairs_that_reach_outside_are_refused_also_when_rows_were_dropped():
    kept = np.arange(25) > 0
    with pytest.raises(InputError, match="cv names row 25"):
        plan(dataset(np.arange(24) % 2), cv=[([1, 2], [25])], kept=kept)
