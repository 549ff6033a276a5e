"""Fitted attributes: an estimator that holds what it has fitted, and the public names under which that is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from sklearn.exceptions import NotFittedError as SklearnNotFittedError

from automl.errors import NotFittedError
from automl.estimator_options import EstimatorOptions
from automl.fitted_model import Fitted
from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.report import schema_summary
from automl.vocabulary.labels import label_array
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task


class UnfittedError(NotFittedError, SklearnNotFittedError):  # type: ignore[misc]  # scikit-learn has no types
    """A result was asked for before `fit`; also an error of scikit-learn's, for its tools to recognise."""


class FittedAttributes(EstimatorOptions):
    """An estimator whose fit is one record; each attribute that ends in `_` is read from it."""

    _fit: Fitted
    """What was fitted, without the options; it is there once something was."""

    def _fitted(self) -> Fitted:
        """Return what was fitted, with the options as they are now; an UnfittedError where nothing was."""
        return replace(self._known(), options=self.get_params(deep=False))

    def _known(self) -> Fitted:
        """Return what was fitted; an UnfittedError, which is an AttributeError, where nothing was."""
        if not self.__sklearn_is_fitted__():
            raise UnfittedError(f"This {type(self).__name__} is not fitted yet. Call fit(df, target) first.")
        return self._fit

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn's tools whether there is a fit."""
        return "_fit" in vars(self)

    @property
    def predictor_(self) -> Predictor:
        """What predicts: members, weights, preparation."""
        return self._known().predictor

    @property
    def schema_(self) -> Schema:
        """What each column was taken for, as records."""
        return self._known().schema

    @property
    def task_(self) -> Task:
        """What is predicted."""
        return self._known().task

    @property
    def classes_(self) -> Any:
        """The labels of a classification, in the order of `predict_proba`; an AttributeError for a regression.

        Of several targets a list of those of each that has classes.
        """
        task = self._known().task
        if not task.has_some_classes:
            raise AttributeError("classes_ is for classification; this is a regression.")
        return [label_array(each.classes) for each in task.targets if each.classes] or self._fit.labels

    @property
    def metric_spec_(self) -> MetricSpec:
        """The metric."""
        return self._known().metric

    @property
    def metric_(self) -> str:
        """The metric's name."""
        return self._known().metric.name

    @property
    def score_(self) -> float:
        """The ensemble's cross-fitted score, on rows that neither its members nor its weights have seen."""
        return self._known().score

    @property
    def interval_(self) -> tuple[float, float]:
        """Where the score of new rows lies, 95 times in 100, for a test table a quarter as long as the fitted one."""
        return self._known().interval

    @property
    def ensemble_(self) -> str:
        """Which kind of ensemble was chosen, or the names of those that are averaged, with " + " between them."""
        return self._known().ensemble

    @property
    def notes_(self) -> tuple[str, ...]:
        """What a user should know of this fit, as sentences."""
        return self._known().notes

    @property
    def audit_(self) -> pd.DataFrame:
        """What was noticed about the table before any fit, one row a finding."""
        return self._known().audit

    @property
    def n_features_in_(self) -> int:
        """How many columns of features were given."""
        return len(self._known().schema.given)

    @property
    def schema_summary_(self) -> pd.DataFrame:
        """What each column was taken for, and why some are ignored."""
        return schema_summary(self._known().schema)

    def leaderboard(self) -> pd.DataFrame:
        """Return one row a candidate: model, score, weight in the ensemble, status, seconds, parameters."""
        return self._known().leaderboard.copy()

    def failures(self) -> pd.DataFrame:
        """Return whatever did not run or broke: model, stage, cause, how often, and the first traceback."""
        return self._known().failures.copy()
