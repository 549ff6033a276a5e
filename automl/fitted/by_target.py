"""ByTarget: what makes the intervals and sets of several targets, those of each by itself."""

from __future__ import annotations

from dataclasses import dataclass

from automl.fitted.class_sets import ClassSets
from automl.fitted.intervals import Intervals


@dataclass(frozen=True, slots=True)
class ByTarget:
    """What makes intervals of values and sets of classes, of each target in their order."""

    each: tuple[Intervals | ClassSets, ...]


Calibrated = Intervals | ClassSets | ByTarget
"""What makes intervals or sets, of one target or of several."""
