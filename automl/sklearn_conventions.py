"""scikit-learn's conventions: what its tools expect of an estimator beside its methods."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import DataConversionWarning
from sklearn.exceptions import NotFittedError as SklearnNotFittedError

from automl.errors import NotFittedError


class UnfittedError(NotFittedError, SklearnNotFittedError):  # type: ignore[misc]  # scikit-learn has no types
    """A result was asked for before `fit`; also an error of scikit-learn's, for its tools to recognise."""


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
    if is_classification is not None and tags.estimator_type is None:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags.estimator_type = "classifier" if is_classification else "regressor"
        tags.classifier_tags = ClassifierTags() if is_classification else None
        tags.regressor_tags = None if is_classification else RegressorTags()
    return tags
