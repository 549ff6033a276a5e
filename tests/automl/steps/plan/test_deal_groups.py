"""Groups are dealt whole, as evenly as scikit-learn deals them, in time that grows with their number."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from automl.steps.plan.deal_groups import deal_groups


def drawn(seed, n_rows=400, n_groups=40, n_classes=3, largest=1.0):
    """Draw groups of unequal sizes, each with classes of its own preference."""
    rng = np.random.default_rng(seed)
    groups = rng.choice(n_groups, n_rows, p=rng.dirichlet(np.full(n_groups, largest)))
    preference = rng.dirichlet(np.full(n_classes, 0.7), n_groups)
    labels = np.array([rng.choice(n_classes, p=preference[group]) for group in groups])
    return groups, labels


def unevenness(fold_of_row, labels, n_folds):
    """Return the mean over classes of the deviation between folds of the share of the class that each holds."""
    counts = np.array([np.bincount(labels[fold_of_row == k], minlength=labels.max() + 1) for k in range(n_folds)])
    return float((counts / np.maximum(np.bincount(labels), 1)).std(axis=0).mean())


@pytest.mark.filterwarnings("ignore:The least populated class")
@pytest.mark.parametrize("shape", [{}, {"n_groups": 12}, {"n_groups": 300}, {"n_classes": 8}, {"largest": 0.2}])
def test_classes_are_spread_as_evenly_as_scikit_learn_spreads_them(shape):
    own, theirs = [], []
    for seed in range(6):
        groups, labels = drawn(seed, **shape)
        own.append(unevenness(deal_groups(groups, 4, np.random.default_rng(seed), labels), labels, 4))
        other = np.empty(len(groups), dtype=int)
        folds = StratifiedGroupKFold(4, shuffle=True, random_state=seed).split(groups, labels, groups)
        for number, (_, valid) in enumerate(folds):
            other[valid] = number
        theirs.append(unevenness(other, labels, 4))
    assert np.mean(own) <= 1.05 * np.mean(theirs) + 1e-3


def test_groups_stay_whole_and_every_fold_has_some():
    groups, labels = drawn(0, n_groups=9)
    dealt = deal_groups(groups, 5, np.random.default_rng(0), labels)
    assert all(len(set(dealt[groups == group])) == 1 for group in np.unique(groups))
    assert set(dealt) == set(range(5))


def test_groups_of_one_class_each_leave_no_fold_empty():
    groups = np.repeat(np.arange(4), 10)
    assert set(deal_groups(groups, 4, np.random.default_rng(0), groups % 3)) == set(range(4))


def test_groups_without_classes_are_dealt_by_their_sizes():
    sizes = np.array([50, 30, 20, 20, 10, 10, 10])
    dealt = deal_groups(np.repeat(np.arange(7), sizes), 3, np.random.default_rng(0))
    assert sorted(np.bincount(dealt).tolist()) == [50, 50, 50]


def test_equal_seeds_deal_alike_and_other_seeds_otherwise():
    groups, labels = drawn(0)
    first, again, other = (deal_groups(groups, 4, np.random.default_rng(seed), labels) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_rows_that_are_each_a_group_are_dealt_as_rows_are():
    labels = np.arange(120) % 3
    dealt = deal_groups(np.arange(120), 4, np.random.default_rng(0), labels)
    assert all(np.bincount(labels[dealt == k]).tolist() == [10, 10, 10] for k in range(4))


def test_four_times_the_groups_take_four_times_the_steps():
    def steps(n_groups):
        counted = [0]
        sys.setprofile(lambda *_: counted.__setitem__(0, counted[0] + 1))
        try:
            deal_groups(np.arange(n_groups), 5, np.random.default_rng(0), np.arange(n_groups) % 3)
        finally:
            sys.setprofile(None)
        return counted[0]

    assert steps(2000) < 4.4 * steps(500)
