"""The skill of one column is 1 where it tells the target, and 0 or less where it does not."""

import numpy as np
import pytest

from automl.steps.audit.single_columns import column_skill
from automl.vocabulary.schema import Column, ColumnKind

NUMBER, CATEGORY = Column("c", ColumnKind.NUMERIC), Column("c", ColumnKind.CATEGORICAL)


def skill(values, column, target):
    return column_skill(np.asarray(values), column, np.asarray(target, dtype=float)[:, None], np.random.default_rng(0))


def test_a_threshold_anywhere_is_found_exactly():
    values = np.random.default_rng(1).normal(size=3000)
    assert skill(values, NUMBER, values > 1.2345) > 0.98


def test_noise_has_no_skill():
    rng = np.random.default_rng(1)
    assert skill(rng.normal(size=2000), NUMBER, rng.random(2000)) < 0.02
    assert skill(rng.integers(0, 1000, 2000), CATEGORY, rng.random(2000)) < 0.02


def test_missing_values_and_categories_are_levels_of_their_own():
    target = np.arange(400) % 2
    assert skill(np.where(target == 1, np.nan, 1.0), NUMBER, target) == pytest.approx(1.0)
    assert skill(np.where(target == 1, -1, 0), CATEGORY, target) == pytest.approx(1.0)


@pytest.mark.parametrize("values", [np.full(60, np.nan), np.ones(60), np.arange(60.0)])
def test_columns_without_content_do_no_harm(values):
    assert skill(values, NUMBER, np.ones(60)) == 0.0
    assert skill(values, NUMBER, np.arange(60) % 2) <= 1.0
