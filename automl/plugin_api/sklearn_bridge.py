"""SklearnLearner: any scikit-learn classifier or regressor as a `Learner`."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np

from automl.plugin_api.protocols import FitContext
from automl.vocabulary.arrays import Array, Features
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.task import Task


class SklearnLearner:
    """Fits a scikit-learn estimator and gives its predictions the engine's shape.

    Every `random_state` and `n_jobs` parameter that the estimator or its parts leave open is set from the context.
    A classifier without `predict_proba` has its `decision_function` turned into probabilities (sigmoid, softmax).
    Sample weights reach the estimator if its `fit`, or that of a pipeline's last step, takes them.
    """

    def __init__(self, estimator: Any) -> None:
        """Keep the estimator; nothing is fitted yet."""
        self.estimator = estimator
        self._task: Task | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Fit on the training rows."""
        self._task = train.task
        self.estimator.set_params(**_open_params(self.estimator, context))
        matrix, extra = as_matrix(train.features), {}
        if train.weights is not None:
            extra = _weight_argument(self.estimator, train.weights)
        with warnings.catch_warnings():  # some estimators keep a parameter that does nothing any more
            warnings.filterwarnings("ignore", "'n_jobs' has no effect", FutureWarning)
            self.estimator.fit(matrix, train.target, **extra)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if self._task is None:
            raise RuntimeError("predict was called before fit.")
        matrix = as_matrix(features)
        if not self._task.has_classes:
            return np.asarray(self.estimator.predict(matrix), dtype=np.float64).reshape(-1, 1)
        if hasattr(self.estimator, "predict_proba"):
            found = np.asarray(self.estimator.predict_proba(matrix), dtype=np.float64)
        else:
            found = _probabilities(np.asarray(self.estimator.decision_function(matrix), dtype=np.float64))
        return spread_classes(found, self.estimator.classes_, self._task.n_outputs)


def as_matrix(features: Features) -> Any:
    """Return features as a writable float32 array, or the CSR matrix that they are.

    pandas hands out its blocks read-only, and some compiled code takes no read-only arrays. The array is not copied
    where that can be helped, so whoever takes it must not write to it.
    """
    if hasattr(features, "tocsr"):
        return features
    matrix = features.to_numpy(dtype=np.float32)
    if not matrix.flags.writeable:
        try:
            matrix.flags.writeable = True
        except ValueError:  # it lies in a file that is mapped for reading
            matrix = matrix.copy()
    return matrix


def spread_classes(found: Array, classes: Any, n_outputs: int) -> Array:
    """Place the columns of the classes that a fold has seen among all classes; the others get probability 0."""
    if found.shape[1] == n_outputs:
        return found
    spread = np.zeros((found.shape[0], n_outputs))
    spread[:, np.asarray(classes, dtype=np.int64)] = found
    return spread


def _open_params(estimator: Any, context: FitContext) -> dict[str, Any]:
    """Return the seed and thread count for each parameter that still stands at None, which means one thread."""
    params = estimator.get_params(deep=True)
    wanted = {"random_state": context.seed}
    if context.threads > 1:
        wanted["n_jobs"] = context.threads
    return {
        name: wanted[name.rsplit("__", 1)[-1]]
        for name, value in params.items()
        if value is None and name.rsplit("__", 1)[-1] in wanted
    }


def _weight_argument(estimator: Any, weights: Array) -> dict[str, Array]:
    """Name the argument that carries sample weights, if the estimator takes any."""
    steps = getattr(estimator, "steps", None)
    last, prefix = (steps[-1][1], f"{steps[-1][0]}__") if steps else (estimator, "")
    takes = "sample_weight" in inspect.signature(last.fit).parameters
    return {f"{prefix}sample_weight": weights} if takes else {}


def _probabilities(decision: Array) -> Array:
    """Turn decision values into probabilities: sigmoid for two classes, softmax for more."""
    if decision.ndim == 1:
        positive = 1.0 / (1.0 + np.exp(-np.clip(decision, -500, 500)))
        return np.column_stack([1.0 - positive, positive])
    shifted = np.exp(decision - decision.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
