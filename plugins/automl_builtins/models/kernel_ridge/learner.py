"""The learner of kernel ridge regression: it learns the metric in which its Laplace kernel measures distances."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, BuildRequest, Dataset, Features, FitContext, Rows, as_matrix, spread_classes
from automl_builtins.mean_one import mean_one
from automl_builtins.models._shared.calibration import Calibration
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models.kernel_ridge.course import GRADIENTS, PARTS, STEPS, Walk, Way, choose_course
from automl_builtins.models.kernel_ridge.machine import KernelMachine
from automl_builtins.models.kernel_ridge.metric import WIDE
from automl_builtins.models.kernel_ridge.solve import PENALTIES

CHOOSE_ROWS = 1_200
"""Of at most so many rows parts are held out to choose by, and to calibrate on."""
LEAST_ROWS = 200
"""Where the time left is short, training rows are left out, but never below this many."""


class KernelRidgeLearner(Coded):
    """Kernel ridge regression with a learned metric: a recursive feature machine (Radhakrishnan et al., Science 2024).

    Classes are regressed on as 0 and 1; predictions of rows by machines whose metric and fit have not seen them
    calibrate them, and choose the penalty and how often the metric is learnt anew. Params: `width`, that of the kernel
    in mean distances; `metric`, "full", or "diagonal" for weights of single features; `power` to which gradients' outer
    products are raised.
    """

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._task = request.task
        self._width = float(request.params.get("width", 5.0))
        self._full = request.params.get("metric", "diagonal") == "full"
        self._power = float(request.params.get("power", 1.0))
        self._machine: KernelMachine | None = None
        self._constant: Array | None = None
        self._classes: Array | None = None
        self._calibration: Calibration | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Learn the metric, the penalty and the machine, and for classes their calibration."""
        self._codec = codec = OutputCodec.of(train, context.objective)
        if codec.one_class:
            return
        rows = self._choose_rows(train, context)
        matrix = as_matrix(train.features)[rows].astype(np.float64)
        weights = np.ones(len(rows)) if train.weights is None else np.maximum(mean_one(train.weights[rows]), 1e-6)
        targets = self._targets(codec.to(train.target[rows]))
        self._constant = np.average(targets, axis=0, weights=weights)
        self._machine, looked, left_out = self._learn(matrix, targets - self._constant, weights, context)
        if self._classes is not None:
            places = np.searchsorted(self._classes, train.target[rows[looked]])
            self._calibration = Calibration.of(left_out + self._constant, places, weights[looked])

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._machine is None:
            return codec.constant(features.shape[0])
        values = self._machine.values(as_matrix(features)) + self._constant
        if self._calibration is None:
            return codec.back(values, bounded=True)
        found = self._calibration.probabilities(values)
        return codec.back(spread_classes(found, self._classes, self._task.n_outputs))

    def _targets(self, target: Array) -> Array:
        """Return what is regressed on, `(n_rows, n_targets)`: values, or for each class whether it is the row's."""
        if not self.codec.classes:
            return target.reshape(len(target), -1)
        self._classes = np.unique(target)
        return np.asarray(target[:, None] == self._classes, dtype=np.float64)

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
    ) -> tuple[KernelMachine, Rows, Array]:
        """Return the machine, and rows with their predictions by machines that have not seen them."""
        rng = np.random.default_rng(context.seed)
        way = Way(self._width, self._full and matrix.shape[1] <= WIDE, self._power)
        looked = np.sort(rng.permutation(len(matrix))[:CHOOSE_ROWS])
        course = choose_course(matrix[looked], targets[looked], weights[looked], way, rng, context.seconds_left)
        walk = Walk.of(matrix, targets, weights, way)
        for penalty in course.penalties[:-1]:
            walk.step(penalty, rng)
        return walk.machine(course.penalties[-1]), looked, course.left_out


def fit_seconds(n_rows: int, n_features: int, n_outputs: int) -> float:
    """Return about how long a fit takes: what is tried on parts of some rows, and the way over all of them."""
    part = 2 / 3 * min(n_rows, CHOOSE_ROWS)
    trying = PARTS * (len(PENALTIES) + 3 * STEPS) * _solving(part) + PARTS * _steps(part, n_features, n_outputs)
    return trying + STEPS * _solving(n_rows) + _steps(n_rows, n_features, n_outputs)


def _solving(n_rows: float) -> float:
    return 2.5e-11 * n_rows**3 + 8e-9 * n_rows**2


def _steps(n_rows: float, n_features: int, n_outputs: int) -> float:
    """Return the seconds of distances and gradients of so many steps."""
    gradients = max(1.0, min(n_rows * n_outputs, GRADIENTS)) * n_rows * (1e-8 + 1.5e-10 * n_features)
    directions = min(n_features, WIDE)
    return STEPS * (gradients + n_rows**2 * (2e-8 + 1.5e-10 * n_features) + 1e-8 * float(directions) ** 3)
