"""Which fold a free slot takes next."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from automl.steps.trials.try_by_time import next_trial

OLD, NEW = SimpleNamespace(handed_out=3), SimpleNamespace(handed_out=2)


@pytest.mark.parametrize(("slot", "taken"), [(0, NEW), (1, OLD)])
def test_with_time_enough_a_fold_goes_to_the_slot_that_has_had_it(slot, taken):
    assert next_trial([OLD, NEW], 60.0, slot, 2, 100.0, n_folds=8) is taken


@pytest.mark.parametrize("slot", [0, 1])
def test_where_time_may_not_do_for_all_the_oldest_is_completed_first(slot):
    assert next_trial([OLD, NEW], 60.0, slot, 2, 40.0, n_folds=8) is OLD


def test_a_slot_that_has_had_none_of_them_takes_the_oldest():
    assert next_trial([NEW, NEW], 1.0, 1, 2, 40.0, n_folds=8) is NEW
