"""Kernel ridge regression with a learned metric, for some thousand rows: a recursive feature machine."""

from __future__ import annotations

from automl.plugin_api import Choice, FitSize, Float, ModelSpec, Resources, hookimpl
from automl_builtins.kinds import WITH_SEVERAL
from automl_builtins.models.kernel_ridge.learner import KernelRidgeLearner, fit_seconds

MOST_ROWS, MOST_FEATURES, MOST_OUTPUTS = 4_500, 5_000, 100


def kernel_ridge_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold: solving grows with the cube of its rows, memory with their square."""
    matrices = 4 * 8 * float(size.n_rows) ** 2
    return Resources(
        seconds=0.02 + fit_seconds(size.n_rows, size.n_features, size.task.n_outputs),
        memory_mb=20 + (matrices + 16.0 * size.n_rows * size.n_features) / 2**20,
    )


def kernel_ridge_limits(size: FitSize) -> str:
    """Tell why a fit of this size makes no sense."""
    if size.n_rows > MOST_ROWS:
        return f"{size.n_rows} rows; kernel ridge takes up to {MOST_ROWS}, as it solves with all pairs of them"
    if size.n_features > MOST_FEATURES:
        return f"{size.n_features} features; kernel ridge takes up to {MOST_FEATURES}"
    if size.task.n_outputs > MOST_OUTPUTS:
        return f"{size.task.n_outputs} outputs; kernel ridge takes up to {MOST_OUTPUTS}"
    return ""


KERNEL_RIDGE = ModelSpec(
    name="kernel_ridge",
    aliases=("rfm",),
    build=KernelRidgeLearner,
    tasks=WITH_SEVERAL,
    space={
        "width": Float(0.5, 20.0, log=True),
        "metric": Choice(("full", "diagonal")),
        "power": Float(0.3, 1.0),
        "prepare.numeric": Choice(("standard", "quantile", "robust")),
        "prepare.categorical": Choice(("auto", "one_hot", "target_encoding")),
    },
    defaults=(
        {
            "width": 5.0,
            "metric": "diagonal",
            "power": 1.0,
            "prepare.numeric": "standard",
            "prepare.categorical": "one_hot",
        },
        {
            "width": 5.0,
            "metric": "full",
            "power": 0.5,
            "prepare.numeric": "quantile",
            "prepare.categorical": "auto",
        },
    ),
    scaling="standard",
    requires=("scipy",),
    resources=kernel_ridge_resources,
    limits=kernel_ridge_limits,
    keeps_rows=True,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer kernel ridge regression."""
    return (KERNEL_RIDGE,)
