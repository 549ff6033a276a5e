"""TargetScale: a regression target moved to mean 0 and spread 1 for the fit, and predictions moved back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array

MARGIN = 0.25
"""How far beyond the training target's range, as a share of it, predictions of models that extrapolate may lie."""


@dataclass(frozen=True, slots=True)
class TargetScale:
    """A target on a common scale, so that regularisation and tolerances mean the same for every table.

    log: the target is on a scale of log(1 + y) beneath. low, high: the training target's range. Of several targets all
    but `log` are arrays, `(n_targets,)`, and values stand side by side.
    """

    centre: Any = 0.0
    spread: Any = 1.0
    log: bool = False
    low: Any = -np.inf
    high: Any = np.inf

    @staticmethod
    def of(target: Array, log: bool = False) -> TargetScale:
        """Return the scale of a training target; a target below 0 is never put on a log scale."""
        if target.ndim == 2:
            spread = target.std(axis=0)
            ends = target.min(axis=0), target.max(axis=0)
            return TargetScale(target.mean(axis=0), np.where(spread > 0, spread, 1.0), False, *ends)
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
