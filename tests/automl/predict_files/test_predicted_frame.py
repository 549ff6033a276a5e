"""Predicted frame: the columns that are written."""

import numpy as np

from automl.predict_files.nouns import Wanted
from automl.predict_files.predicted_frame import joined_labels, predicted_frame
from tests.automl.predict_files.conftest import table_of
from tests.conftest import quick


def test_a_bar_within_a_label_is_told_from_those_between_labels():
    found = joined_labels(np.array(["a|b", "c"]), np.array([[True, True], [False, True]]))
    assert found == ["a\\|b|c", "c"]


def test_several_targets_have_ends_and_sets_each():
    table = table_of(90).assign(size=lambda each: 2 * each["x"], width=lambda each: each["count"] - each["x"])
    targets = ["buys", "size", "is_new", "width"]
    model = quick(models=["linear"], max_trials=1, cv=2).fit(table, targets)
    found = predicted_frame(model, table.head(7), Wanted(interval=0.8, labels=0.8))
    beside = ["size_low", "size_high", "width_low", "width_high", "buys_set", "is_new_set"]
    assert list(found) == [*targets, *beside]
    assert list(predicted_frame(model, table.head(0), Wanted(interval=0.8, labels=0.8))) == list(found)
    assert (found["width_low"] <= found["width"].astype(float)).all()
    assert (found["width"].astype(float) <= found["width_high"]).all()
    assert all(label in labels.split("|") for label, labels in zip(found["buys"], found["buys_set"], strict=True))
