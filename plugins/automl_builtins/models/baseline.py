"""Baseline: the class shares, the mean or the quantiles of the training rows, for every table and in no time."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import (
    Array,
    BuildRequest,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    FitSize,
    ModelSpec,
    Resources,
    hookimpl,
)
from automl_builtins.kinds import SEVERAL
from automl_builtins.models._shared.class_shares import class_shares
from automl_builtins.models._shared.levels import WITH_QUANTILES, levels_of
from automl_builtins.models._shared.sample_quantiles import quantiles_of


class BaselineLearner:
    """Predicts the same for every row."""

    def __init__(self, request: BuildRequest) -> None:  # noqa: ARG002  it has no hyperparameters
        """Nothing is fitted yet."""
        self._outputs: Array | None = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  nothing to tune
        """Keep the weighted class shares, one row added to every class, or the weighted mean, or quantiles."""
        parts = [_middle(each) for each in train.by_target()]
        widths = [block.width for block in train.task.blocks]
        self._outputs = np.concatenate([part[-width:] for part, width in zip(parts, widths, strict=True)])

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        if self._outputs is None:
            raise RuntimeError("predict was called before fit.")
        return np.tile(self._outputs, (features.shape[0], 1))


def _middle(train: Dataset) -> Array:
    """Return the class shares of one target, or its mean or quantiles."""
    if train.task.has_classes:
        return class_shares(train)
    if levels_of(train.task):
        return quantiles_of(train.target, np.asarray(levels_of(train.task)), train.weights)
    return np.array([np.average(train.target, weights=train.weights)])


def baseline_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold: one pass over the target."""
    return Resources(seconds=0.001 + 2e-8 * size.n_rows, memory_mb=1.0 + 1e-5 * size.n_rows)


BASELINE = ModelSpec(
    name="baseline",
    build=BaselineLearner,
    tasks=WITH_QUANTILES | SEVERAL,
    accepts=frozenset(ColumnKind) - {ColumnKind.IGNORED},
    accepts_missing=True,
    resources=baseline_resources,
    role="constant",
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the baseline."""
    return (BASELINE,)
