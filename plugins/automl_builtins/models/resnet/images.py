"""Images as a network takes them, worked out on its device: scaled, cropped, turned, recoloured, mixed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

SHIFT = 8
"""Images are moved by up to this part of their side."""
BRIGHTNESS, COLOUR = 0.2, 0.1
"""Largest change of all colours together, and of each alone, as a share."""


def normalised(images: Any, facts: Mapping[str, Any]) -> Any:
    """Return `(n, 3, side, side)` floats of mean 0 and spread 1 over the training rows, of `(n, side, side, 3)` uint8.

    They lie in memory channels last, as they came.
    """
    centre = images.new_tensor(facts["mean"], dtype=_float32())
    spread = images.new_tensor(facts["spread"], dtype=_float32())
    return ((images.float() - centre) / spread).permute(0, 3, 1, 2)


def augmented(images: Any, facts: Mapping[str, Any], generator: Any, mirror: bool) -> Any:
    """Return what `normalised` does of images moved, mirrored and recoloured by chance."""
    import torch

    count, side = len(images), images.shape[1]
    reach = max(1, side // SHIFT)
    moved = torch.randint(-reach, reach + 1, (2, count, 1), generator=generator)
    place = torch.arange(side)
    down = (place + moved[0]).clamp(0, side - 1)
    across = place + moved[1]
    if mirror:
        turned = torch.rand(count, 1, generator=generator) < 0.5
        across = torch.where(turned, side - 1 - across, across)
    across = across.clamp(0, side - 1)
    light = 1.0 + BRIGHTNESS * (2 * torch.rand(count, 1, 1, 1, generator=generator) - 1)
    colour = 1.0 + COLOUR * (2 * torch.rand(count, 1, 1, 3, generator=generator) - 1)
    device = images.device
    rows = torch.arange(count, device=device)[:, None, None]
    taken = images[rows, down.to(device)[:, :, None], across.to(device)[:, None, :]]
    centre = images.new_tensor(facts["mean"], dtype=torch.float32)
    spread = images.new_tensor(facts["spread"], dtype=torch.float32)
    return ((taken.float() * (light * colour).to(device) - centre) / spread).permute(0, 3, 1, 2)


def shrunk(images: Any, factor: float) -> Any:
    """Return images scaled down, to a side that is a multiple of 8."""
    import torch

    side = max(16, round(images.shape[2] * factor / 8.0) * 8)
    if side >= images.shape[2]:
        return images
    return torch.nn.functional.interpolate(images, (side, side), mode="bilinear", antialias=True)


def mixed(images: list[Any], generator: Any, rng: np.random.Generator) -> tuple[list[Any], tuple[Any, float]]:
    """Return images with a part of another pasted in (CutMix), which one it was, and the share that is its own."""
    import torch

    count, side = len(images[0]), images[0].shape[2]
    partner = torch.randperm(count, generator=generator)
    part = float(np.sqrt(1.0 - rng.beta(1.0, 1.0)))
    size = round(side * part)
    top, left = (int(rng.integers(0, side - size + 1)) for _ in range(2))
    made = []
    for each in images:
        pasted = each.clone()
        box = (slice(None), slice(None), slice(top, top + size), slice(left, left + size))
        pasted[box] = each[partner.to(each.device)][box]
        made.append(pasted)
    return made, (partner.to(images[0].device), 1.0 - size * size / (side * side))


def _float32() -> Any:
    import torch

    return torch.float32
