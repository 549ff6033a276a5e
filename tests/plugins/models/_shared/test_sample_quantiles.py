"""Few values give wide quantiles, and values without weight none."""

import numpy as np
import pytest

from automl_builtins.models._shared.sample_quantiles import quantiles_of


@pytest.mark.parametrize("weights", [None, np.ones(9), np.full(9, 4.0)])
def test_the_kth_of_n_values_has_the_level_k_of_n_and_one(weights):
    values = np.arange(9.0)
    assert quantiles_of(values, np.array([0.1, 0.5, 0.9]), weights).tolist() == pytest.approx([0.0, 4.0, 8.0])
    assert quantiles_of(values, np.array([0.001, 0.999]), weights).tolist() == [0.0, 8.0]


def test_values_without_weight_do_not_count():
    weights = np.array([0.0, 1.0, 1.0, 1.0, 0.0])
    assert quantiles_of(np.array([-9.0, 1.0, 2.0, 3.0, 9.0]), np.array([0.5]), weights)[0] == pytest.approx(
        2.0, abs=0.4
    )
