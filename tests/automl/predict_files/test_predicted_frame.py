"""Predicted frame: the columns that are written."""

import numpy as np

from automl.predict_files.predicted_frame import joined_labels


def test_a_bar_within_a_label_is_told_from_those_between_labels():
    found = joined_labels(np.array(["a|b", "c"]), np.array([[True, True], [False, True]]))
    assert found == ["a\\|b|c", "c"]
