"""Logistic: scikit-learn's logistic regression, fitted as far as time allows, and kept as plain numbers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset, FitContext
from automl_builtins.models._shared.decision_values import LinearTerms, class_probabilities
from automl_builtins.models._shared.iterations import iterate


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model of `classes`, `(n_classes,)`."""

    terms: LinearTerms
    classes: Array

    def probabilities(self, matrix: Any) -> Array:
        """Return `(n_rows, n_classes)` of a dense or CSR matrix, the columns as `classes`."""
        return class_probabilities(self.terms.values(matrix))


def fit_logistic(matrix: Any, train: Dataset, strength: float, most_iterations: int, context: FitContext) -> Logistic:
    """Fit on the features of the rows of `train`, dense or CSR; `strength` is C."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, tol=1e-4, warm_start=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping before convergence is meant
        iterate(model, matrix, train, most_iterations, context)
    return Logistic(LinearTerms.of(model), np.asarray(model.classes_))
