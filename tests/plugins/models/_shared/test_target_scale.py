"""TargetScale: values there and back, on a log scale too, and bounds for models that extrapolate."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models._shared.target_scale import MARGIN, TargetScale

VALUES = np.array([0.0, 1.0, 10.0, 100.0])


@pytest.mark.parametrize("log", [False, True])
def test_values_come_back_as_they_were(log):
    scale = TargetScale.of(VALUES, log)
    assert scale.log is log
    assert scale.to(VALUES).mean() == pytest.approx(0.0)
    assert scale.to(VALUES).std() == pytest.approx(1.0)
    np.testing.assert_allclose(scale.back(scale.to(VALUES)), VALUES, atol=1e-12)


def test_negative_values_are_never_put_on_a_log_scale():
    assert not TargetScale.of(VALUES - 1, log=True).log


def test_predictions_that_are_bounded_stay_near_the_range():
    scale = TargetScale.of(VALUES)
    far = np.array([-1e6, 1e6])
    np.testing.assert_allclose(scale.back(far, bounded=True), [-MARGIN * 100, 100 + MARGIN * 100])
    assert np.abs(scale.back(far)).min() > 1e6


def test_a_constant_target_has_a_spread_of_one():
    scale = TargetScale.of(np.full(3, 7.0))
    np.testing.assert_array_equal(scale.to(np.array([7.0, 8.0])), [0.0, 1.0])
