"""Rows whose targets are predicted worse than those of others are found, whatever the targets are."""

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Column, ColumnKind, Schema
from automl.steps.review.review_targets import review_targets
from automl.testing._several import LABELS, MIXED, VALUES, targets_of
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.outputs import certain_outputs
from automl_builtins.tasks.several import MULTILABEL_SPEC, MULTIOUTPUT_REGRESSION_SPEC, MULTIOUTPUT_SPEC
from tests.plugins.tasks.test_several import table

PLACES = np.arange(200) % 2
SCHEMA = Schema((Column("place", ColumnKind.NUMERIC),))


def review(spec, columns, doubt):
    """Review predictions that are certain and right but in one place, where they are drawn to the mean by so much."""
    task, encoded = spec.take(table(targets_of(columns)))
    certain = certain_outputs(encoded, task)
    share = np.where(PLACES == 1, doubt, 0.02)[:, None]
    outputs = (1.0 - share) * certain + share * certain.mean(axis=0)
    stored = pd.DataFrame({"place": PLACES.astype(np.float32)})
    return review_targets(encoded, (outputs, outputs), stored, task, SCHEMA, Deadline(None))


@pytest.mark.parametrize(
    ("spec", "columns", "names"),
    [
        (MULTILABEL_SPEC, LABELS, ("log loss", "wrong labels")),
        (MULTIOUTPUT_REGRESSION_SPEC, VALUES, ("relative error", "mean residual")),
        (MULTIOUTPUT_SPEC, MIXED, ("loss", "wrong labels")),
    ],
)
def test_the_place_that_is_predicted_worse_is_the_worst_slice(spec, columns, names):
    found = review(spec, columns, 0.6)
    assert (found.loss_name, found.second_name, found.n_rows) == (*names, 200)
    assert [(each.column, each.n_rows) for each in found.slices] == [("place", 100)]
    assert found.slices[0].loss > 5 * found.loss / 3
    assert abs(found.second) < 0.05


def test_labels_that_are_wrong_are_counted():
    task, encoded = MULTILABEL_SPEC.take(table(targets_of(LABELS)))
    outputs = certain_outputs(1 - encoded, task)
    stored = pd.DataFrame({"place": PLACES.astype(np.float32)})
    assert review_targets(encoded, (outputs, outputs), stored, task, SCHEMA, Deadline(None)).second == 1.0
