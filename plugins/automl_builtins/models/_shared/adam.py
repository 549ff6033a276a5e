"""Adam: steps for tensors that have rates of their own, all in a few calls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

EPSILON = 1e-8


class AdamW:
    """Adam with decoupled weight decay (Loshchilov & Hutter, ICLR 2019), the same to the last bit as torch's own.

    torch's takes each learning rate's tensors by themselves, which for a small network takes as long as its gradients,
    and imports the compiler: some seconds and 70 MB in each process.
    """

    def __init__(self, torch: Any, tensors: Sequence[Any], betas: tuple[float, float] = (0.9, 0.999)) -> None:
        """Take tensors that require gradients; they are changed in place."""
        self._torch, self._tensors, self._betas = torch, list(tensors), betas
        self._means = [torch.zeros_like(each) for each in self._tensors]
        self._squares = [torch.zeros_like(each) for each in self._tensors]
        self._steps = [0] * len(self._tensors)

    def clear(self) -> None:
        """Forget the gradients."""
        for each in self._tensors:
            each.grad = None

    def step(self, rates: Sequence[float], decays: Sequence[float]) -> None:
        """Move each tensor that has a gradient, by its learning rate and its decay."""
        places = [place for place, each in enumerate(self._tensors) if each.grad is not None]
        for place in places:
            self._steps[place] += 1
        with self._torch.no_grad():
            self._move(places, [rates[place] for place in places], [decays[place] for place in places])

    def _move(self, places: list[int], rates: list[float], decays: list[float]) -> None:
        torch, (first, second) = self._torch, self._betas
        values = [self._tensors[place] for place in places]
        slopes = [each.grad for each in values]
        means, squares = [self._means[place] for place in places], [self._squares[place] for place in places]
        steps = [self._steps[place] for place in places]
        torch._foreach_mul_(values, [1 - rate * decay for rate, decay in zip(rates, decays, strict=True)])
        torch._foreach_lerp_(means, slopes, 1 - first)
        torch._foreach_mul_(squares, second)
        torch._foreach_addcmul_(squares, slopes, slopes, 1 - second)
        roots = torch._foreach_sqrt(squares)
        torch._foreach_div_(roots, [math.sqrt(1 - second**step) for step in steps])
        torch._foreach_add_(roots, EPSILON)
        sizes = [-rate / (1 - first**step) for rate, step in zip(rates, steps, strict=True)]
        torch._foreach_addcdiv_(values, means, roots, sizes)
