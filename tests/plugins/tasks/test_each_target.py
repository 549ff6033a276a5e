"""A learner for each target: time, losses and hyperparameters reach the one that they are for."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import BuildRequest, Column, ColumnKind, Dataset, Deadline, FitContext, Schema
from automl.testing._several import MIXED, targets_of
from automl_builtins.tasks._each_target import EACH_TARGET, constant_outputs
from automl_builtins.tasks.several import MULTILABEL_SPEC, MULTIOUTPUT_SPEC
from tests.plugins.tasks.test_several import LABELS, table


class Recorded:
    """Remembers what it is built and fitted with; predicts the shares of its rows."""

    made: ClassVar[list] = []

    def __init__(self, request):
        self.request, self.rounds = request, len(Recorded.made) + 1
        Recorded.made.append(self)

    def fit(self, train, valid, context):
        self.train, self.context = train, context

    def predict(self, features):
        width = len(self.train.task.classes) or 1
        return np.full((len(features), width), 1.0 / width)

    def refit_params(self):
        return {"rounds": self.rounds}


@pytest.fixture(autouse=True)
def _nothing_made():
    Recorded.made = []


def dataset(task, encoded):
    features = pd.DataFrame({"a": np.arange(len(encoded), dtype=np.float32)})
    schema = Schema((Column("a", ColumnKind.NUMERIC),))
    return Dataset(features, encoded, schema, task, np.arange(len(encoded)))


def mixed():
    return dataset(*MULTIOUTPUT_SPEC.take(table(targets_of(MIXED))))


def lent(data, params=()):
    return EACH_TARGET.learner(BuildRequest(data.task, dict(params)), Recorded)


def test_each_learner_is_given_its_target_its_loss_and_its_share_of_the_time():
    data = mixed()
    learner = lent(data)
    learner.fit(data, None, FitContext(deadline=Deadline(30.0), objective="squared"))
    assert [each.train.task.kind.value for each in Recorded.made] == ["multiclass", "regression", "binary"]
    assert [each.train.target.dtype.kind for each in Recorded.made] == ["i", "f", "i"]
    assert [each.context.objective for each in Recorded.made] == ["log_loss", "squared", "log_loss"]
    shares = [each.context.deadline.seconds for each in Recorded.made]
    assert shares == pytest.approx([10.0, 15.0, 30.0], abs=0.5)
    assert learner.predict(data.features).shape == (data.n_rows, 3 + 1 + 2)


def test_what_one_target_asks_for_a_refit_reaches_its_own_learner():
    data = mixed()
    learner = lent(data)
    learner.fit(data, None, FitContext())
    Recorded.made = []
    lent(data, {"rate": 0.1, **learner.refit_params()})
    params = [each.request.params for each in Recorded.made]
    assert params == [{"rate": 0.1, "rounds": number} for number in (1, 2, 3)]


def test_a_target_of_one_class_in_a_fold_is_predicted_without_a_model():
    task, encoded = MULTILABEL_SPEC.take(table(LABELS | {"d": [1] + [0] * 19, "e": [True] * 20}))
    data = dataset(task, encoded)
    fold = Dataset(data.features.iloc[1:], encoded[1:], data.schema, task, data.rows[1:])
    learner = lent(fold)
    learner.fit(fold, None, FitContext())
    found = learner.predict(data.features)
    assert found.shape == (20, 5)
    assert found[0, 3] == pytest.approx(1 / 21)  # one row added to each of two classes
    assert found[0, 4] == pytest.approx(20 / 21)
    assert not hasattr(Recorded.made[3], "train")


def test_shares_of_one_class_add_one_row_to_each_and_values_stay():
    task, encoded = MULTIOUTPUT_SPEC.take(table(targets_of(MIXED)))
    of_classes, of_values, _ = (each for each in dataset(task, encoded[:1].repeat(8, axis=0)).by_target())
    assert constant_outputs(of_classes).sum() == pytest.approx(1.0)
    assert constant_outputs(of_classes).min() == pytest.approx(1 / 11)
    assert constant_outputs(of_values).tolist() == [encoded[0, 1]]
