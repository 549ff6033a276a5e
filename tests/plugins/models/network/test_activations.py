"""Activations are those of their formulas, in place, with their derivatives and dropout."""

import numpy as np
import pytest

from automl_builtins.models.network.activations import activate, dropout_of

UNITS = np.linspace(-30.0, 30.0, 1201)


def formula(units, loss):
    if loss == "classes":
        return 1.0507009873554805 * np.where(units > 0, units, 1.6732632423543772 * np.expm1(np.minimum(units, 0.0)))
    return units * np.tanh(np.log1p(np.exp(units)))


@pytest.mark.parametrize("loss", ["classes", "squared"])
def test_units_become_what_the_formula_says_times_the_gain(loss):
    made, steep = UNITS.copy(), np.empty_like(UNITS)
    activate(made, loss, 0.25, steep)
    np.testing.assert_allclose(made, 0.25 * formula(UNITS, loss), rtol=1e-9, atol=1e-12)
    slope = (formula(UNITS + 1e-6, loss) - formula(UNITS - 1e-6, loss)) / 2e-6
    smooth = np.abs(UNITS) > 1e-5  # SELU has a bend at 0
    np.testing.assert_allclose(steep[smooth], 0.25 * slope[smooth], rtol=1e-5, atol=1e-8)
    again = UNITS.copy()
    activate(again, loss, 0.25)
    np.testing.assert_array_equal(again, made)


def test_dropped_units_and_their_slopes_are_0_and_the_others_make_up_for_them():
    units = np.ones((40, 500), dtype=np.float32)
    steep = np.empty_like(units)
    activate(units, "classes", 1.0, steep, dropout_of(0.25, np.random.default_rng(0)))
    assert (units == 0).mean() == pytest.approx(0.25, abs=0.01)
    assert np.array_equal(units == 0, steep == 0)
    assert units[units > 0] == pytest.approx(1.0507010 / 0.75)
    assert units.dtype == steep.dtype == np.float32


@pytest.mark.parametrize("share", [0.0, 0.001])
def test_of_no_share_nothing_is_dropped(share):
    assert dropout_of(share, np.random.default_rng(0)) is None
