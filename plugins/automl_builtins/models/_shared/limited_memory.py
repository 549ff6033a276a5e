"""Limited memory: the minimum of a function of many numbers, by what its last slopes tell of its curvature.

SciPy's minds bounds and works in float64, which takes nearly twice as long where products are quick (7.4 s for 4.1
of 77 classes); torch's imports its compiler, some seconds and 70 MB in each process.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from automl.plugin_api import Array

KEPT = 7
"""Steps whose change of slope is remembered."""
DECREASE = 1e-4
"""The share of what the slope promises that a step must bring."""
STEEP, GROWTH = 0.5, 3.0
"""A first step after which the slope is steeper than this share of the one before is too short; by how much longer the
next try is."""
MOST_TRIES = 20
"""Lengths of a step that are tried before giving up."""

Function = Callable[[Array], tuple[float, Array]]


@dataclass(frozen=True, slots=True)
class _Point:
    place: Array
    value: float
    slope: Array


@dataclass(slots=True)
class _Memory:
    """The last steps and the changes of slope over them, with 1 over their product."""

    pairs: deque[tuple[Array, Array, float]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, before: _Point, after: _Point) -> None:
        step, change = after.place - before.place, after.slope - before.slope
        product = _dot(step, change)
        if product > 0:
            self.pairs.append((step, change, 1.0 / product))

    def direction(self, slope: Array) -> Array:
        """Return the step that the remembered curvature makes of a slope (two-loop recursion); at first of length 1."""
        if not self.pairs:
            return np.asarray(-slope / max(math.sqrt(_dot(slope, slope)), 1e-30))
        found, shares = -slope, []
        for step, change, inverse in reversed(self.pairs):
            shares.append(inverse * _dot(step, found))
            found -= shares[-1] * change
        _, change, inverse = self.pairs[-1]
        found /= inverse * _dot(change, change)
        for (step, change, inverse), share in zip(self.pairs, reversed(shares), strict=True):
            found += (share - inverse * _dot(change, found)) * step
        return found


def minimise(function: Function, start: Array, most_steps: int, tolerance: float, go_on: Callable[[], bool]) -> Array:
    """Return where a function is smallest, as far as so many steps come (L-BFGS: Liu and Nocedal, 1989).

    `function` gives its value and its slope, an array like `start`, at a place. It ends early where no number of the
    slope is larger than `tolerance`, where no step brings it down any further, and where `go_on` says no after a step.
    """
    here, memory = _Point(start, *function(start)), _Memory()
    for _ in range(most_steps):
        if not np.abs(here.slope).max() > tolerance:  # also where it is no number
            break
        found = _step(function, here, memory.direction(here.slope), longer=not memory.pairs)
        if found is None:
            break
        memory.add(here, found)
        here = found
        if not go_on():
            break
    return here.place


def _step(function: Function, here: _Point, direction: Array, *, longer: bool) -> _Point | None:
    """Return where a step of about the length of `direction` leads; None where none leads down.

    `longer` asks for longer ones, too, while the function goes on falling: nothing is known of its curvature yet.
    """
    fall, length, lower = _dot(here.slope, direction), 1.0, None
    for _ in range(MOST_TRIES):
        place = here.place + direction.dtype.type(length) * direction
        there = _Point(place, *function(place))
        if not there.value <= here.value + DECREASE * length * fall:
            if lower is not None:
                return lower
            bend = there.value - here.value - length * fall
            length *= min(0.5, max(0.1, -0.5 * length * fall / bend)) if np.isfinite(bend) else 0.1
        elif longer and _dot(there.slope, direction) < STEEP * fall:
            length, lower = length * GROWTH, there
        else:
            return there
    return lower


def _dot(one: Array, other: Array) -> float:
    return float(np.vdot(one, other))
