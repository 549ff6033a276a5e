"""scikit-learn's conventions: what its tools expect of an estimator beside its methods."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import DataConversionWarning

from automl.fitted_attributes import FittedAttributes
from automl.rank_rows import can_rank
from automl.steps.plan.options import OPTIONS
from automl.vocabulary.arrays import Array
from automl.vocabulary.portable import Portable

CLASSIFIER, REGRESSOR = "classifier", "regressor"
ESTIMATORS = {
    "classification": CLASSIFIER, "binary": CLASSIFIER, "multiclass": CLASSIFIER, "regression": REGRESSOR,
}  # fmt: skip
"""What scikit-learn calls an estimator of the tasks that come with the engine, by the option `task`."""
OWN_MADE = tuple(option.name for option in OPTIONS.values() if option.of_user)
"""Options that may hold functions and objects of a user's own."""


class Conventional(FittedAttributes):
    """An estimator that keeps what scikit-learn's tools ask for beside its methods."""

    _task_option: str | None = None
    """What a class of its own for a task settles in place of the option `task`."""

    @property
    def feature_names_in_(self) -> Array:
        """The names of the feature columns; those of the schema, whatever a tool such as shap sets them to."""
        return np.asarray(self._known().schema.given, dtype=object)

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
        super().__setstate__(taken)

    def set_output(self, *, transform: str | None = None) -> Any:
        """Say what `predict` gives of several targets: "pandas" or "polars" for a frame, "default" for an array.

        None leaves it as it is. Where nothing was said scikit-learn's own setting counts, `set_config`.
        """
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def _output_kind(self) -> str:
        from sklearn import get_config

        said = getattr(self, "_sklearn_output_config", {}).get("transform")
        return str(said or get_config()["transform_output"])

    def _asked_task(self) -> str | None:
        """Return the task that was asked for, None where it is to be found."""
        return self._task_option or self.task

    def _kind_of_estimator(self) -> str | None:
        """Return what scikit-learn calls an estimator of the task; None where only the fit will tell."""
        if self.__sklearn_is_fitted__():
            task = self._fit.task
            return CLASSIFIER if task.has_only_classes else None if task.has_some_classes else REGRESSOR
        return ESTIMATORS.get(self._asked_task() or "")

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn's tools what is taken and predicted."""
        tags = super().__sklearn_tags__()
        return describe_estimator(tags, self._kind_of_estimator())


def gives_probabilities(model: Conventional) -> bool:
    """Tell scikit-learn's tools whether there is a `predict_proba`; an AttributeError where there is none."""
    if model._kind_of_estimator() == REGRESSOR:
        raise AttributeError("predict_proba is for classification; this is a regression. Use predict.")
    return True


def ranks_rows(model: Conventional) -> bool:
    """Tell whether there is a `rank`: where a fitted task has scores; before a fit only the fit will tell."""
    return not model.__sklearn_is_fitted__() or can_rank(model._fit.task)


def share_of_hits(values: Any, predicted: Any, weights: Any) -> float:
    """Return the share of right labels, which is how scikit-learn scores classes; of several targets all are right."""
    labels = values if values.ndim == 1 else map(list, values.itertuples(index=False, name=None))
    hits = [found == label for found, label in zip(np.asarray(predicted).tolist(), labels, strict=True)]
    return float(np.average(hits, weights=weights))


def explained_share(target: Array, predicted: Array, weights: Any) -> float:
    """Return r2, which is how scikit-learn scores numbers."""
    from sklearn.metrics import r2_score

    return float(r2_score(target, predicted, sample_weight=weights))


def warn_of_column(target: Any) -> None:
    """Warn of a target with two dimensions, as scikit-learn's own estimators do; it is taken as one column."""
    shape: Any = getattr(target, "shape", ())
    if len(shape) == 2 and shape[1] == 1:
        message = "A column-vector y was passed when a 1d array was expected. Use y.ravel(), or the name of its column."
        warnings.warn(message, DataConversionWarning, stacklevel=3)


def describe_estimator(tags: Any, kind: str | None) -> Any:
    """Say in an estimator's tags what it takes, and what it predicts where that is known."""
    tags.target_tags.required = True
    tags.input_tags.allow_nan = True
    tags.input_tags.string = True
    tags.input_tags.sparse = True
    if kind is not None and tags.estimator_type is None:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags.estimator_type = kind
        tags.classifier_tags = ClassifierTags() if kind == CLASSIFIER else None
        tags.regressor_tags = RegressorTags() if kind == REGRESSOR else None
    return tags
