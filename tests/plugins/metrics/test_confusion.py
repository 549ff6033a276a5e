"""The weights of rows by their true and predicted class."""

import numpy as np
import pytest

from automl_builtins.metrics._confusion import confusion_matrix, f_scores, per_class

TRUTH, SAID = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 2, 0])


def test_truth_goes_down_and_what_was_said_goes_across():
    assert confusion_matrix(TRUTH, SAID, None).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]


def test_a_row_counts_as_much_as_it_weighs():
    assert confusion_matrix(TRUTH, SAID, np.array([1, 0, 2, 0.5, 0, 0]))[[0, 1, 2], [0, 1, 2]].tolist() == [1, 2, 0.5]


def test_one_class_alone_has_room_for_two():
    assert confusion_matrix(np.array([0, 0]), np.array([0, 0]), None).tolist() == [[2, 0], [0, 0]]


def test_hits_rows_and_predictions_are_counted_for_each_class():
    hits, rows, predictions = per_class(confusion_matrix(TRUTH, SAID, None))
    assert (hits.tolist(), rows.tolist(), predictions.tolist()) == ([1, 1, 2], [2, 1, 3], [2, 2, 2])


@pytest.mark.parametrize(("beta", "second"), [(1.0, 2 / 3), (2.0, 5 / 6), (0.5, 1.25 / 2.25)])
def test_beta_is_how_much_recall_counts(beta, second):
    assert f_scores(confusion_matrix(TRUTH, SAID, None), beta)[1] == pytest.approx(second)


def test_a_class_that_is_nowhere_scores_nothing():
    assert f_scores(np.diag([3.0, 0.0])).tolist() == [1.0, 0.0]
