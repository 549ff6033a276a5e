"""scikit-learn's conventions: what its tools expect of an estimator beside its methods."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import DataConversionWarning
from sklearn.exceptions import NotFittedError as SklearnNotFittedError

from automl.errors import NotFittedError
from automl.steps.plan.infer_task import encode_labels
from automl.vocabulary.arrays import Array
from automl.vocabulary.portable import Portable

if TYPE_CHECKING:
    import pandas as pd

    from automl.vocabulary.schema import Schema
    from automl.vocabulary.task import Task

OWN_MADE = ("metric", "cv", "plugins")
"""Options that may hold functions and objects of a user's own."""


class UnfittedError(NotFittedError, SklearnNotFittedError):  # type: ignore[misc]  # scikit-learn has no types
    """A result was asked for before `fit`; also an error of scikit-learn's, for its tools to recognise."""


class Conventional:
    """The part of `AutoML` that scikit-learn's tools ask for; kept apart so that `estimator.py` has one job."""

    _task_option: str | None = None

    if TYPE_CHECKING:
        schema_: Schema
        task_: Task
        task: Any

    @property
    def feature_names_in_(self) -> Array:
        """The names of the feature columns; those of the schema, whatever a tool such as shap sets them to."""
        return np.asarray(self.schema_.given, dtype=object)

    @feature_names_in_.setter
    def feature_names_in_(self, names: Any) -> None:
        """Pass over what a tool sets: shap sets None so that scikit-learn's own estimators do not warn."""

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled; functions and objects of a user's own go along with their code."""
        state: Any = super().__getstate__()
        return {name: Portable(each) if name in OWN_MADE else each for name, each in state.items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what `__getstate__` returned."""
        taken = {name: each.value if isinstance(each, Portable) else each for name, each in state.items()}
        super().__setstate__(taken)  # type: ignore[misc]  # scikit-learn's, which has no types

    def _is_classification(self) -> bool | None:
        """Tell whether classes are predicted; None where only the target will tell."""
        if hasattr(self, "task_"):
            return self.task_.kind.is_classification
        task = self._task_option or self.task
        return None if task in (None, "auto") else task != "regression"

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn's tools what is taken and predicted."""
        tags = super().__sklearn_tags__()  # type: ignore[misc]  # scikit-learn's, which has no types
        return describe_estimator(tags, self._is_classification())


class _Scored:
    if TYPE_CHECKING:
        task_: Task

        def _check_fitted(self) -> None: ...
        def predict(self, X: Any) -> Array: ...
        def _features_and_values(self, X: Any, y: Any) -> tuple[pd.DataFrame, pd.Series]: ...


class ScoredAsClassifier(_Scored):
    """Scores as scikit-learn's classifiers do, by a target that may be named as in `fit`."""

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the share of right labels on new rows."""
        self._check_fitted()
        features, values = self._features_and_values(X, y)
        hits = [found == label for found, label in zip(self.predict(features).tolist(), values, strict=True)]
        return float(np.average(hits, weights=sample_weight))


class ScoredAsRegressor(_Scored):
    """Scores as scikit-learn's regressors do, by a target that may be named as in `fit`."""

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return r2 on new rows."""
        from sklearn.metrics import r2_score

        self._check_fitted()
        features, values = self._features_and_values(X, y)
        target = encode_labels(values, self.task_)
        return float(r2_score(target, self.predict(features), sample_weight=sample_weight))


def gives_probabilities(model: Conventional) -> bool:
    """Tell scikit-learn's tools whether there is a `predict_proba`; an AttributeError where there is none."""
    if model._is_classification() is False:
        raise AttributeError("predict_proba is for classification; this is a regression. Use predict.")
    return True


def reread(cv: Any) -> Any:
    """Return a generator of folds as a list: it can be read once, and each fit reads it, as does each copy."""
    return list(cv) if isinstance(cv, Iterator) else cv


def warn_of_column(target: Any) -> None:
    """Warn of a target with two dimensions, as scikit-learn's own estimators do; it is taken as one column."""
    shape: Any = getattr(target, "shape", ())
    if len(shape) == 2 and shape[1] == 1:
        message = "A column-vector y was passed when a 1d array was expected. Use y.ravel(), or the name of its column."
        warnings.warn(message, DataConversionWarning, stacklevel=3)


def describe_estimator(tags: Any, is_classification: bool | None) -> Any:
    """Say in an estimator's tags what it takes, and what it predicts where that is known."""
    tags.target_tags.required = True
    tags.input_tags.allow_nan = True
    tags.input_tags.string = True
    tags.input_tags.sparse = True
    if is_classification is not None and tags.estimator_type is None:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags.estimator_type = "classifier" if is_classification else "regressor"
        tags.classifier_tags = ClassifierTags() if is_classification else None
        tags.regressor_tags = None if is_classification else RegressorTags()
    return tags
