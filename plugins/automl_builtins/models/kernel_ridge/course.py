"""Learn a metric step by step, and choose the number of steps and their penalties on rows that are held out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models.kernel_ridge.machine import KernelMachine
from automl_builtins.models.kernel_ridge.metric import (
    gradient_products,
    laplace,
    place_rows,
    power,
    quick_distances,
    root,
)
from automl_builtins.models.kernel_ridge.solve import PENALTIES, solve

STEPS = 4
"""Times that the metric is learnt anew, at most."""
PATIENCE = 2
"""Steps without a better loss after which no more are tried."""
PARTS = 3
"""Parts of the rows, each of which is predicted by machines of the others."""
GRADIENTS = 4_000
"""Gradients, rows times targets, whose mean outer product is taken, at most."""
HURRY = 2.0
"""A further step is tried where there is time for so many as long as the last one."""


@dataclass(frozen=True, slots=True)
class Way:
    """How metrics are learnt: the kernel's width in mean distances, the metric's form, the gradient products' power."""

    width: float
    full: bool
    power: float


@dataclass(slots=True)
class Walk:
    """A metric on its way, and the kernel of its rows in it."""

    matrix: Array
    targets: Array
    weights: Array
    way: Way
    metric: Array
    mapped: Array
    points: Array
    apart: Array
    width: float

    @staticmethod
    def of(matrix: Array, targets: Array, weights: Array, way: Way) -> Walk:
        """Return the walk before its first step, where all features count alike."""
        n_features = matrix.shape[1]
        metric = np.eye(n_features) if way.full else np.ones(n_features)
        return Walk(matrix, targets, weights, way, metric, *_space(matrix, metric, way))

    def kernel(self) -> Array:
        """Return the kernel of the rows."""
        return laplace(self.apart, self.width)

    def machine(self, penalty: float) -> KernelMachine:
        """Return the machine that is fitted in this metric."""
        dual = solve(self.kernel(), self.targets, self.weights, penalty)
        return KernelMachine(self.mapped, self.points, self.width, dual)

    def step(self, penalty: float, rng: np.random.Generator, dual: Array | None = None) -> bool:
        """Learn the metric anew from the machine of a penalty; return whether it depends on any feature."""
        if dual is None:
            dual = solve(self.kernel(), self.targets, self.weights, penalty)
        sampled = max(1, min(len(self.matrix), GRADIENTS // self.targets.shape[1]))
        rows = np.sort(rng.choice(len(self.matrix), sampled, replace=False))
        found = gradient_products(self.matrix, self.metric, self.apart, self.width, dual, rows)
        if not found.any():
            return False
        self.metric = power(found, self.way.power)
        self.mapped, self.points, self.apart, self.width = _space(self.matrix, self.metric, self.way)
        return True


@dataclass(frozen=True, slots=True)
class Course:
    """The penalties of the steps, the last of which is that of the machine, and predictions of rows held out."""

    penalties: tuple[float, ...]
    left_out: Array


def choose_course(
    matrix: Array,
    targets: Array,
    weights: Array,
    way: Way,
    rng: np.random.Generator,
    seconds_left: Callable[[], float],
) -> Course:
    """Return what predicts best, by squared error, rows that neither the metric nor the machine has seen."""
    part = rng.permutation(len(matrix)) % min(PARTS, len(matrix))
    walks = [Walk.of(matrix[part != k], targets[part != k], weights[part != k], way) for k in range(part.max() + 1)]
    best: Course | None = None
    least, worse, chosen = np.inf, 0, list[float]()
    tried: tuple[float, ...] = PENALTIES
    for number in range(STEPS + 1):
        started = time.monotonic()
        duals, found = _try_penalties(walks, part, matrix, targets, tried)
        losses = [float(np.average(np.square(each - targets).mean(axis=1), weights=weights)) for each in found]
        place = int(np.argmin(losses))
        chosen.append(tried[place])
        worse = 0 if losses[place] < least else worse + 1
        if not worse:
            best, least = Course(tuple(chosen), found[place]), losses[place]
        if number == STEPS or worse >= PATIENCE or seconds_left() < HURRY * (time.monotonic() - started):
            break
        if not all(walk.step(chosen[-1], rng, dual[place]) for walk, dual in zip(walks, duals, strict=True)):
            break
        middle = PENALTIES.index(chosen[-1])
        tried = PENALTIES[max(0, middle - 1) : middle + 2]
    assert best is not None
    return best


def _try_penalties(
    walks: list[Walk], part: Array, matrix: Array, targets: Array, penalties: tuple[float, ...]
) -> tuple[list[list[Array]], Array]:
    """Return each walk's duals by penalty, and what all predict of the rows that each has not seen, by penalty."""
    duals, found = [], np.empty((len(penalties), *targets.shape))
    for number, walk in enumerate(walks):
        kernel, held = walk.kernel(), part == number
        across = laplace(quick_distances(place_rows(matrix[held], walk.mapped), walk.points), walk.width)
        duals.append([solve(kernel, walk.targets, walk.weights, penalty) for penalty in penalties])
        found[:, held] = [across @ dual for dual in duals[-1]]
    return duals, found


def _space(matrix: Array, metric: Array, way: Way) -> tuple[Array, Array, Array, float]:
    mapped = root(metric)
    points = matrix * mapped if mapped.ndim == 1 else matrix @ mapped
    apart = quick_distances(points, points)
    return mapped, points, apart, way.width * max(float(apart.mean()), 1e-12)
