"""Class shares: weighted, never 0, and what certain predictions are drawn toward."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from automl.plugin_api import TaskKind
from automl_builtins.models._shared.class_shares import class_shares, draw_toward
from tests.plugins.models.tables import make_table

ROWS = make_table(TaskKind.MULTICLASS, 10)


def test_every_class_has_a_share_also_one_without_a_row():
    found = class_shares(replace(ROWS, target=np.zeros(10, dtype=np.int64)))
    np.testing.assert_allclose(found, np.array([11, 1, 1]) / 13)


def test_shares_follow_the_weights_and_not_their_size():
    target = np.array([0] * 5 + [1] * 5)
    heavy = np.array([3.0] * 5 + [1.0] * 5)
    one, other = (class_shares(replace(ROWS, target=target, weights=size * heavy)) for size in (1.0, 100.0))
    np.testing.assert_allclose(one, np.array([8.5, 3.5, 1.0]) / 13)
    np.testing.assert_allclose(one, other)


def test_certain_predictions_are_drawn_the_less_the_more_rows_were_seen():
    certain, shares = np.array([[1.0, 0.0]]), np.array([0.5, 0.5])
    np.testing.assert_allclose(draw_toward(certain, shares, 1), [[0.75, 0.25]])
    np.testing.assert_allclose(draw_toward(certain, shares, 999), [[0.9995, 0.0005]])
