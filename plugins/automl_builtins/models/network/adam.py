"""Adam: steps for all parameters in a few calls."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from automl.plugin_api import Array

EPSILON = 1e-8


class AdamW:
    """Adam with decoupled weight decay (Loshchilov & Hutter, ICLR 2019), the same as torch's but for rounding.

    values and slopes: the parameters and their slopes, float32, by their names; both are changed in place.
    """

    def __init__(
        self, values: Mapping[str, Array], betas: tuple[float, float], kinds: Mapping[str, tuple[float, float]]
    ) -> None:
        """Copy the parameters, those of a kind into one piece of memory.

        kinds: by their names what the learning rate and the weight decay are multiplied by.
        """
        self._betas, self._n_steps = betas, 0
        names = sorted(values, key=lambda name: kinds[name])
        ends = dict(zip(names, np.cumsum([values[name].size for name in names]).tolist(), strict=True))
        size = max(ends.values(), default=0)
        self._all, self._slopes, self._means, self._squares = (np.zeros(size, dtype=np.float32) for _ in range(4))
        places = {name: slice(ends[name] - value.size, ends[name]) for name, value in values.items()}
        self.values = {name: self._all[places[name]].reshape(value.shape) for name, value in values.items()}
        self.slopes = {name: self._slopes[places[name]].reshape(value.shape) for name, value in values.items()}
        own = {kind: [places[name] for name in names if kinds[name] == kind] for kind in set(kinds.values())}
        self._kinds = {kind: slice(each[0].start, each[-1].stop) for kind, each in own.items()}
        for name, value in values.items():
            self.values[name][...] = value

    def step(self, rate: float, decay: float) -> None:
        """Move each parameter against its slope, by this learning rate and weight decay, times those of its kind."""
        self._n_steps += 1
        first, second = self._betas
        # Kept are not the averages but what they are multiples of, by these two numbers: a pass over them less.
        mean = (1.0 - first) / (1.0 - first**self._n_steps)
        root = math.sqrt((1.0 - second) / (1.0 - second**self._n_steps))
        for (of_rate, of_decay), place in self._kinds.items():
            size, kept = -rate * of_rate * mean / root, 1.0 - rate * of_rate * decay * of_decay
            self._move(place, size, kept, EPSILON / root)

    def _move(self, place: slice, size: float, kept: float, epsilon: float) -> None:
        values, slopes, means, squares = (each[place] for each in (self._all, self._slopes, self._means, self._squares))
        means *= self._betas[0]
        means += slopes
        squares *= self._betas[1]
        squares += slopes * slopes
        scratch = np.sqrt(squares)
        scratch += epsilon
        np.divide(means, scratch, out=scratch)
        scratch *= size
        if kept != 1.0:
            values *= kept
        values += scratch
