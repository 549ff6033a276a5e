"""Methods: what a fitted `AutoML` tells about itself: importance, explanations, plots, a report, a model card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.errors import InputError
from automl.steps.plan.infer_task import encode_labels
from automl.steps.plan.parse_settings import parse_jobs
from automl.table.take_target import column_name
from automl.vocabulary.review import Looked, Review

if TYPE_CHECKING:
    import pandas as pd

    from automl.plugin_api.specs import MetricSpec
    from automl.predictor import Predictor
    from automl.reporting.labelled import Labelled
    from automl.vocabulary.explained import Explained
    from automl.vocabulary.task import Task


class Reporter:
    """The part of `AutoML` that looks at what was fitted; kept apart so that `estimator.py` has one job."""

    if TYPE_CHECKING:
        predictor_: Predictor
        metric_spec_: MetricSpec
        task_: Task
        metric_: str
        score_: float
        interval_: tuple[float, float]
        n_jobs: Any
        random_state: Any
        _looked: Looked | None
        _explained: Explained | None

        def _check_fitted(self) -> None: ...
        def _as_features(self, X: Any) -> pd.DataFrame: ...
        def _features_and_values(self, X: Any, y: Any) -> tuple[pd.DataFrame, pd.Series]: ...
        def _fitted_with(self) -> Mapping[str, str]: ...
        def leaderboard(self) -> pd.DataFrame: ...  # noqa: D102  declared for the type checker

    # --- explanations

    def feature_importance(
        self,
        data: Any = None,
        y: Any = None,
        *,
        repeats: int = 5,
        max_rows: int = 2_000,
        time_limit: float | None = None,
    ) -> pd.DataFrame:
        """Return by how much the score falls where a column is shuffled, the most important column first.

        data, y : rows with their target, as in `fit`. Of the table that was fitted, each row is judged by models that
            have not seen it; so it is by default, with the sample of it that the session which fitted has kept.
        repeats, max_rows, time_limit : shuffles of each column, rows to look at, and seconds after which no further
            repeat is begun.

        Columns: feature, importance, low, high (a 95 % interval), repeats. 0 lies inside the interval of a column that
        may be of no use. Of two columns that tell the same, each may have little importance alone.
        """
        from automl.reporting.importance import permutation_importance

        seed = self._seed()
        return permutation_importance(
            self.predictor_, self._labelled(data, y).some(max_rows, seed), self.metric_spec_, repeats=repeats,
            time_limit=time_limit, seed=seed, n_jobs=parse_jobs(self.n_jobs),
        )  # fmt: skip

    def explain(self, X: Any, *, background: Any = None, permutations: int = 4) -> Any:
        """Return Shapley values of what is predicted for some rows, as a `shap.Explanation`; needs the extra `explain`.

        X : rows to explain. background : rows whose values stand in for a column's; by default some of the fitted
            table in the session that fitted it, else some of X.
        permutations : orders in which columns are put in, twice each; more make the values more exact.
        """
        from automl.reporting.shapley import shapley_values

        self._check_fitted()
        rows = self._as_features(X)
        if background is None:
            given = rows if self._looked is None or self._looked.sample is None else self._looked.sample.features
        else:
            given = self._as_features(background)
        seed = self._seed()
        return shapley_values(self.predictor_, rows, given, permutations=permutations, seed=seed)

    # --- files

    def report(self, path: str | Path = "report.html", data: Any = None, y: Any = None) -> Path:
        """Write everything about the fit into one HTML file that needs no network; needs the extra `report`.

        data, y : rows with their target, as in `fit`: the report then tells how the model does on them, and measures
            importance and dependence on them. Without, it takes the sample that the session which fitted has kept, or
            what was measured before the model was saved.
        """
        from automl.reporting.html import write_report
        from automl.reporting.story import tell_story

        rows = None if data is None else self._labelled(data, y)
        return write_report(tell_story(self, self._explanation(rows), rows), path)

    def card(self, path: str | Path | None = None) -> str:
        """Return the model card, in Markdown, and write it where a path is given."""
        from automl.reporting.card import write_card
        from automl.reporting.story import tell_story

        self._check_fitted()
        return write_card(tell_story(self, self._explained, None), path)

    # --- plots, each a matplotlib figure; they need the extra `report`

    def plot_leaderboard(self) -> Any:
        """Return a figure of the best candidates' scores with their intervals."""
        from automl.reporting.plot_search import plot_leaderboard

        board = self.leaderboard()  # which raises where nothing is fitted
        greater = self.metric_spec_.greater_is_better
        return plot_leaderboard(board, self.metric_, greater, self.score_, self.interval_)

    def plot_score_over_time(self) -> Any:
        """Return a figure of each candidate's score when it ended, beside the ensemble's."""
        from automl.reporting.plot_search import plot_score_over_time

        board = self.leaderboard()  # which raises where nothing is fitted
        greater = self.metric_spec_.greater_is_better
        return plot_score_over_time(board, self.metric_, greater, self.score_, self.interval_)

    def plot_weights(self) -> Any:
        """Return a figure of the members' weights in the ensemble."""
        from automl.reporting.plot_search import plot_weights

        return plot_weights(self.leaderboard())

    def plot_roc(self) -> Any:
        """Return a figure of the ROC curves of the cross-fitted predictions; for classification."""
        from automl.reporting.plot_classes import plot_roc

        return plot_roc(self._review())

    def plot_precision_recall(self) -> Any:
        """Return a figure of precision over recall of the cross-fitted predictions; for classification."""
        from automl.reporting.plot_classes import plot_precision_recall

        return plot_precision_recall(self._review())

    def plot_calibration(self) -> Any:
        """Return a figure of observed shares over cross-fitted probabilities; for classification."""
        from automl.reporting.plot_classes import plot_calibration

        return plot_calibration(self._review())

    def plot_confusion(self) -> Any:
        """Return a figure of the confusion matrix of the cross-fitted predictions; for classification."""
        from automl.reporting.plot_classes import plot_confusion

        return plot_confusion(self._review())

    def plot_predicted_true(self) -> Any:
        """Return a figure of true over predicted values, cross-fitted; for regression."""
        from automl.reporting.plot_values import plot_predicted_true

        return plot_predicted_true(self._review(), self.task_.target)

    def plot_residuals(self) -> Any:
        """Return a figure of the histogram of the cross-fitted residuals; for regression."""
        from automl.reporting.plot_values import plot_residuals

        return plot_residuals(self._review(), self.task_.target)

    def plot_residual_bands(self) -> Any:
        """Return a figure of the spread of the residuals over the predictions; for regression."""
        from automl.reporting.plot_values import plot_residual_bands

        return plot_residual_bands(self._review(), self.task_.target)

    def plot_slices(self) -> Any:
        """Return a figure of the slices of the table that are predicted worst."""
        from automl.reporting.plot_features import plot_slices

        return plot_slices(self._review())

    def plot_importance(self, importance: pd.DataFrame | None = None) -> Any:
        """Return a figure of what `feature_importance` returned, which is asked by default."""
        from automl.reporting.plot_features import plot_importance

        self._check_fitted()
        if importance is None:
            importance = self.feature_importance() if self._explained is None else self._explained.importance
        return plot_importance(importance, self.metric_)

    def plot_dependence(self, column: Any, data: Any = None) -> Any:
        """Return a figure of how predictions move with a column, with curves of single rows.

        data : rows to take the other columns' values from; by default the sample of the session that fitted.
        """
        from automl.reporting.dependence import partial_dependence
        from automl.reporting.plot_features import plot_dependence

        features, stored = self._rows_to_vary(data)
        found = partial_dependence(self.predictor_, features, stored, [column_name(column)], seed=self._seed())
        if not found:
            raise InputError(
                f"The dependence on {column!r} cannot be drawn: it is text, an image, not seen by any model, or has "
                f"one value in these rows. Expected a column of numbers, dates, truth values or categories."
            )
        return plot_dependence(found[0], self.task_)

    # --- notebooks

    def _html_repr(self) -> str:
        from automl.reporting.notebook import describe_model

        return describe_model(self)

    def _repr_html_(self) -> str:
        return self._html_repr()

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:  # noqa: ARG002  asked for by IPython
        return {"text/plain": repr(self), "text/html": self._html_repr()}

    # --- what there is to look at

    def _seed(self) -> int:
        """Return the seed of the fit; 0 where it was drawn from a generator, which is not to be drawn from again."""
        return int(self.random_state) if hasattr(self.random_state, "__index__") else 0

    def _review(self) -> Review:
        self._check_fitted()
        if self._looked is None or not self._looked.review.n_rows:
            raise InputError(
                "Nothing was kept of this model's cross-fitted predictions: it was saved by an older version, or see "
                "failures() for why. Fit it anew."
            )
        return self._looked.review

    def _labelled(self, data: Any, y: Any = None) -> Labelled:
        """Return rows with their target: those given, or the sample that is there in the session that fitted."""
        from automl.reporting.labelled import label_rows, label_sample

        self._check_fitted()
        known = None if self._looked is None else self._looked.known
        if data is not None:
            features, values = self._features_and_values(data, y)
            there = values.notna().to_numpy(dtype=bool)
            target = encode_labels(values[there], self.task_)
            return label_rows(self.predictor_, features[there], target, known)
        if self._looked is None or self._looked.sample is None:
            raise InputError(
                "A loaded model holds no rows; expected rows with their target. Give the fitted table, or other rows "
                "that are labelled."
            )
        return label_sample(self.predictor_, self._looked.sample)

    def _explanation(self, rows: Labelled | None) -> Explained | None:
        """Return importance and dependence: of the given rows, as kept, or of the sample; None where none is there."""
        from automl.reporting.explain_model import explain_model

        self._check_fitted()
        if rows is None and self._explained is not None:
            return self._explained
        if rows is None:
            if self._looked is None or self._looked.sample is None:
                return None
            rows = self._labelled(None)
        seed, n_jobs = self._seed(), parse_jobs(self.n_jobs)
        self._explained = explain_model(self.predictor_, rows, self.metric_spec_, seed=seed, n_jobs=n_jobs)
        return self._explained

    def _rows_to_vary(self, data: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
        from automl.table.columns.encode_table import encode_table

        if data is None:
            rows = self._labelled(None)
            return rows.features, rows.stored
        self._check_fitted()
        features = self._as_features(data).reset_index(drop=True)
        return features, encode_table(features, self.predictor_.schema)
