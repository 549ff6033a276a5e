"""The learner of kernel ridge regression: it learns the metric in which its Laplace kernel measures distances."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array, BuildRequest, Dataset, Features, FitContext, as_matrix, spread_classes
from automl_builtins.models._shared.calibration import Calibration
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models._shared.row_products import row_products
from automl_builtins.models.kernel_ridge.metric import (
    WIDE,
    distances,
    gradient_products,
    laplace,
    place_rows,
    power,
    root,
)
from automl_builtins.models.kernel_ridge.solve import FIRST, Solution, solve_best

ITERATIONS = 4
"""Times that the metric is learnt anew at most; distances without one come before."""
PATIENCE = 1
"""It ends after so many that were no better than the best."""
GRADIENTS = 4_000
"""Gradients, rows times targets, whose mean outer product is taken, at most."""
LEAST_ROWS = 200
"""Where the time left is short, training rows are left out, but never below this many."""
BLOCK_CELLS = 4_000_000
"""Kernel values computed at once."""


@dataclass(frozen=True, slots=True)
class KernelMachine:
    """A weighted sum of Laplace kernel values.

    mapped: the map to the space of distances; points `(n_points, n_directions)` in it; dual `(n_points, n_targets)`;
    constant `(n_targets,)`.
    """

    mapped: Array
    points: Array
    width: float
    dual: Array
    constant: Array

    def values(self, matrix: Array) -> Array:
        """Return `(n_rows, n_targets)` for a dense matrix, each row by itself."""
        step = max(1, BLOCK_CELLS // len(self.points))
        starts = range(0, max(1, len(matrix)), step)
        return np.concatenate([self._block(matrix[start : start + step]) for start in starts])

    def _block(self, matrix: Array) -> Array:
        apart = distances(place_rows(matrix.astype(np.float64), self.mapped), self.points)
        return row_products(laplace(apart, self.width), self.dual.T) + self.constant


class KernelRidgeLearner(Coded):
    """Kernel ridge regression with a learned metric: a recursive feature machine (Radhakrishnan et al., Science 2024).

    Classes are regressed on as 0 and 1; predictions of each row by the fit without it calibrate them, and choose the
    penalty and how often the metric is learnt anew. Params: `width`, that of the kernel in mean distances; `metric`,
    "full", or "diagonal" for weights of single features; `power` to which gradients' outer products are raised.
    """

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._task = request.task
        self._width = float(request.params.get("width", 1.0))
        self._full = request.params.get("metric", "full") == "full"
        self._power = float(request.params.get("power", 1.0))
        self._machine: KernelMachine | None = None
        self._classes: Array | None = None
        self._calibration: Calibration | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Learn the metric, the penalty and the machine, and for classes their calibration."""
        self._codec = codec = OutputCodec.of(train, context.objective)
        if codec.one_class:
            return
        rows = self._choose_rows(train, context)
        matrix = as_matrix(train.features)[rows].astype(np.float64)
        given = np.ones(len(rows)) if train.weights is None else np.maximum(train.weights[rows], 1e-12)
        weights = np.maximum(given / given.mean(), 1e-6)
        targets = self._targets(codec.to(train.target[rows]))
        constant = np.average(targets, axis=0, weights=weights)
        machine, solution = self._learn(matrix, targets - constant, weights, context)
        self._machine = KernelMachine(*machine, solution.dual, constant)
        if codec.classes:
            places = np.searchsorted(self._classes, train.target[rows])
            self._calibration = Calibration.of(solution.left_out + constant, places, weights)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._machine is None:
            return codec.constant(features.shape[0])
        values = self._machine.values(as_matrix(features))
        if self._calibration is None:
            return codec.back(values, bounded=True)
        found = self._calibration.probabilities(values)
        return codec.back(spread_classes(found, self._classes, self._task.n_outputs))

    def _targets(self, target: Array) -> Array:
        """Return what is regressed on, `(n_rows, n_targets)`: values, or for each class whether it is the row's."""
        if not self.codec.classes:
            return target.reshape(len(target), -1)
        self._classes = np.unique(target)
        return (target[:, None] == self._classes).astype(np.float64)

    def _choose_rows(self, train: Dataset, context: FitContext) -> Array:
        """Return the training rows, in order, or as many as there is time for."""
        n_rows, n_features = train.features.shape
        share = 0.7 * context.seconds_left() / fit_seconds(n_rows, n_features, self._task.n_outputs)
        if share >= 1.0:
            return np.arange(n_rows)
        kept = min(n_rows, max(LEAST_ROWS, int(n_rows * share**0.4)))
        return np.sort(np.random.default_rng(context.seed).choice(n_rows, kept, replace=False))

    def _learn(
        self, matrix: Array, targets: Array, weights: Array, context: FitContext
    ) -> tuple[tuple[Array, Array, float], Solution]:
        """Return the map, points and width of the best metric, and the solution in it."""
        rng = np.random.default_rng(context.seed)
        n_rows, n_features = matrix.shape
        full = self._full and n_features <= WIDE
        metric = np.eye(n_features) if full else np.ones(n_features)
        best: tuple[tuple[Array, Array, float], Solution] | None = None
        place, worse = FIRST, 0
        for _ in range(ITERATIONS + 1):
            started = time.monotonic()
            mapped = root(metric)
            points = place_rows(matrix, mapped)
            apart = distances(points)
            width = self._width * max(float(apart.mean()), 1e-12)
            solution = solve_best(laplace(apart, width), targets, weights, place)
            place = solution.place
            worse += best is not None and solution.loss >= best[1].loss
            if best is None or solution.loss < best[1].loss:
                best = (mapped, points, width), solution
            if worse >= PATIENCE or context.seconds_left() < 2 * (time.monotonic() - started):
                break
            sampled = max(1, min(n_rows, GRADIENTS // targets.shape[1]))
            chosen = np.sort(rng.choice(n_rows, sampled, replace=False))
            found = gradient_products(matrix, metric, apart, width, solution.dual, chosen)
            if not found.any():
                break
            metric = power(found, self._power)
        assert best is not None
        return best


def fit_seconds(n_rows: int, n_features: int, n_targets: int) -> float:
    """Return about how long a fit takes."""
    solving = 12 * 1.2e-10 * float(n_rows) ** 3
    gradients = min(float(n_rows) * n_targets, GRADIENTS) * n_rows * n_features
    return solving + 4 * (1.5e-10 * gradients + 1.5e-9 * float(n_rows) ** 2 * (20 + n_features))
