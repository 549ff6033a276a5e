"""Reports show each target by itself, with the scores of its kind."""

import numpy as np

from automl.testing._several import MIXED, targets_of
from automl_builtins.tasks._show_several import CLASSES, LABELS, VALUES, show_each
from automl_builtins.tasks.several import MULTILABEL_SPEC, MULTIOUTPUT_SPEC
from tests.plugins.tasks.test_several import LABELS as COLUMNS
from tests.plugins.tasks.test_several import table


def test_labels_have_ranks_and_one_that_all_share_has_none():
    task, encoded = MULTILABEL_SPEC.take(table(COLUMNS | {"constant": [1] * 20}))
    (shown,) = show_each(encoded, encoded.astype(float), encoded.astype(float), task)
    assert shown.title == LABELS
    assert shown.rows[0] == ("a", "50.0%", "1", "1", "1")
    assert shown.rows[3] == ("constant", "100.0%", "-", "-", "-")


def test_classes_and_values_have_a_table_each():
    task, encoded = MULTIOUTPUT_SPEC.take(table(targets_of(MIXED)))
    certain = np.hstack([np.eye(3)[encoded[:, 0].astype(int)], encoded[:, [1]], np.eye(2)[encoded[:, 2].astype(int)]])
    shown = {each.title: each.rows for each in show_each(encoded, certain, certain, task)}
    assert shown[CLASSES] == (("first", "3", "-0", "1"), ("third", "2", "-0", "1"))
    assert shown[VALUES] == (("second", "0", "0", "1", "0"),)
