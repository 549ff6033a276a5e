"""Out-of-fold predictions of candidates, in one matrix by rows."""

from __future__ import annotations

import numpy as np

from automl.steps.ensemble.collect_out_of_fold import covered_rows, out_of_fold
from tests.automl.steps.results import FOLDS, column, judge, result


def test_predictions_land_on_their_rows():
    made = result([1, 1, 1], predictions=[column(1, 0), column(3, 2), column(4, 5)])
    collected, rows = out_of_fold([made], judge(FOLDS, range(6)), 3)
    assert rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert collected.dtype == np.float32
    assert collected[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_only_the_shared_folds_are_collected():
    longer = result([1, 1, 1], predictions=[column(1, 0), column(3, 2), column(4, 5)])
    shorter = result([1, 1], predictions=[column(9, 9), column(9, 9)])
    collected, rows = out_of_fold([longer, shorter], judge(FOLDS, range(6)), 2)
    assert rows.tolist() == [0, 1, 2, 3]
    assert collected[:, :, 0].tolist() == [[0, 1, 2, 3], [9, 9, 9, 9]]


def test_a_row_that_several_folds_validate_gets_the_mean():
    repeated = [([2, 3], [0, 1]), ([0, 1], [2, 3]), ([1, 3], [0, 2])]
    made = result([1, 1, 1], predictions=[column(1, 1), column(1, 1), column(3, 5)])
    collected, rows = out_of_fold([made], judge(repeated, range(4)), 3)
    assert rows.tolist() == [0, 1, 2, 3]
    assert collected[0, :, 0].tolist() == [2, 1, 3, 1]
    assert out_of_fold([made], judge(repeated, range(4)), 2)[0][0, :, 0].tolist() == [1, 1, 1, 1]


def test_folds_finished_in_another_order_are_collected_alike():
    made = result([1, 1, 1], folds=[2, 0, 1], predictions=[column(4, 5), column(1, 0), column(3, 2)])
    assert out_of_fold([made], judge(FOLDS, range(6)), 3)[0][0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_rows_that_no_fold_validates_are_not_covered():
    plan = judge([([0, 1], [2]), ([0, 1, 2], [4])], range(5)).plan
    assert covered_rows(plan, 2, 5).tolist() == [2, 4]
    assert covered_rows(plan, 1, 5).tolist() == [2]
