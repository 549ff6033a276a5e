"""Rows are held out in parts that are about even, and rows of one group never in two."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_builtins.preprocessors._held_out_folds import held_out_folds


@settings(max_examples=50, deadline=None)
@given(groups=st.lists(st.integers(0, 9), min_size=2, max_size=60), n_folds=st.integers(2, 5), seed=st.integers(0, 9))
def test_rows_of_one_group_are_in_one_fold_but_of_the_largest_and_no_fold_holds_all_rows(groups, n_folds, seed):
    folds = held_out_folds(len(groups), n_folds, seed, np.asarray(groups))
    assert len(np.unique(folds)) > 1
    assert len(folds) == len(groups)
    assert set(folds) <= set(range(n_folds))
    for group in set(groups):
        if 2 * groups.count(group) <= len(groups):
            assert len({fold for each, fold in zip(groups, folds, strict=True) if each == group}) == 1


def test_a_group_with_more_than_half_of_the_rows_is_parted_evenly():
    groups = np.repeat([0, 1, 2], [40, 5, 5])
    folds = held_out_folds(50, 5, 1, groups)
    assert np.bincount(folds[:40]).min() >= 7
    assert len(np.unique(folds[40:45])) == 1


def test_folds_of_single_rows_are_even_and_so_are_the_classes_in_each():
    classes = np.repeat([0, 1], [40, 10])
    folds = held_out_folds(50, 5, 1, None, classes)
    assert [np.bincount(classes[folds == fold]).tolist() for fold in range(5)] == [[8, 2]] * 5
    assert np.bincount(held_out_folds(50, 5, 1, None)).tolist() == [10] * 5


def test_they_repeat_by_the_seed():
    first, again, other = (held_out_folds(50, 2, seed, None).tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_there_are_no_folds_of_no_rows():
    assert held_out_folds(0, 5, 0, None).tolist() == []
