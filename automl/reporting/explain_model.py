"""Explain a model: importance and dependence, measured together on the same rows."""

from __future__ import annotations

from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.reporting.dependence import partial_dependence
from automl.reporting.importance import permutation_importance
from automl.reporting.labelled import Labelled
from automl.vocabulary.explained import Dependence, Explained

IMPORTANCE_ROWS, IMPORTANCE_SECONDS = 1_000, 60.0
LEADING = 6
"""Features whose dependence is drawn."""


def explain_model(predictor: Predictor, rows: Labelled, metric: MetricSpec, *, seed: int, n_jobs: int) -> Explained:
    """Measure the importance of every column, and the dependence on the leading ones that can be drawn."""
    few = rows.some(IMPORTANCE_ROWS, seed)
    importance = permutation_importance(predictor, few, metric, time_limit=IMPORTANCE_SECONDS, seed=seed, n_jobs=n_jobs)
    leading = importance.loc[importance["importance"] > 0, "feature"].tolist()
    drawn: list[Dependence] = []
    for name in leading:
        if len(drawn) == LEADING:
            break
        drawn += partial_dependence(predictor, few.features, few.stored, [name], seed=seed)
    return Explained(importance, tuple(drawn), few.origin, len(few.target))
