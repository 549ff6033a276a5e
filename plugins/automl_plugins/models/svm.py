"""Kernel machines: support vector regression, and linear models on Nystroem's features of the kernel.

With the RBF kernel values on few rows are fitted by exact support vector regression. Classes, and values on many rows,
are fitted by logistic or ridge regression on the kernel's features of sampled rows (Williams and Seeger, 2001): their
probabilities need no calibration, and their cost grows with the number of rows rather than with its square.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Choice,
    Dataset,
    Features,
    FitContext,
    FitSize,
    Float,
    ModelSpec,
    Resources,
    as_matrix,
    hookimpl,
    spread_classes,
)
from automl_plugins.models._calibration import Calibration, decision_matrix, hold_out
from automl_plugins.models._class_shares import class_shares, draw_toward, has_one_class
from automl_plugins.models._iterations import iterate
from automl_plugins.models._target_scale import TargetScale

EXACT_ROWS = 3000
"""Up to this many rows regression is solved exactly; its cost grows with their square."""
MAX_ITERATIONS = 100
LANDMARKS, LEAST_LANDMARKS = 600, 50
MOST_ROWS, MOST_CLASSES = 200_000, 100


class SupportVectorLearner:
    """A support vector machine.

    Params: `kernel`, "rbf" or "linear"; `C`; `gamma`, a factor on one over the number of features times their
    variance; `epsilon`, the tube of regression in standard deviations of the target.
    """

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._task = request.task
        self._strength = float(request.params.get("C", 1.0))
        self._kernel = str(request.params.get("kernel", "rbf"))
        self._gamma = float(request.params.get("gamma", 1.0))
        self._epsilon = float(request.params.get("epsilon", 0.1))
        self._landmarks: Any = None
        self._model: Any = None
        self._calibration: Calibration | None = None
        self._shares: Array | None = None
        self._scale = TargetScale()
        self._rows = 0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Fit the machine, and for classes its calibration on rows held out of a first fit."""
        matrix, self._rows = as_matrix(train.features), train.n_rows
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # stopping before convergence is meant
            if self._kernel == "rbf" and not self._is_exact(matrix, context):
                self._landmarks = self._choose_landmarks(matrix, context)
                matrix = self._landmarks.fit_transform(matrix.astype(np.float64))  # float32 leaves its root too coarse
            if not self._task.kind.is_classification:
                self._scale = TargetScale.of(train.target)
                self._model = self._regressor(matrix, context)
                self._model.fit(matrix, self._scale.to(train.target), sample_weight=train.weights)
                return
            self._shares = class_shares(train)
            if not has_one_class(train):
                self._fit_classes(matrix, train, context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        matrix = as_matrix(features)
        if self._shares is not None and self._model is None:
            return np.tile(self._shares, (features.shape[0], 1))
        if self._landmarks is not None:
            matrix = self._landmarks.transform(matrix.astype(np.float64))
        if self._shares is None:
            return self._scale.back(self._model.predict(matrix), bounded=True).reshape(-1, 1)
        if self._calibration is None:
            found = np.asarray(self._model.predict_proba(matrix), dtype=np.float64)
        else:
            found = self._calibration.probabilities(decision_matrix(self._model, matrix))
        spread = spread_classes(found, self._model.classes_, self._task.n_outputs)
        return draw_toward(spread, self._shares, self._rows)

    def _fit_classes(self, matrix: Array, train: Dataset, context: FitContext) -> None:
        """Fit a classifier; one without probabilities twice, first without the rows that calibrate it."""
        self._model = self._classifier(context)
        if hasattr(self._model, "predict_proba"):
            iterate(self._model, matrix, train, MAX_ITERATIONS, context)
        else:
            self._calibration = self._calibrate(matrix, train, context)
            self._model.fit(matrix, train.target, sample_weight=train.weights)

    def _calibrate(self, matrix: Array, train: Dataset, context: FitContext) -> Calibration:
        kept, held = hold_out(train.target, context.seed)
        first = self._classifier(context)
        weights = (None, None) if train.weights is None else (train.weights[kept], train.weights[held])
        first.fit(matrix[kept], train.target[kept], sample_weight=weights[0])
        place = np.searchsorted(first.classes_, train.target[held])
        return Calibration.of(decision_matrix(first, matrix[held]), place, weights[1])

    def _classifier(self, context: FitContext) -> Any:
        from sklearn.linear_model import LogisticRegression
        from sklearn.svm import LinearSVC

        if self._landmarks is not None:
            return LogisticRegression(C=10 * self._strength, tol=1e-3, warm_start=True)
        return LinearSVC(C=0.1 * self._strength, dual=False, tol=1e-3, max_iter=100, random_state=context.seed)

    def _regressor(self, matrix: Array, context: FitContext) -> Any:
        from sklearn.linear_model import Ridge
        from sklearn.svm import SVR, LinearSVR

        if self._landmarks is not None:
            return Ridge(alpha=0.1 / self._strength)
        if self._kernel == "linear":
            loss = {"loss": "squared_epsilon_insensitive", "dual": False, "max_iter": 100}
            return LinearSVR(C=0.1 * self._strength, epsilon=self._epsilon, random_state=context.seed, **loss)
        steps = 20 * len(matrix) + 5000
        return SVR(C=self._strength, gamma=self._width(matrix), epsilon=self._epsilon, cache_size=100, max_iter=steps)

    def _is_exact(self, matrix: Array, context: FitContext) -> bool:
        exact = not self._task.kind.is_classification and len(matrix) <= EXACT_ROWS
        return exact and _exact_seconds(len(matrix), matrix.shape[1]) < 0.3 * context.seconds_left()

    def _choose_landmarks(self, matrix: Array, context: FitContext) -> Any:
        from sklearn.kernel_approximation import Nystroem

        wanted = _landmark_seconds(len(matrix), matrix.shape[1], self._task.n_outputs, LANDMARKS)
        share = min(1.0, 0.5 * context.seconds_left() / wanted)
        number = min(len(matrix), max(LEAST_LANDMARKS, int(LANDMARKS * share)))
        return Nystroem(gamma=self._width(matrix), n_components=number, random_state=context.seed)

    def _width(self, matrix: Array) -> float:
        return float(self._gamma / max(1e-12, matrix.shape[1] * float(matrix.var())))


def support_vector_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    outputs = size.task.n_outputs
    if size.params.get("kernel", "rbf") == "linear":
        seconds = 2e-7 * size.n_rows * size.n_features * (1 + 0.5 * outputs)
        return Resources(seconds=0.02 + seconds, memory_mb=20 + 16 * size.n_rows * size.n_features / 2**20)
    megabytes = 120 + 16 * size.n_rows * LANDMARKS / 2**20
    if size.n_rows <= EXACT_ROWS and not size.task.kind.is_classification:
        return Resources(0.02 + _exact_seconds(size.n_rows, size.n_features), memory_mb=megabytes)
    seconds = _landmark_seconds(size.n_rows, size.n_features, outputs, min(size.n_rows, LANDMARKS))
    return Resources(0.1 + seconds, memory_mb=megabytes)


def support_vector_limits(size: FitSize) -> str:
    """Tell why a fit of this size makes no sense."""
    if size.n_rows > MOST_ROWS:
        return f"{size.n_rows} rows; support vector machines take up to {MOST_ROWS}"
    if size.task.n_outputs > MOST_CLASSES:
        return f"{size.task.n_outputs} classes; support vector machines take up to {MOST_CLASSES}"
    return ""


def _exact_seconds(n_rows: int, n_features: int) -> float:
    return 1e-9 * float(n_rows) ** 2 * (60 + n_features)


def _landmark_seconds(n_rows: int, n_features: int, outputs: int, landmarks: int) -> float:
    return 1.5e-10 * float(n_rows) * landmarks * (landmarks + n_features + 200 * outputs)


SVM = ModelSpec(
    name="svm",
    build=SupportVectorLearner,
    space={
        "kernel": Choice(("rbf", "linear")),
        "C": Float(0.03, 100.0, log=True),
        "gamma": Float(0.1, 5.0, log=True),
        "epsilon": Float(0.01, 0.3, log=True),
        "prepare.numeric": Choice(("standard", "quantile", "robust")),
        "prepare.categorical": Choice(("auto", "one_hot", "target_encoding")),
    },
    defaults=(
        {
            "kernel": "rbf",
            "C": 2.0,
            "gamma": 0.5,
            "epsilon": 0.05,
            "prepare.numeric": "standard",
            "prepare.categorical": "auto",
        },
        {
            "kernel": "rbf",
            "C": 10.0,
            "gamma": 0.2,
            "epsilon": 0.1,
            "prepare.numeric": "standard",
            "prepare.categorical": "auto",
        },
        {
            "kernel": "linear",
            "C": 1.0,
            "gamma": 1.0,
            "epsilon": 0.1,
            "prepare.numeric": "quantile",
            "prepare.categorical": "one_hot",
        },
        {
            "kernel": "rbf",
            "C": 0.3,
            "gamma": 0.5,
            "epsilon": 0.1,
            "prepare.numeric": "quantile",
            "prepare.categorical": "auto",
        },
    ),
    scaling="standard",
    requires=("sklearn",),
    resources=support_vector_resources,
    limits=support_vector_limits,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer support vector machines."""
    return (SVM,)
