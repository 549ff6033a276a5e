"""Heads: what is fitted on sentence embeddings, each with the seconds that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, Dataset, FitContext, FitSize
from automl_builtins.models._shared.decision_values import LinearTerms
from automl_builtins.models._shared.logistic import Logistic, fit_logistic, logistic_seconds
from automl_builtins.models._shared.output_codec import OutputCodec
from automl_builtins.models._shared.ridge import fit_ridge
from automl_builtins.models.bert.prototypes import Prototypes, fit_prototypes
from automl_builtins.models.bert.words_beside import WordsBeside, fit_words_beside, words_seconds

MOST_STEPS, USUAL_STEPS = 100, 40
"""Of a linear head, which ends by itself."""
LIGHT_SECONDS = 2e-6
"""Of a head that is a mean or a solution, for each row and output."""


@dataclass(frozen=True, slots=True)
class SeenRows:
    """What a head is fitted on: text columns, one array each, their embeddings, numbers beside them, and the rows."""

    cells: Sequence[Array]
    embedded: Array
    numbers: Array
    train: Dataset
    codec: OutputCodec


Fitted = Prototypes | LinearTerms | Logistic | WordsBeside


@dataclass(frozen=True, slots=True)
class Head:
    """What learns from embeddings, and what that takes.

    fit: from rows and C, the inverse strength of a linear head's penalty. seconds: of a fit of some size, with
    embeddings of some width.
    """

    fit: Callable[[SeenRows, float, FitContext], Fitted]
    seconds: Callable[[FitSize, float], float]


def head_of(params: Mapping[str, Any], *, has_classes: bool) -> Head:
    """Return the head that is asked for; values have one, whatever is asked for."""
    return HEADS[str(params.get("head", PROTOTYPES))] if has_classes else RIDGE


def _fit_ridge(seen: SeenRows, strength: float, context: FitContext) -> LinearTerms:  # noqa: ARG001  it finds its own
    matrix, target = np.hstack([seen.embedded, seen.numbers]), seen.codec.to(seen.train.target).astype(np.float64)
    centre = matrix.mean(axis=0)
    found = fit_ridge(matrix - centre, target[:, None], seen.train.weights, np.random.default_rng(context.seed))
    return LinearTerms(found.weights.T, found.constant - centre @ found.weights)


def _fit_prototypes(seen: SeenRows, strength: float, context: FitContext) -> Prototypes:  # noqa: ARG001  nothing to set
    train, shares = seen.train, seen.codec.shares
    if shares is None:
        raise ValueError("prototypes are of classes; found values")
    weights = np.ones(len(train.target)) if train.weights is None else train.weights
    return fit_prototypes(seen.embedded, train.target, weights, shares)


def _fit_linear(seen: SeenRows, strength: float, context: FitContext) -> Logistic:
    return fit_logistic([np.hstack([seen.embedded, seen.numbers])], seen.train, strength, MOST_STEPS, context)


def _fit_words(seen: SeenRows, strength: float, context: FitContext) -> WordsBeside:
    return fit_words_beside(seen.cells, seen.embedded, seen.numbers, seen.train, strength, context)


def _light_seconds(size: FitSize, width: float) -> float:  # noqa: ARG001  a product with it is nothing beside
    return LIGHT_SECONDS * size.n_rows * max(1, size.task.n_outputs)


def _linear_seconds(size: FitSize, width: float) -> float:
    return logistic_seconds(size.n_rows, width, 0.0, max(1, size.task.n_outputs), USUAL_STEPS)


def _words_seconds(size: FitSize, width: float) -> float:
    return words_seconds(size.n_rows, size.words, width, max(1, size.task.n_outputs))


PROTOTYPES = "prototypes"
HEADS: Mapping[str, Head] = {
    PROTOTYPES: Head(_fit_prototypes, _light_seconds),
    "linear": Head(_fit_linear, _linear_seconds),
    "words": Head(_fit_words, _words_seconds),
}
"""Of classes, by the name that hyperparameters have for them."""
RIDGE = Head(_fit_ridge, _light_seconds)
