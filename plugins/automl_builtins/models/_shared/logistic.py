"""Logistic: a logistic model of all classes at once, fitted as far as time allows, and kept as plain numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset, FitContext
from automl_builtins.models._shared.decision_values import LinearTerms, class_probabilities
from automl_builtins.models._shared.limited_memory import minimise

TOLERANCE = 2e-5
"""Of the rows' mean slope: where no number of it is larger the fit ends."""
INTERCEPT = 0.1
"""What the column of the intercepts holds while they are fitted. That of rows of length 1 is longer than any other by
far where it holds ones, and then takes all short steps: 77 classes came as far in 30 steps as in 40."""
TIME_SHARE = 0.8
"""Of the time left, after which no further step is begun."""
SECONDS, NUMBER_SECONDS, TERM_SECONDS = 3e-8, 1.2e-10, 1.2e-9
"""Of a step, for each row and class: beside all numbers, for each of a dense part, for each that is not 0 of others."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model of `classes`, `(n_classes,)`."""

    terms: LinearTerms
    classes: Array

    def probabilities(self, matrix: Any) -> Array:
        """Return `(n_rows, n_classes)` of a dense or CSR matrix, the columns as `classes`."""
        return class_probabilities(self.terms.values(matrix))


def fit_logistic(
    parts: Sequence[Any], train: Dataset, strength: float, most_steps: int, context: FitContext
) -> Logistic:
    """Fit on the features of the rows of `train`, of two classes or more; `strength` is C as scikit-learn has it.

    parts: dense and CSR matrices, whose columns are side by side. Each is multiplied in the way that suits it: of one
    matrix for both, the many numbers of embeddings take five times as long as they need. Dense ones are centred
    meanwhile, as a mean that is not 0 is one more intercept.
    """
    classes, own = np.unique(train.target, return_inverse=True)
    centres = [part.mean(axis=0) if isinstance(part, np.ndarray) else np.zeros(part.shape[1]) for part in parts]
    matrices = [
        (part - centre if isinstance(part, np.ndarray) else part).astype(np.float32, copy=False)
        for part, centre in zip(parts, centres, strict=True)
    ]
    weights = (np.ones(len(own)) if train.weights is None else train.weights).astype(np.float32)
    penalty = (2.0 if len(classes) == 2 else 1.0) / strength  # two vectors, each the other's negative, stand for one
    start = np.zeros((sum(part.shape[1] for part in matrices) + 1, len(classes)), dtype=np.float32)
    until = time.monotonic() + TIME_SHARE * context.seconds_left()
    found = minimise(
        _loss(matrices, own, weights, penalty),
        start,
        most_steps,
        TOLERANCE * float(weights.sum()),
        lambda: time.monotonic() < until,
    )
    intercepts = INTERCEPT * found[-1] - np.concatenate(centres) @ found[:-1]
    return Logistic(LinearTerms(np.ascontiguousarray(found[:-1].T), intercepts), classes)


def logistic_seconds(n_rows: float, n_numbers: float, n_terms: float, n_classes: int, steps: int) -> float:
    """Estimate what so many steps take; a row has `n_numbers` in dense parts and `n_terms` that are not 0 in others."""
    return n_rows * steps * n_classes * (SECONDS + NUMBER_SECONDS * n_numbers + TERM_SECONDS * n_terms)


def _loss(
    matrices: Sequence[Any], own: Array, weights: Array, penalty: float
) -> Callable[[Array], tuple[float, Array]]:
    """Return what gives the log loss of all rows and the penalty, and their slope, of coefficients.

    own: `(n_rows,)`, the class of each row. Coefficients: `(n_features + 1, n_classes)`, the intercepts last.
    """
    turned = [part.T if isinstance(part, np.ndarray) else part.T.tocsr() for part in matrices]
    ends = np.cumsum([0, *(part.shape[1] for part in matrices)])
    places = [slice(start, end) for start, end in pairwise(ends)]
    rows, held = np.arange(len(own)), np.float32(penalty)

    def loss(coefficients: Array) -> tuple[float, Array]:
        values = np.tile(np.float32(INTERCEPT) * coefficients[-1], (len(own), 1))
        for part, place in zip(matrices, places, strict=True):
            values += part @ coefficients[place]
        values -= values.max(axis=1, keepdims=True)
        of_own = values[rows, own]
        np.exp(values, out=values)
        sums = values.sum(axis=1)
        total = float(np.dot(weights, np.log(sums) - of_own))
        values *= (weights / sums)[:, None]
        values[rows, own] -= weights
        slope = held * coefficients
        for part, place in zip(turned, places, strict=True):
            slope[place] += part @ values
        slope[-1] = np.float32(INTERCEPT) * values.sum(axis=0)
        kept = coefficients[:-1]
        return total + 0.5 * penalty * float(np.vdot(kept, kept)), slope

    return loss
