"""Margins: linear support vectors of one class against the others, and probabilities calibrated on rows held out."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset, FitContext
from automl_builtins.models._shared.calibration import Calibration, decision_matrix, hold_out, one_column_per_class
from automl_builtins.models._shared.decision_values import LinearTerms
from automl_builtins.models._shared.iterations import affordable

TOLERANCE = 0.1
"""Where a pass over the rows ends the fit: ten times less takes as many more passes and gives the same classes."""
PASSES = 200
PASS_SECONDS = 1.5e-9
"""Of one pass, for each number that is not 0 and each class."""
FEW_CLASSES = 20
"""Classes up to which a logistic model of the words of texts is worth its time, and support vectors of more: of 77
classes of 2,500 short texts its log loss is 1.35 in 1.9 s a fold, theirs 0.87 in 1.1 s. With embeddings beside the
words it is the other way round, where few passes do: of 77 classes of 10,003 short texts the log loss is 0.238, theirs
0.253 in six times the seconds; of two classes of 4,000, 1 - ROC AUC is 0.0028, theirs 0.0021."""
PAIRS_OF_WORD = 2.0
"""Terms that a word of a text brings: itself, and the pair with the next."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Decision values of each of `classes`, and what turns them into probabilities."""

    terms: LinearTerms
    classes: Array
    calibration: Calibration

    def probabilities(self, matrix: Any) -> Array:
        """Return `(n_rows, n_classes)` of a dense or CSR matrix, the columns as `classes`."""
        return self.calibration.probabilities(one_column_per_class(self.terms.values(matrix)))


def fit_terms(matrix: Any, train: Dataset, strength: float, context: FitContext) -> Margins:
    """Fit support vectors on many terms of texts: `matrix` a CSR matrix, `strength` C (Fan et al., "LIBLINEAR", 2008).

    Its time grows with the classes one by one, unlike that of a logistic regression of all of them, which takes many
    more passes over the rows.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping before convergence is meant
        found = fit_margins(matrix, train, partial(_machine, matrix, train, strength, context), context.seed)
    terms = replace(found.terms, coefficients=found.terms.coefficients.astype(np.float32))
    return replace(found, terms=terms)


def fit_margins(matrix: Any, train: Dataset, machine: Callable[[], Any], seed: int) -> Margins:
    """Fit on four fifths of the rows, calibrate on the others, and fit again on all.

    matrix: the features of the rows of `train`, dense or CSR; machine: makes a linear classifier of scikit-learn with
    decision values.
    """
    kept, held = hold_out(train.target, seed)
    first = machine()
    first.fit(matrix[kept], train.target[kept], sample_weight=_part(train.weights, kept))
    place = np.searchsorted(first.classes_, train.target[held])
    calibration = Calibration.of(decision_matrix(first, matrix[held]), place, _part(train.weights, held))
    whole = machine()
    whole.fit(matrix, train.target, sample_weight=train.weights)
    return Margins(LinearTerms.of(whole), np.asarray(whole.classes_), calibration)


def margin_seconds(n_numbers: float, n_classes: int) -> float:
    """Estimate what both fits take; n_numbers: those of the matrix that are not 0."""
    return 3.5e-8 * n_numbers * (1 if n_classes == 2 else n_classes)


def _machine(matrix: Any, train: Dataset, strength: float, context: FitContext) -> Any:
    from sklearn.svm import LinearSVC

    passes = affordable(PASS_SECONDS * matrix.nnz * len(np.unique(train.target)), PASSES, context)
    return LinearSVC(C=strength, tol=TOLERANCE, max_iter=passes, random_state=context.seed)


def _part(weights: Array | None, rows: Array) -> Array | None:
    return None if weights is None else weights[rows]
