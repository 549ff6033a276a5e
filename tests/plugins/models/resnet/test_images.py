"""Images as a network takes them: centred, varied by chance, scaled down and mixed."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models.resnet.images import augmented, mixed, normalised, shrunk

torch = pytest.importorskip("torch")

FACTS = {"mean": [100.0, 110.0, 120.0], "spread": [10.0, 20.0, 30.0]}


def images(count=4, side=32):
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8))


def test_colours_come_first_and_are_centred():
    given = images()
    found = normalised(given, FACTS)
    assert found.shape == (4, 3, 32, 32)
    assert float(found[1, 2, 3, 4]) == pytest.approx((float(given[1, 3, 4, 2]) - 120.0) / 30.0, abs=1e-5)


def test_one_seed_varies_images_in_one_way_and_another_in_another():
    one, again, other = (augmented(images(), FACTS, torch.Generator().manual_seed(s), True) for s in (1, 1, 2))
    assert one.shape == (4, 3, 32, 32)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert not torch.equal(one, normalised(images(), FACTS))


def test_small_images_have_sides_of_a_multiple_of_eight_and_none_grow():
    given = normalised(images(), FACTS)
    assert shrunk(given, 0.5).shape[2:] == (16, 16)
    assert shrunk(given, 0.8).shape[2:] == (24, 24)
    assert shrunk(given, 1.0) is given


def test_a_mixed_image_is_its_own_but_for_a_part_of_its_partner():
    given = normalised(images(), FACTS)
    (found,), (partner, share) = mixed([given], torch.Generator().manual_seed(0), np.random.default_rng(0))
    own = (found == given).all(dim=1)
    pasted = (found == given[partner]).all(dim=1)
    assert (own | pasted).all()
    apart = [row for row in range(4) if int(partner[row]) != row]
    assert own[apart].float().mean().item() == pytest.approx(share, abs=0.01)
