"""Explained: importance and dependence of a model, measured together and kept for its report."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.reporting.dependence import Dependence, partial_dependence
from automl.reporting.importance import permutation_importance
from automl.reporting.labelled import Labelled

IMPORTANCE_ROWS, IMPORTANCE_SECONDS = 1_000, 60.0
LEADING = 6
"""Features whose dependence is drawn."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What was measured on some rows, none of which is in here; `origin` says whose rows they were."""

    importance: pd.DataFrame
    dependence: tuple[Dependence, ...]
    origin: str
    n_rows: int


def explain_model(predictor: Predictor, rows: Labelled, metric: MetricSpec, *, seed: int, n_jobs: int) -> Explained:
    """Measure the importance of every column, and the dependence on the leading ones that can be drawn."""
    few = rows.some(IMPORTANCE_ROWS, seed)
    importance = permutation_importance(
        predictor, few, metric, time_limit=IMPORTANCE_SECONDS, seed=seed, n_jobs=n_jobs
    )
    leading = importance.loc[importance["importance"] > 0, "feature"].tolist()
    drawn: list[Dependence] = []
    for name in leading:
        if len(drawn) == LEADING:
            break
        drawn += partial_dependence(predictor, few.features, few.stored, [name], seed=seed)
    return Explained(importance, tuple(drawn), few.origin, len(few.target))
