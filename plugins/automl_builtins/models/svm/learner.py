"""The learner of kernel machines: exact regression on few rows, else linear models on the kernel's features."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Dataset,
    Features,
    FitContext,
    as_matrix,
    spread_classes,
)
from automl_builtins.models._shared.calibration import Calibration, one_column_per_class
from automl_builtins.models._shared.decision_values import KernelTerms, LinearTerms, class_probabilities
from automl_builtins.models._shared.iterations import iterate
from automl_builtins.models._shared.margins import fit_margins
from automl_builtins.models._shared.output_codec import Coded, OutputCodec

EXACT_ROWS = 3000
"""Up to this many rows regression is solved exactly; its cost grows with their square."""
MAX_ITERATIONS = 100
LANDMARKS, LEAST_LANDMARKS = 600, 50
ROWS_AT_ONCE = 4096
"""Rows whose features of the kernel are made at a time, which bounds the memory for what is between."""


class SupportVectorLearner(Coded):
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

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Fit the machine, and for classes its calibration on rows held out of a first fit."""
        matrix, codec = as_matrix(train.features), OutputCodec.of(train, context.objective)
        self._codec = codec
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # stopping before convergence is meant
            landmarks = None
            if self._kernel == "rbf" and not self._is_exact(matrix, context):
                landmarks = self._choose_landmarks(matrix, context)
                matrix = kernel_features(landmarks, matrix, np.float32 if codec.classes else np.float64)
            if not codec.classes:
                model = self._regressor(matrix, landmarks, context)
                model.fit(matrix, codec.to(train.target), sample_weight=train.weights)
                self._terms = _terms(model, landmarks)
            elif not codec.one_class:
                self._fit_classes(matrix, train, landmarks, context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._terms is None:
            return codec.constant(features.shape[0])
        values = self._terms.values(as_matrix(features))
        if not codec.classes:
            return codec.back(values, bounded=True)
        if self._calibration is None:
            found = class_probabilities(values)
        else:
            found = self._calibration.probabilities(one_column_per_class(values))
        return codec.back(spread_classes(found, self._classes, self._task.n_outputs))

    def _fit_classes(self, matrix: Array, train: Dataset, landmarks: Any, context: FitContext) -> None:
        """Fit a classifier; one without probabilities twice, first without the rows that calibrate it."""
        if landmarks is None:
            found = fit_margins(matrix, train, partial(self._classifier, None, context), context.seed)
            self._terms, self._classes, self._calibration = found.terms, found.classes, found.calibration
            return
        model = self._classifier(landmarks, context)
        iterate(model, matrix, train, MAX_ITERATIONS, context)
        self._terms, self._classes = _terms(model, landmarks), model.classes_

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
            return Ridge(alpha=0.1 / self._strength, copy_X=False)  # it may overwrite them, as nobody needs them later
        if self._kernel == "linear":
            loss = {"loss": "squared_epsilon_insensitive", "dual": False, "max_iter": 100}
            return LinearSVR(C=0.1 * self._strength, epsilon=self._epsilon, random_state=context.seed, **loss)
        steps = 20 * len(matrix) + 5000
        return SVR(C=self._strength, gamma=self._width(matrix), epsilon=self._epsilon, cache_size=100, max_iter=steps)

    def _is_exact(self, matrix: Array, context: FitContext) -> bool:
        exact = not self.codec.classes and len(matrix) <= EXACT_ROWS
        return exact and exact_seconds(len(matrix), matrix.shape[1]) < 0.3 * context.seconds_left()

    def _choose_landmarks(self, matrix: Array, context: FitContext) -> Any:
        from sklearn.kernel_approximation import Nystroem

        wanted = landmark_seconds(len(matrix), matrix.shape[1], self._task.n_outputs, LANDMARKS)
        share = min(1.0, 0.5 * context.seconds_left() / wanted)
        number = min(len(matrix), max(LEAST_LANDMARKS, int(LANDMARKS * share)))
        return Nystroem(gamma=self._width(matrix), n_components=number, random_state=context.seed)

    def _width(self, matrix: Array) -> float:
        return float(self._gamma / max(1e-12, matrix.shape[1] * float(matrix.var())))


def kernel_features(landmarks: Any, matrix: Array, dtype: type) -> Array:
    """Fit landmarks, and return the kernel's features of all rows, made in double precision a few rows at a time.

    Single precision leaves the root of the landmarks' kernel too coarse; for logistic regression it does afterwards.
    """
    landmarks.fit(matrix.astype(np.float64))
    made: Array = np.empty((len(matrix), len(landmarks.components_)), dtype=dtype)
    for start in range(0, len(matrix), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        made[rows] = landmarks.transform(matrix[rows].astype(np.float64))
    return made


def _terms(model: Any, landmarks: Any) -> LinearTerms | KernelTerms:
    if landmarks is not None:
        return KernelTerms.of_landmarks(landmarks, model)
    return KernelTerms.of_machine(model) if hasattr(model, "support_vectors_") else LinearTerms.of(model)


def exact_seconds(n_rows: int, n_features: int) -> float:
    """Return about how long exact support vector regression takes."""
    return 1e-9 * float(n_rows) ** 2 * (60 + n_features)


def landmark_seconds(n_rows: int, n_features: int, outputs: int, landmarks: int) -> float:
    """Return about how long a linear model on the kernel's features of so many rows takes."""
    return 1.5e-10 * float(n_rows) * landmarks * (landmarks + n_features + 200 * outputs)
