"""Models that learn quantiles themselves: on the target's own scale, level by level where they have to."""

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import (
    Block,
    BuildRequest,
    Column,
    ColumnKind,
    Dataset,
    Deadline,
    FitContext,
    Schema,
    Task,
    TaskKind,
    Trait,
)
from automl_builtins.models._shared.levels import QUANTILE, LevelByLevel, LevelScale, as_one_value, levels_of

LEVELS = (0.1, 0.5, 0.9)
TASK = Task(QUANTILE, "y", parts=(Block("y", trait=Trait.ORDERED, levels=LEVELS),))
TARGET = np.exp(np.random.default_rng(0).normal(size=90))
FRAME = pd.DataFrame({"a": np.arange(90, dtype=np.float32)})
DATA = Dataset(FRAME, TARGET, Schema((Column("a", ColumnKind.NUMERIC),)), TASK, np.arange(90))


class OneLevel:
    """Predicts the quantile of its objective, and remembers what it was given."""

    def __init__(self, request):
        assert request.task.kind is TaskKind.REGRESSION

    def fit(self, train, valid, context):
        assert train.task.kind is TaskKind.REGRESSION
        self.left = context.seconds_left()
        self.value = np.quantile(train.target, float(context.objective.removeprefix("quantile:")))

    def predict(self, features):
        return np.full((len(features), 1), self.value)

    def refit_params(self):
        return {"value": self.value}


def test_only_quantiles_have_levels_and_cost_more_than_one_value():
    assert levels_of(TASK) == LEVELS
    values = as_one_value(TASK)
    assert (values.kind, values.n_outputs, levels_of(values)) == (TaskKind.REGRESSION, 1, ())
    assert as_one_value(values) is values


def test_each_level_has_a_learner_with_its_share_of_the_time():
    learner = LevelByLevel(BuildRequest(TASK), OneLevel)
    learner.fit(DATA, None, FitContext(deadline=Deadline(90.0)))
    np.testing.assert_allclose(learner.predict(FRAME)[0], np.quantile(TARGET, LEVELS), rtol=0.05)
    assert [each.left for each in learner.learners] == pytest.approx([30.0, 45.0, 90.0], abs=1.0)
    assert learner.refit_params() == {"value": learner.learners[1].value}


def test_values_come_back_from_the_scale_in_rising_order():
    scale = LevelScale.of(TARGET)
    there = scale.to(TARGET)
    assert (there.mean(), there.std()) == pytest.approx((0.0, 1.0))
    np.testing.assert_allclose(scale.back(there), np.sort(TARGET))
    assert (np.diff(scale.back(np.array([[1.0, -1.0, 0.5]]))) > 0).all()
