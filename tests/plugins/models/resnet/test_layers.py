"""The networks of the resnet model: their outputs, and that they are built anew from arrays."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models.resnet.layers import SCRATCH, build_network, config_of, input_side, state_of, with_state

torch = pytest.importorskip("torch")

FACTS = {"weights": SCRATCH, "width": 4, "dropout": 0.0, "n_numbers": 2, "n_columns": 2, "n_outputs": 3}


def outputs(network):
    generator = torch.Generator().manual_seed(0)
    pictures = [torch.randn(2, 3, 32, 32, generator=generator) for _ in range(2)]
    with torch.no_grad():
        return network.eval()(pictures, torch.randn(2, 2, generator=generator))


def test_images_of_several_columns_and_numbers_give_one_row_of_outputs():
    assert outputs(build_network(FACTS)).shape == (2, 3)


def test_a_network_filled_with_the_arrays_of_another_gives_what_that_gives():
    torch.manual_seed(0)
    network = build_network(FACTS)
    arrays = state_of(network)
    assert {type(value) for value in arrays.values()} == {np.ndarray}
    assert torch.equal(outputs(with_state(build_network(FACTS), arrays)), outputs(network))


def test_pretrained_networks_get_no_tiny_images():
    assert input_side(FACTS, 32) == 32
    assert input_side({**FACTS, "weights": "some"}, 32) == 64
    assert input_side({**FACTS, "weights": "some"}, 128) == 128


def test_weights_that_are_not_there_are_told_with_what_to_do(tmp_path):
    pytest.importorskip("transformers")
    with pytest.raises(LookupError, match="AUTOML_IMAGE_WEIGHTS"):
        config_of(str(tmp_path / "nothing"))
