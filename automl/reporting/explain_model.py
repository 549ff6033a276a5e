"""Explain a model: importance and dependence, measured together on the same rows."""

from __future__ import annotations

from automl.fitted_model import Fitted
from automl.reporting.dependence import partial_dependence
from automl.reporting.importance import Effort, permutation_importance
from automl.reporting.labelled import Labelled, labelled_of
from automl.vocabulary.explained import Dependence, Explained

IMPORTANCE_ROWS, IMPORTANCE_SECONDS = 1_000, 60.0
LEADING = 6
"""Features whose dependence is drawn."""


def explained_by(fitted: Fitted, rows: Labelled | None) -> Explained | None:
    """Return importance and dependence: of the given rows, as kept, or of the sample; None where none is there."""
    if rows is None and fitted.explained is not None:
        return fitted.explained
    if rows is None:
        if fitted.looked is None or fitted.looked.sample is None:
            return None
        rows = labelled_of(fitted, None)
    return explain_model(fitted, rows)


def explain_model(fitted: Fitted, rows: Labelled) -> Explained:
    """Measure the importance of every column, and the dependence on the leading ones that can be drawn."""
    predictor, seed = fitted.predictor, fitted.seed
    few = rows.some(IMPORTANCE_ROWS, seed)
    effort = Effort(time_limit=IMPORTANCE_SECONDS, seed=seed, n_jobs=fitted.n_jobs)
    importance = permutation_importance(predictor, few, fitted.metric, effort)
    leading = importance.loc[importance["importance"] > 0, "feature"].tolist()
    drawn: list[Dependence] = []
    for name in leading:
        if len(drawn) == LEADING:
            break
        drawn += partial_dependence(predictor, few.features, few.stored, [name], seed=seed)
    return Explained(importance, tuple(drawn), few.origin, len(few.target))
