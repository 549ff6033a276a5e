"""The steps are those of torch's own optimizer."""

import numpy as np
import pytest

from automl_builtins.models.network.adam import AdamW

BETAS = (0.9, 0.95)


def test_parameters_of_other_rates_and_decays_move_as_by_torchs_own():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    values = {name: rng.normal(size=size).astype(np.float32) for name, size in {"w": (2, 6), "b": 4, "v": 3}.items()}
    kinds = {"w": (1.0, 1.0), "b": (0.1, 0.0), "v": (1.0, 1.0)}
    tensors = {name: torch.from_numpy(value.copy()).requires_grad_() for name, value in values.items()}
    groups = [
        {"params": [tensors[name]], "lr": 0.03 * rate, "weight_decay": 0.1 * decay}
        for name, (rate, decay) in kinds.items()
    ]
    theirs, ours = torch.optim.AdamW(groups, betas=BETAS), AdamW(values, BETAS, kinds)
    for _ in range(30):
        for name, value in ours.slopes.items():
            value[...] = rng.normal(size=value.shape)
            tensors[name].grad = torch.from_numpy(value.copy())
        theirs.step()
        ours.step(0.03, 0.1)
    for name, tensor in tensors.items():
        np.testing.assert_allclose(ours.values[name], tensor.detach().numpy(), rtol=2e-5, atol=1e-6)


def test_what_was_given_stays_and_no_parameters_at_all_are_fine():
    given = {"w": np.ones(3, dtype=np.float32), "none": np.ones((0, 2), dtype=np.float32)}
    optimizer = AdamW(given, BETAS, {"w": (1.0, 0.0), "none": (0.1, 0.0)})
    optimizer.slopes["w"][...] = [1.0, -2.0, 0.0]
    optimizer.step(0.5, 0.0)
    assert optimizer.values["w"] == pytest.approx([0.5, 1.5, 1.0], abs=1e-5)
    assert given["w"].tolist() == [1.0] * 3
