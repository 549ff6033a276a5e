"""The networks of the resnet model: a small one trained from scratch, and pretrained ones of transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import Array, weights_path

NUMBERS_WIDTH = 32
SCRATCH = ""
"""In the place of weights: a network that starts from nothing."""


def build_network(facts: Mapping[str, Any], load: bool = False) -> Any:
    """Return a torch module that takes images `(n, 3, side, side)` and numbers `(n, n_numbers)`.

    facts: "weights", "width", "dropout", "n_numbers", "n_columns" of images and "n_outputs"; of a pretrained network
    its "config", too. `load` reads the pretrained weights; else they are left to be filled.
    """
    from torch import nn

    body, width = _scratch(int(facts["width"])) if facts["weights"] == SCRATCH else _pretrained(facts, load)
    n_numbers = int(facts["n_numbers"])

    class Fused(nn.Module):  # type: ignore[misc]  # torch has no types here
        """Images through the body, one after another, numbers through a layer, both through one last layer."""

        def __init__(self) -> None:
            super().__init__()
            self.body = body
            self.numbers = nn.Sequential(nn.Linear(n_numbers, NUMBERS_WIDTH), nn.GELU()) if n_numbers else None
            self.dropout = nn.Dropout(float(facts["dropout"]))
            n_inputs = width * int(facts["n_columns"]) + (NUMBERS_WIDTH if n_numbers else 0)
            self.head = nn.Linear(n_inputs, int(facts["n_outputs"]))

        def features(self, images: list[Any], numbers: Any) -> Any:
            import torch

            seen = [self.body(each).float() for each in images]
            if self.numbers is not None:
                seen.append(self.numbers(numbers))
            return torch.cat(seen, dim=1) if len(seen) > 1 else seen[0]

        def forward(self, images: list[Any], numbers: Any) -> Any:
            return self.head(self.dropout(self.features(images, numbers)))

    return Fused()


def config_of(weights: str) -> Mapping[str, Any]:
    """Return a pretrained network's description, as plain values; raises LookupError where there is none."""
    from transformers import AutoConfig

    try:
        return dict(AutoConfig.from_pretrained(weights_path(weights)).to_dict())
    except Exception as error:
        raise LookupError(_not_found(weights, error)) from error


def state_of(network: Any) -> dict[str, Array]:
    """Return all parameters and running statistics as arrays; those of half precision as float32."""
    return {name: value.detach().float().cpu().numpy().copy() for name, value in network.state_dict().items()}


def with_state(network: Any, state: Mapping[str, Array]) -> Any:
    """Return the network, filled with arrays that `state_of` gave."""
    import torch

    network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()})
    return network


def input_side(facts: Mapping[str, Any], side: int) -> int:
    """Return the side that images are to have: small networks take any, pretrained ones at least 64."""
    return side if facts["weights"] == SCRATCH else max(64, side)


def _scratch(width: int) -> tuple[Any, int]:
    """Return a residual network of eight convolutions, after the nine-layer ResNet of David Page (DAWNBench, 2018)."""
    from torch import nn

    def block(inside: int, outside: int, *more: Any) -> Any:
        convolution = nn.Conv2d(inside, outside, 3, padding=1, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(outside), nn.ReLU(inplace=True), *more)

    class Residual(nn.Module):  # type: ignore[misc]  # torch has no types here
        """Two blocks beside the way past them."""

        def __init__(self, channels: int) -> None:
            super().__init__()
            self.inner = nn.Sequential(block(channels, channels), block(channels, channels))

        def forward(self, values: Any) -> Any:
            return values + self.inner(values)

    body = nn.Sequential(
        block(3, width),
        block(width, 2 * width, nn.MaxPool2d(2)),
        Residual(2 * width),
        block(2 * width, 4 * width, nn.MaxPool2d(2)),
        block(4 * width, 8 * width, nn.MaxPool2d(2)),
        Residual(8 * width),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
    )
    return body, 8 * width


def _pretrained(facts: Mapping[str, Any], load: bool) -> tuple[Any, int]:
    """Return a network of transformers with pooled outputs, such as a ResNet, and how many it gives."""
    from torch import nn
    from transformers import AutoConfig, AutoModel

    described = dict(facts["config"])
    config = AutoConfig.for_model(described.pop("model_type"), **described)
    if load:
        try:
            inner = AutoModel.from_pretrained(weights_path(str(facts["weights"])))
        except Exception as error:
            raise LookupError(_not_found(str(facts["weights"]), error)) from error
    else:
        make: Any = AutoModel.from_config
        inner = make(config)

    class Pooled(nn.Module):  # type: ignore[misc]  # torch has no types here
        """What the pretrained network makes of each image as a whole."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, images: Any) -> Any:
            return self.inner(pixel_values=images).pooler_output.flatten(1)

    sizes = getattr(config, "hidden_sizes", None) or [config.hidden_size]
    return Pooled(), int(sizes[-1])


def _not_found(weights: str, error: Exception) -> str:
    reason = next(iter(str(error).splitlines()), "")[:160]
    return (
        f"weights {weights!r} not found ({type(error).__name__}: {reason}); put them in a folder with config.json and "
        f"model.safetensors, and set AUTOML_IMAGE_WEIGHTS to it"
    )
