"""Calibration: from decision values to probabilities, on rows that were held out."""

from __future__ import annotations

import numpy as np

from automl_builtins.models._shared.calibration import Calibration, hold_out


def test_calibration_finds_the_scale_of_decision_values():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3)) * 2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    target = (probabilities.cumsum(axis=1) < rng.random((4000, 1))).sum(axis=1)
    found = Calibration.of(logits / 5, target, None)
    assert abs(found.scale - 5) < 0.5
    np.testing.assert_allclose(found.probabilities(logits / 5), probabilities, atol=0.05)


def test_a_row_of_every_class_is_kept_when_rows_are_held_out():
    target = np.array([0] * 20 + [1] * 10 + [2])
    for seed in range(20):
        kept, held = hold_out(target, seed)
        assert set(target[kept]) == {0, 1, 2}
        assert not set(kept) & set(held)
        assert len(kept) + len(held) == len(target)


def test_where_no_class_has_two_rows_all_are_kept_and_held_out():
    kept, held = hold_out(np.array([2, 0, 1]), 0)
    assert kept.tolist() == held.tolist() == [0, 1, 2]
