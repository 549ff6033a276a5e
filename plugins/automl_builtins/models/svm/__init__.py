"""Kernel machines: support vector regression, and linear models on Nystroem's features of the kernel.

With the RBF kernel values on few rows are fitted by exact support vector regression. Classes, and values on many rows,
are fitted by logistic or ridge regression on the kernel's features of sampled rows (Williams and Seeger, 2001): their
probabilities need no calibration, and their cost grows with the number of rows rather than with its square.
"""

from __future__ import annotations

from automl.plugin_api import (
    Choice,
    FitSize,
    Float,
    ModelSpec,
    Resources,
    hookimpl,
)
from automl_builtins.models.svm.learner import (
    EXACT_ROWS,
    LANDMARKS,
    SupportVectorLearner,
    exact_seconds,
    landmark_seconds,
)

MOST_ROWS, MOST_CLASSES = 200_000, 100


def support_vector_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    outputs = size.task.n_outputs
    if size.params.get("kernel", "rbf") == "linear":
        seconds = 2e-7 * size.n_rows * size.n_features * (1 + 0.5 * outputs)
        return Resources(seconds=0.02 + seconds, memory_mb=20 + 16 * size.n_rows * size.n_features / 2**20)
    megabytes = 120 + (8 if size.task.has_classes else 16) * size.n_rows * LANDMARKS / 2**20
    if size.n_rows <= EXACT_ROWS and not size.task.has_classes:
        return Resources(0.02 + exact_seconds(size.n_rows, size.n_features), memory_mb=megabytes)
    seconds = landmark_seconds(size.n_rows, size.n_features, outputs, min(size.n_rows, LANDMARKS))
    return Resources(0.1 + seconds, memory_mb=megabytes)


def support_vector_limits(size: FitSize) -> str:
    """Tell why a fit of this size makes no sense."""
    if size.n_rows > MOST_ROWS:
        return f"{size.n_rows} rows; support vector machines take up to {MOST_ROWS}"
    if size.task.n_outputs > MOST_CLASSES:
        return f"{size.task.n_outputs} classes; support vector machines take up to {MOST_CLASSES}"
    return ""


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
    preload=("sklearn.svm", __name__),
    resources=support_vector_resources,
    limits=support_vector_limits,
    keeps_rows=True,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer support vector machines."""
    return (SVM,)
