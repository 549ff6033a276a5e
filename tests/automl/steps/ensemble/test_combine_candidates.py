"""Combining candidates: which rows are resampled together, and what joins where time has an order."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from automl.steps.ensemble.combine_candidates import rows_of_one_age, rows_together
from automl.steps.plan.plan_resampling import time_ordered
from automl.vocabulary.folds import Fold, ResamplingPlan
from tests.conftest import quick
from tests.tables import regression_table

ROWS = np.arange(100)


def judge(plan, groups=None):
    return SimpleNamespace(plan=plan, target=ROWS.astype(float), groups=groups)


def test_rows_of_a_stretch_of_time_or_of_a_group_belong_together():
    later = ROWS[50:]
    plan = time_ordered(ROWS.astype(float), 5)
    assert rows_together(judge(plan), later).tolist() == plan.stretches[later].tolist()
    unordered = ResamplingPlan((Fold(ROWS[:50], later),), "one")
    assert rows_together(judge(unordered, ROWS // 10), later).tolist() == (later // 10).tolist()
    assert rows_together(judge(unordered), later) is None
    blocks = ResamplingPlan(unordered.folds, "one", blocks=ROWS // 20)
    assert rows_together(judge(blocks, ROWS // 10), later).tolist() == (later // 20).tolist()


def test_of_two_moments_rows_are_drawn_one_by_one():
    plan = time_ordered((ROWS > 80).astype(float), 5)
    assert rows_together(judge(plan), plan.folds[0].valid) is None


def test_rows_of_one_age_are_those_of_a_fold():
    plan = time_ordered(ROWS.astype(float), 5)
    assert rows_of_one_age(judge(plan), ROWS[50:]).tolist() == np.repeat([4, 3, 2, 1, 0], 10).tolist()


def test_no_ensemble_in_time_looks_at_columns():
    table = regression_table().assign(step=np.arange(len(regression_table())))
    model = quick(ensemble="stacking", max_trials=3).fit(table, "spent", time_column="step")
    assert model.ensemble_ != "stacking_linear_features"
    assert not model.predictor_.wants_features
    names = [name for name, *_ in model.outcome_.ensemble.considered]
    assert names
    assert not any("features" in name for name in names)
