"""Linear models: logistic, quantile, ridge and elastic net, on dense or sparse features; and one made for text."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    Choice,
    ColumnKind,
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
from automl_builtins.kinds import MULTIOUTPUT_REGRESSION
from automl_builtins.models._shared.decision_values import LinearTerms, class_probabilities
from automl_builtins.models._shared.iterations import affordable, iterate
from automl_builtins.models._shared.levels import WITH_QUANTILES, levels_of
from automl_builtins.models._shared.margins import FEW_CLASSES, PAIRS_OF_WORD, Margins, fit_terms, margin_seconds
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.models._shared.smooth_pinball import fit_quantiles
from automl_builtins.preprocessors.text import MOST_CELLS_OF_RUNS

MAX_ITERATIONS = {"ridge": 400, "elastic_net": 40}
"""Of L-BFGS on all rows, and passes over the data of SAGA or coordinate descent."""
TOLERANCE = 1e-3
TERMS = 30
"""Columns that text counts for in an estimate: rows hold some hundred of the many terms."""
WORDS_SECONDS = 1e-3
SUPPORT_VECTORS = "support_vectors"
TERMS_OF_WORD, MOST_WORDS = 12.0, 1_000.0
"""Terms that a word of a text brings where runs of characters count too, and the words that new ones are met in."""


class LinearLearner(Coded):
    """A linear model: logistic for classes, least squares for values; L2 or mixed L1 and L2 penalty.

    Of quantiles there is one for each level, with an L2 penalty.

    Params: `C`, the inverse strength of the penalty as scikit-learn's logistic regression has it; `kind`, "ridge" or
    "elastic_net" with even parts of L1 and L2.
    """

    tolerance = TOLERANCE

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._task = request.task
        self._strength = float(request.params.get("C", 1.0))
        self._kind = str(request.params.get("kind", "ridge"))
        self._terms: LinearTerms | None = None
        self._classes: Array | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Fit until converged, out of iterations, or out of time."""
        matrix = as_matrix(train.features)
        codec = self._codec = OutputCodec.of(train, context.objective)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # stopping before convergence is meant
            if codec.quantiles:
                target = codec.to(train.target)
                penalty = 1.0 / self._strength
                self._terms = fit_quantiles(matrix, target, codec.quantiles, penalty, train.weights, context)
            elif not codec.classes:
                model = self._regression(matrix, context)
                model.fit(matrix, codec.to(train.target).astype(np.float32), sample_weight=train.weights)
                self._terms = LinearTerms.of(model)
            elif not codec.one_class:
                self._tell_classes(matrix, train, context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        codec = self.codec
        if self._terms is None:
            return codec.constant(features.shape[0])
        values = self._terms.values(as_matrix(features))
        if not codec.classes:
            alone = not codec.quantiles and not self._task.targets
            return codec.back(values[:, :1] if alone else values, bounded=True)
        found = spread_classes(class_probabilities(values), self._classes, self._task.n_outputs)
        return codec.back(found.astype(np.float64))

    def _tell_classes(self, matrix: Any, train: Dataset, context: FitContext) -> None:
        """Fit on the features of the rows of `train`, which are of two classes at least."""
        model = self._logistic(context.seed)
        iterate(model, matrix, train, MAX_ITERATIONS[self._kind], context)
        self._terms, self._classes = LinearTerms.of(model), model.classes_

    def _logistic(self, seed: int) -> Any:
        from sklearn.linear_model import LogisticRegression

        mixed = {"solver": "saga", "l1_ratio": 0.5, "random_state": seed} if self._kind == "elastic_net" else {}
        return LogisticRegression(C=self._strength, tol=self.tolerance, warm_start=True, **mixed)

    def _regression(self, matrix: Any, context: FitContext) -> Any:
        from sklearn.linear_model import ElasticNet, Ridge

        if self._kind == "ridge":
            wide = matrix.shape[1] > 2000  # the exact solution takes time that grows with the cube of the width
            solver = {"solver": "sparse_cg", "max_iter": MAX_ITERATIONS["ridge"]} if wide else {}
            return Ridge(alpha=1.0 / self._strength, **solver)
        penalty = 1.0 / (self._strength * matrix.shape[0])
        passes = affordable(1e-9 * matrix.shape[0] * matrix.shape[1], MAX_ITERATIONS["elastic_net"], context)
        return ElasticNet(alpha=penalty, l1_ratio=0.5, max_iter=passes, tol=TOLERANCE)


def linear_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    cells, outputs = float(size.n_rows) * size.n_features, max(1, size.task.n_outputs - 1)
    if levels_of(size.task):
        seconds = 4e-7 * cells * (1 + outputs)
    elif not size.task.has_classes:
        seconds = 4e-9 * cells * max(1, len(size.task.targets)) + 1.5e-10 * cells * min(size.n_features, 2000)
    elif size.params.get("kind") == "elastic_net":
        seconds = 5e-7 * cells * (outputs + 1)
    else:
        seconds = 3e-8 * cells * (0.5 + 0.5 * outputs)
    return Resources(seconds=0.01 + seconds, memory_mb=20 + cells * 12 / 2**20)


LINEAR = ModelSpec(
    name="linear",
    build=LinearLearner,
    tasks=WITH_QUANTILES | {MULTIOUTPUT_REGRESSION},
    space={
        "C": Float(1e-3, 1e3, log=True),
        "kind": Choice(("ridge", "elastic_net")),
        "prepare.numeric": Choice(("standard", "quantile", "robust")),
        "prepare.categorical": Choice(("auto", "one_hot", "target_encoding")),
    },
    defaults=(
        {"C": 1.0, "kind": "ridge", "prepare.numeric": "standard", "prepare.categorical": "auto"},
        {"C": 0.02, "kind": "ridge", "prepare.numeric": "quantile", "prepare.categorical": "one_hot"},
        {"C": 30.0, "kind": "ridge", "prepare.numeric": "quantile", "prepare.categorical": "target_encoding"},
        {"C": 0.1, "kind": "elastic_net", "prepare.numeric": "standard", "prepare.categorical": "one_hot"},
    ),
    accepts_sparse=True,
    scaling="standard",
    requires=("sklearn",),
    preload=("sklearn.linear_model", __name__),
    resources=linear_resources,
)


class TextLinearLearner(LinearLearner):
    """The linear model, fitted more exactly: rows of length 1 have small gradients, at which it would stop too soon.

    Of `kind` "support_vectors" classes are told apart by linear support vectors, each from all others; values are
    predicted by a ridge whatever the kind.
    """

    tolerance = 1e-5
    _margins: Margins | None = None

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        super().__init__(request)
        self._has_margins = self._kind == SUPPORT_VECTORS
        self._kind = "ridge" if self._has_margins else self._kind

    def _tell_classes(self, matrix: Any, train: Dataset, context: FitContext) -> None:
        if self._has_margins:
            self._margins = fit_terms(_as_csr(matrix), train, self._strength, context)
        else:
            super()._tell_classes(matrix, train, context)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if self._margins is None:
            return super().predict(features)
        found = self._margins.probabilities(_as_csr(as_matrix(features)))
        return self.codec.back(spread_classes(found, self._margins.classes, self._task.n_outputs))


def _as_csr(matrix: Any) -> Any:
    from scipy.sparse import csr_matrix

    return csr_matrix(matrix)


def text_linear_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold; counting the words, once a fold, is most of it."""
    model = linear_resources(replace(size, n_features=size.n_features + TERMS))
    seconds = model.seconds
    if size.params.get("kind") == SUPPORT_VECTORS and size.task.has_classes:
        has_runs = size.n_rows * size.task.n_outputs <= MOST_CELLS_OF_RUNS
        terms = (TERMS_OF_WORD if has_runs else PAIRS_OF_WORD) * min(size.words, MOST_WORDS)
        numbers = size.n_rows * (size.n_features + terms)
        seconds = margin_seconds(numbers, size.task.n_outputs)
    return Resources(seconds=seconds + WORDS_SECONDS * size.n_rows, memory_mb=100 + model.memory_mb)


def text_linear_limits(size: FitSize) -> str:
    """Refuse a logistic model of many classes."""
    count = size.task.n_outputs
    if size.params.get("kind") == SUPPORT_VECTORS or not size.task.has_classes or count <= FEW_CLASSES:
        return ""
    return f"a logistic model of {count} classes takes long; kind='{SUPPORT_VECTORS}' is quicker and tells them better"


def _of_text(text: str, strength: float, categories: str = "auto", kind: str = "ridge") -> dict[str, Any]:
    """Return a configuration: how text is weighed, C, and how categories beside it are encoded."""
    kept = {"kind": kind, "prepare.numeric": "standard", "prepare.categorical": categories}
    return {"C": strength, "prepare.text": text, **kept}


TEXT_LINEAR = replace(
    LINEAR,
    name="text_linear",
    build=TextLinearLearner,
    space={
        **LINEAR.space,
        "C": Float(0.03, 300.0, log=True),
        "kind": Choice(("ridge", SUPPORT_VECTORS)),
        "prepare.text": Choice(("word_ratios", "tfidf", "character_tfidf", "words_and_characters")),
    },
    defaults=(
        _of_text("word_ratios", 10.0),
        _of_text("words_and_characters", 0.5, kind=SUPPORT_VECTORS),
        _of_text("tfidf", 10.0),
        _of_text("character_tfidf", 2.0),
        _of_text("word_ratios", 1.0, "target_encoding"),
    ),
    resources=text_linear_resources,
    limits=text_linear_limits,
    needs=frozenset({ColumnKind.TEXT}),
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the linear models."""
    return (LINEAR, TEXT_LINEAR)
