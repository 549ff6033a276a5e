"""What the training of every network needs: a cycle of the learning rate, averaged weights, losses, a temperature."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.plugin_api import Array

TEMPERATURES = (1.0, 0.5, 0.6, 0.7, 0.85, 1.2, 1.45, 1.8, 2.3)


def cycle(done: float, warm_up: float) -> float:
    """Return the share of the learning rate at a share of the training: a straight rise, then half a cosine down.

    The source is the 1cycle policy (Smith and Topin, 2018), with the cosine of Loshchilov and Hutter (2017).
    """
    return done / warm_up if done < warm_up else 0.5 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up)))


class RunningMean:
    """The mean of a network's weights over the last share of its steps."""

    def __init__(self, network: Any, share: float) -> None:
        """Begin with no step taken in."""
        self._network, self._share = network, share
        self.values: dict[str, Any] = {}

    def take(self, step: int, total: float) -> None:
        """Take in the weights as they are after this step of about so many."""
        import torch

        fresh = 1.0 / max(1.0, min(float(step), self._share * total))
        with torch.no_grad():
            for name, value in self._network.state_dict().items():
                if name not in self.values:
                    self.values[name] = value.clone()
                elif value.is_floating_point():
                    self.values[name].lerp_(value, fresh)
                else:
                    self.values[name].copy_(value)


def losses_of(outputs: Any, target: Any, classes: bool, smoothing: float = 0.0, of_class: Any = None) -> Any:
    """Return a loss for each row: cross-entropy, `of_class` weighing each class, or the squared error."""
    from torch.nn import functional

    if classes:
        return functional.cross_entropy(outputs, target, of_class, reduction="none", label_smoothing=smoothing)
    return functional.mse_loss(outputs[:, 0], target, reduction="none")


def weighted_mean(losses: Any, weights: Any) -> Any:
    """Return the mean loss of the rows, by their weights where there are some."""
    return losses.mean() if weights is None else (losses * weights).sum() / weights.sum().clamp_min(1e-12)


def judged(outputs: Any, target: Any, classes: bool, weights: Any) -> tuple[float, float]:
    """Return the loss of outputs, and the temperature by which classes' outputs are best divided."""
    factor = 1.0 if weights is None else weights
    tried = TEMPERATURES if classes else (1.0,)
    found = [(float((losses_of(outputs / each, target, classes) * factor).mean()), each) for each in tried]
    return min((loss if math.isfinite(loss) else math.inf, each) for loss, each in found)


def to_array(tensor: Any) -> Array:
    """Return a tensor's values in the memory of the processor."""
    return np.asarray(tensor.detach().float().cpu().numpy())


def has_fast_bf16(device: str) -> bool:
    """Tell whether bfloat16 is faster there: on newer GPUs, and on processors with instructions for it."""
    import torch

    if device != "cpu":
        return bool(torch.cuda.is_bf16_supported())
    checks = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(check() for check in checks if check is not None)


def casting(device: str, facts: Mapping[str, Any]) -> Any:
    """Return a context in which matrices are multiplied in bfloat16, where the facts of a network say so."""
    import torch

    return torch.autocast(device.split(":", maxsplit=1)[0], torch.bfloat16, enabled=bool(facts["bf16"]))
