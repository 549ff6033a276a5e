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
from automl_builtins.models._shared.class_shares import class_shares, draw_toward, has_one_class
from automl_builtins.models._shared.decision_values import KernelTerms, LinearTerms, class_probabilities
from automl_builtins.models._shared.iterations import iterate
from automl_builtins.models._shared.objectives import SQUARED_LOG
from automl_builtins.models._shared.target_scale import TargetScale
from automl_builtins.models.svm.calibration import Calibration, decision_matrix, hold_out, one_column_per_class

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
        self._terms: LinearTerms | KernelTerms | None = None
        self._classes: Array | None = None
        self._calibration: Calibration | None = None
        self._shares: Array | None = None
        self._scale = TargetScale()
        self._rows = 0

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Fit the machine, and for classes its calibration on rows held out of a first fit."""
        matrix, self._rows = as_matrix(train.features), train.n_rows
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # stopping before convergence is meant
            landmarks = None
            if self._kernel == "rbf" and not self._is_exact(matrix, context):
                landmarks = self._choose_landmarks(matrix, context)
                matrix = landmarks.fit_transform(matrix.astype(np.float64))  # float32 leaves its root too coarse
            if not self._task.kind.is_classification:
                self._scale = TargetScale.of(train.target, context.objective == SQUARED_LOG)
                model = self._regressor(matrix, landmarks, context)
                model.fit(matrix, self._scale.to(train.target), sample_weight=train.weights)
                self._terms = _terms(model, landmarks)
                return
            self._shares = class_shares(train)
            if not has_one_class(train):
                model = self._fit_classes(matrix, train, landmarks, context)
                self._terms, self._classes = _terms(model, landmarks), model.classes_

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if self._terms is None:
            if self._shares is None:
                raise RuntimeError("predict was called before fit.")
            return np.tile(self._shares, (features.shape[0], 1))
        values = self._terms.values(as_matrix(features))
        if self._shares is None:
            return self._scale.back(values, bounded=True)
        if self._calibration is None:
            found = class_probabilities(values)
        else:
            found = self._calibration.probabilities(one_column_per_class(values))
        return draw_toward(spread_classes(found, self._classes, self._task.n_outputs), self._shares, self._rows)

    def _fit_classes(self, matrix: Array, train: Dataset, landmarks: Any, context: FitContext) -> Any:
        """Fit a classifier; one without probabilities twice, first without the rows that calibrate it."""
        model = self._classifier(landmarks, context)
        if hasattr(model, "predict_proba"):
            iterate(model, matrix, train, MAX_ITERATIONS, context)
        else:
            self._calibration = self._calibrate(matrix, train, context)
            model.fit(matrix, train.target, sample_weight=train.weights)
        return model

    def _calibrate(self, matrix: Array, train: Dataset, context: FitContext) -> Calibration:
        kept, held = hold_out(train.target, context.seed)
        first = self._classifier(None, context)
        weights = (None, None) if train.weights is None else (train.weights[kept], train.weights[held])
        first.fit(matrix[kept], train.target[kept], sample_weight=weights[0])
        place = np.searchsorted(first.classes_, train.target[held])
        return Calibration.of(decision_matrix(first, matrix[held]), place, weights[1])

    def _classifier(self, landmarks: Any, context: FitContext) -> Any:
        from sklearn.linear_model import LogisticRegression
        from sklearn.svm import LinearSVC

        if landmarks is not None:
            return LogisticRegression(C=10 * self._strength, tol=1e-3, warm_start=True)
        return LinearSVC(C=0.1 * self._strength, dual=False, tol=1e-3, max_iter=100, random_state=context.seed)

    def _regressor(self, matrix: Array, landmarks: Any, context: FitContext) -> Any:
        from sklearn.linear_model import Ridge
        from sklearn.svm import SVR, LinearSVR

        if landmarks is not None:
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


def _terms(model: Any, landmarks: Any) -> LinearTerms | KernelTerms:
    if landmarks is not None:
        return KernelTerms.of_landmarks(landmarks, model)
    return KernelTerms.of_machine(model) if hasattr(model, "support_vectors_") else LinearTerms.of(model)


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
    keeps_rows=True,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer support vector machines."""
    return (SVM,)
