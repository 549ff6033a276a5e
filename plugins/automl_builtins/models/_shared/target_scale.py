"""TargetScale: a regression target moved to mean 0 and spread 1 for the fit, and predictions moved back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array

MARGIN = 0.25
"""How far beyond the training target's range, as a share of it, predictions of models that extrapolate may lie."""


@dataclass(frozen=True, slots=True)
class TargetScale:
    """A target on a common scale, so that regularisation and tolerances mean the same for every table.

    log: the target is on a scale of log(1 + y) beneath. low, high: the training target's range.
    """

    centre: float = 0.0
    spread: float = 1.0
    log: bool = False
    low: float = -np.inf
    high: float = np.inf

    @staticmethod
    def of(target: Array, log: bool = False) -> TargetScale:
        """Return the scale of a training target; a target below 0 is never put on a log scale."""
        low, high = float(target.min()), float(target.max())
        log = log and low >= 0
        values = np.log1p(target) if log else target
        return TargetScale(float(values.mean()), float(values.std()) or 1.0, log, low, high)

    def to(self, target: Array) -> Array:
        """Return the target on this scale."""
        values = np.log1p(np.maximum(target, 0)) if self.log else target
        return np.asarray((values - self.centre) / self.spread)

    def back(self, values: Array, bounded: bool = False) -> Array:
        """Return values on this scale as they were; `bounded` keeps them near the training target's range."""
        found = np.asarray(values, dtype=np.float64) * self.spread + self.centre
        found = np.expm1(found) if self.log else found
        reach = MARGIN * (self.high - self.low)
        return np.clip(found, self.low - reach, self.high + reach) if bounded else np.asarray(found)
