"""What is predicted of several targets comes back with the type that each had."""

import numpy as np

from automl.fitted.give_back import as_table, predicted_columns, probabilities_by_target, side_by_side
from automl.testing._several import LABELS, MIXED, VALUES, targets_of
from automl_builtins.tasks.several import MULTILABEL_SPEC, MULTIOUTPUT_REGRESSION_SPEC, MULTIOUTPUT_SPEC
from tests.plugins.tasks.test_several import table

LABEL_TASK = MULTILABEL_SPEC.take(table(targets_of(LABELS)))[0]
MIXED_TASK = MULTIOUTPUT_SPEC.take(table(targets_of(MIXED)))[0]
MIXED_OUTPUTS = np.array([[0.2, 0.5, 0.3, 7.5, 0.4, 0.6]])


def test_a_label_is_a_yes_where_its_probability_is_above_a_half():
    found = predicted_columns(np.array([[0.5, 0.51, 0.2], [0.9, 0.0, 1.0]]), LABEL_TASK)
    assert {name: column.tolist() for name, column in found.items()} == {
        "first": [0, 1],
        "second": ["yes", "no"],
        "third": [False, True],
    }
    assert [column.dtype.kind for column in found.values()] == ["i", "U", "b"]


def test_columns_of_one_type_keep_it_side_by_side_and_others_are_objects():
    values = predicted_columns(np.array([[1.5, 2.5]]), MULTIOUTPUT_REGRESSION_SPEC.take(table(targets_of(VALUES)))[0])
    assert side_by_side(values).dtype == np.float64
    mixed = side_by_side(predicted_columns(MIXED_OUTPUTS, MIXED_TASK))
    assert mixed.tolist() == [["b", 7.5, 1]]
    assert [type(cell) for cell in mixed[0]] == [str, float, int]


def test_a_frame_has_a_column_for_each_target_with_its_type():
    columns = predicted_columns(MIXED_OUTPUTS, MIXED_TASK)
    frame = as_table(columns, "pandas", index=[41])
    assert frame.loc[41].tolist() == ["b", 7.5, 1]
    assert frame.dtypes["second"] == np.float64


def test_probabilities_are_one_array_of_labels_and_a_list_for_more_classes():
    chances = np.array([[0.5, 0.51, 0.2]])
    assert probabilities_by_target(chances, LABEL_TASK) is chances
    assert [each.tolist() for each in probabilities_by_target(MIXED_OUTPUTS, MIXED_TASK)] == [
        [[0.2, 0.5, 0.3]],
        [[0.4, 0.6]],
    ]
