"""Methods: what a fitted `AutoML` tells about itself: importance, explanations, plots, a report, a model card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from automl.fitted_attributes import FittedAttributes


class Reporter(FittedAttributes):
    """An estimator that tells of its fit; each method asks one function, of the module that it imports."""

    # --- explanations

    def feature_importance(
        self,
        data: Any = None,
        y: Any = None,
        *,
        groups: Any = None,
        repeats: int = 5,
        max_rows: int = 2_000,
        time_limit: float | None = None,
    ) -> pd.DataFrame:
        """Return by how much the score falls where a column is shuffled, the most important column first.

        data, y : rows with their target, as in `fit`. Of the table that was fitted, each row is judged by models that
            have not seen it; so it is by default, with the sample of it that the session which fitted has kept.
        groups : as in `fit`, where the metric judges by group.
        repeats, max_rows, time_limit : shuffles of each column, rows to look at, and seconds after which no further
            repeat is begun.

        Columns: feature, importance, low, high (a 95 % interval), repeats. 0 lies inside the interval of a column that
        may be of no use. Of two columns that tell the same, each may have little importance alone.
        """
        from automl.reporting.importance import Effort, permutation_importance
        from automl.reporting.labelled import labelled_of

        fitted = self._fitted()
        rows = labelled_of(fitted, data, y, groups).some(max_rows, fitted.seed)
        effort = Effort(repeats, time_limit, fitted.seed, fitted.n_jobs)
        return permutation_importance(fitted.predictor, rows, fitted.metric, effort)

    def explain(self, X: Any, *, background: Any = None, permutations: int = 4) -> Any:
        """Return Shapley values of what is predicted for some rows, as a `shap.Explanation`; needs the extra `explain`.

        X : rows to explain. background : rows whose values stand in for a column's; by default some of the fitted
            table in the session that fitted it, else some of X.
        permutations : orders in which columns are put in, twice each; more make the values more exact.
        """
        from automl.reporting.shapley import explain_rows

        return explain_rows(self._fitted(), X, background, permutations)

    # --- files

    def report(self, path: str | Path = "report.html", data: Any = None, y: Any = None, *, groups: Any = None) -> Path:
        """Write everything about the fit into one HTML file that needs no network; needs the extra `report`.

        data, y : rows with their target, as in `fit`: the report then tells how the model does on them, and measures
            importance and dependence on them. Without, it takes the sample that the session which fitted has kept, or
            what was measured before the model was saved.
        groups : as in `fit`, where the metric judges by group.
        """
        from automl.reporting.explain_model import explained_by
        from automl.reporting.html import write_report
        from automl.reporting.labelled import labelled_of
        from automl.reporting.story import tell_story

        fitted = self._fitted()
        rows = None if data is None else labelled_of(fitted, data, y, groups)
        explained = explained_by(fitted, rows)
        self._fit = replace(self._fit, explained=explained)
        return write_report(tell_story(fitted, explained, rows), path)

    def card(self, path: str | Path | None = None) -> str:
        """Return the model card, in Markdown, and write it where a path is given."""
        from automl.reporting.card import write_card
        from automl.reporting.story import tell_story

        fitted = self._fitted()
        return write_card(tell_story(fitted, fitted.explained, None), path)

    # --- plots, each a matplotlib figure; they need the extra `report`

    def plot_leaderboard(self) -> Any:
        """Return a figure of the best candidates' scores with their intervals."""
        from automl.reporting.plot_search import plot_leaderboard

        known = self._known()
        return plot_leaderboard(
            known.leaderboard, known.metric.name, known.metric.greater_is_better, known.score, known.interval
        )

    def plot_score_over_time(self) -> Any:
        """Return a figure of each candidate's score when it ended, beside the ensemble's."""
        from automl.reporting.plot_search import plot_score_over_time

        known = self._known()
        return plot_score_over_time(
            known.leaderboard, known.metric.name, known.metric.greater_is_better, known.score, known.interval
        )

    def plot_weights(self) -> Any:
        """Return a figure of the members' weights in the ensemble."""
        from automl.reporting.plot_search import plot_weights

        return plot_weights(self._known().leaderboard)

    def plot_roc(self) -> Any:
        """Return a figure of the ROC curves of the cross-fitted predictions; for classification."""
        from automl.reporting.plot_classes import plot_roc
        from automl.reporting.story import kept_review

        return plot_roc(kept_review(self._known()))

    def plot_precision_recall(self) -> Any:
        """Return a figure of precision over recall of the cross-fitted predictions; for classification."""
        from automl.reporting.plot_classes import plot_precision_recall
        from automl.reporting.story import kept_review

        return plot_precision_recall(kept_review(self._known()))

    def plot_calibration(self) -> Any:
        """Return a figure of observed shares over cross-fitted probabilities; for classification."""
        from automl.reporting.plot_classes import plot_calibration
        from automl.reporting.story import kept_review

        return plot_calibration(kept_review(self._known()))

    def plot_confusion(self) -> Any:
        """Return a figure of the confusion matrix of the cross-fitted predictions; for classification."""
        from automl.reporting.plot_classes import plot_confusion
        from automl.reporting.story import kept_review

        return plot_confusion(kept_review(self._known()))

    def plot_predicted_true(self) -> Any:
        """Return a figure of true over predicted values, cross-fitted; for regression."""
        from automl.reporting.plot_values import plot_predicted_true
        from automl.reporting.story import kept_review

        known = self._known()
        return plot_predicted_true(kept_review(known), known.task.target)

    def plot_residuals(self) -> Any:
        """Return a figure of the histogram of the cross-fitted residuals; for regression."""
        from automl.reporting.plot_values import plot_residuals
        from automl.reporting.story import kept_review

        known = self._known()
        return plot_residuals(kept_review(known), known.task.target)

    def plot_residual_bands(self) -> Any:
        """Return a figure of the spread of the residuals over the predictions; for regression."""
        from automl.reporting.plot_values import plot_residual_bands
        from automl.reporting.story import kept_review

        known = self._known()
        return plot_residual_bands(kept_review(known), known.task.target)

    def plot_slices(self) -> Any:
        """Return a figure of the slices of the table that are predicted worst."""
        from automl.reporting.plot_features import plot_slices
        from automl.reporting.story import kept_review

        return plot_slices(kept_review(self._known()))

    def plot_importance(self, importance: pd.DataFrame | None = None) -> Any:
        """Return a figure of what `feature_importance` returned, which is asked by default."""
        from automl.reporting.plot_features import plot_importance

        known = self._known()
        if importance is None:
            importance = self.feature_importance() if known.explained is None else known.explained.importance
        return plot_importance(importance, known.metric.name)

    def plot_dependence(self, column: Any, data: Any = None) -> Any:
        """Return a figure of how predictions move with a column, with curves of single rows.

        data : rows to take the other columns' values from; by default the sample of the session that fitted.
        """
        from automl.reporting.dependence import dependence_of
        from automl.reporting.plot_features import plot_dependence

        fitted = self._fitted()
        return plot_dependence(dependence_of(fitted, column, data), fitted.task)

    # --- notebooks

    def _html_repr(self) -> str:
        from automl.reporting.notebook import describe_fit, describe_options

        if self.__sklearn_is_fitted__():
            return describe_fit(self._fit)
        kind = type(self)
        return describe_options(kind.__name__, self.get_params(deep=False), kind().get_params(deep=False))

    def _repr_html_(self) -> str:
        return self._html_repr()

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:  # noqa: ARG002  asked for by IPython
        return {"text/plain": repr(self), "text/html": self._html_repr()}
