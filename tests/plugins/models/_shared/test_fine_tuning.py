"""Fine-tuning: the cycle of the learning rate, losses by row, temperatures, and averaged weights."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models._shared.fine_tuning import (
    TEMPERATURES,
    RunningMean,
    cycle,
    judged,
    losses_of,
    to_array,
    weighted_mean,
)

torch = pytest.importorskip("torch")


def test_the_learning_rate_rises_and_falls_once():
    rates = [cycle(done, 0.2) for done in np.linspace(0, 1, 21)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) == 4
    assert rates[-1] == pytest.approx(0.0)


def test_losses_are_cross_entropies_or_squares_one_a_row():
    outputs = torch.tensor([[0.0, 0.0], [9.0, -9.0]])
    np.testing.assert_allclose(to_array(losses_of(outputs, torch.tensor([0, 0]), True)), [np.log(2), 0.0], atol=1e-6)
    np.testing.assert_allclose(to_array(losses_of(outputs, torch.tensor([1.0, 7.0]), False)), [1.0, 4.0])


def test_heavy_rows_count_more():
    losses = torch.tensor([1.0, 3.0])
    assert float(weighted_mean(losses, None)) == 2.0
    assert float(weighted_mean(losses, torch.tensor([3.0, 1.0]))) == 1.5


def test_outputs_that_are_too_sure_are_divided_by_a_temperature_above_one():
    outputs, target = torch.tensor([[4.0, 0.0]] * 4), torch.tensor([0, 0, 0, 1])
    loss, temperature = judged(outputs, target, True, None)
    assert temperature == max(TEMPERATURES)
    assert loss < float(losses_of(outputs, target, True).mean())
    assert judged(outputs, target.float(), False, None)[1] == 1.0


def test_outputs_that_are_no_numbers_have_an_infinite_loss():
    assert judged(torch.full((2, 1), torch.nan), torch.zeros(2), False, None)[0] == np.inf


def test_the_mean_of_weights_looks_back_over_the_last_share_of_the_steps():
    network = torch.nn.Linear(1, 1, bias=False)
    mean = RunningMean(network, share=0.5)
    for step in range(1, 5):
        network.weight.data.fill_(float(step))
        mean.take(step, total=4.0)
    assert float(mean.values["weight"]) == pytest.approx(3.125)  # 1, then halfway to each that follows
