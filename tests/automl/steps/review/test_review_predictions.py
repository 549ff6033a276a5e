"""Predictions are reviewed by the form of their outputs: classes by curves and counts, values by residuals."""

import numpy as np
import pandas as pd

from automl.steps.review.review_predictions import NO_REVIEW, Predicted, review_predictions
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Block, Task, TaskKind, Trait

RANKS = Task(TaskKind("ranks"), "rating", (1, 2, 3), ordered=True)
SCORES = Task(TaskKind("scores"), "y", parts=(Block("score", trait=Trait.SCORE),))
LEVELS = Task(TaskKind("levels"), "y", parts=(Block("level", trait=Trait.ORDERED, n_numbers=3),))


def reviewed(task, target, outputs):
    predicted = Predicted(np.asarray(target), outputs, outputs, pd.DataFrame(index=range(len(target))))
    return review_predictions(predicted, task, Schema(()))


def test_classes_of_any_task_are_reviewed_by_curves_and_by_the_labels_decided():
    found = reviewed(
        RANKS, [0, 1, 2, 2], np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.2, 0.7], [0.5, 0.2, 0.3]])
    )
    assert [curve.name for curve in found.roc] == ["1", "2", "3"]
    assert found.confusion.counts.tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert (found.second, found.residuals) == (0.25, None)


def test_of_two_classes_the_second_tells_all_unless_no_row_has_it():
    two, outputs = Task(TaskKind.BINARY, "y", ("a", "b")), np.array([[0.8, 0.2], [0.3, 0.7]])
    assert [curve.name for curve in reviewed(two, [0, 1], outputs).roc] == ["b"]
    assert reviewed(two, [0, 0], outputs).roc == ()


def test_values_are_reviewed_by_residuals():
    found = reviewed(Task(TaskKind.REGRESSION, "y"), [1.0, 2.0, 4.0], np.array([[1.0], [1.0], [2.0]]))
    assert (found.loss, found.second, found.confusion) == (1.0, 1.0, None)
    assert found.residuals.counts.sum() == 3


def test_of_quantiles_the_middle_one_is_reviewed_as_a_value():
    found = reviewed(LEVELS, [1.0, 2.0], np.array([[0.0, 1.5, 9.0], [0.0, 2.0, 9.0]]))
    assert (found.loss_name, found.loss, found.second) == ("absolute error", 0.25, -0.25)


def test_outputs_of_another_form_are_not_reviewed():
    assert reviewed(SCORES, [1.0, 2.0], np.zeros((2, 1))) is NO_REVIEW
