"""Stretch: a target on the scale on which it is least lopsided; quantiles go there and back unharmed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array

POWERS = (1.0, 0.5, 0.0)
"""What a target of no negative values is raised to; 0 stands for its logarithm."""
BETTER = 0.8
"""A scale is only taken where the skewness is less than so much of what it is without."""
SHIFT = 0.01
"""What is added before a logarithm is taken, as a share of the median, where some values lie below that."""
MOST_BEYOND = 1.0
"""How far beyond the training target's range on the scale a value may lie, as a share of that range."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A rising function of a target and its inverse. low, high: the training target's ends on the scale."""

    power: float = 1.0
    shift: float = 0.0
    low: float = -np.inf
    high: float = np.inf

    @staticmethod
    def of(target: Array) -> Stretch:
        """Return the stretch of a training target: the power, or logarithm, by which it is the least skewed."""
        values = np.asarray(target, dtype=np.float64)
        middle, least = float(np.median(values)), float(values.min())
        if least < 0 or middle <= 0:
            return _ends(Stretch(), values)
        shift = 0.0 if least > SHIFT * middle else SHIFT * middle
        able = [Stretch(power, shift if power == 0 else 0.0) for power in POWERS]
        skews = [abs(skewness(each.to(values))) for each in able]
        best = int(np.argmin(skews))
        return _ends(able[best if skews[best] < BETTER * skews[0] else 0], values)

    def to(self, target: Array) -> Array:
        """Return the target on the scale."""
        values = np.asarray(target, dtype=np.float64)
        if self.power == 1.0:
            return values
        values = np.maximum(values, 0.0)
        if self.power > 0:
            return values**self.power
        return np.log(np.maximum(values + self.shift, np.exp(self.low - 1.0) if np.isfinite(self.low) else 1e-300))

    def back(self, values: Array) -> Array:
        """Return values of the scale as they were, none far beyond the training target."""
        reach = MOST_BEYOND * (self.high - self.low)
        found = np.clip(values, self.low - reach, self.high + reach) if np.isfinite(reach) else values
        if self.power == 1.0:
            return np.asarray(found, dtype=np.float64)
        if self.power > 0:
            return np.asarray(np.maximum(found, 0.0) ** (1.0 / self.power))
        return np.asarray(np.maximum(np.exp(found) - self.shift, 0.0))


def _ends(stretch: Stretch, values: Array) -> Stretch:
    found = stretch.to(values)
    return Stretch(stretch.power, stretch.shift, float(found.min()), float(found.max()))


def skewness(values: Array) -> float:
    """Return the third standardised moment, 0 of a constant."""
    spread = values.std()
    return float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
