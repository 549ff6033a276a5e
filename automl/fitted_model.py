"""Fitted: all that a fit leaves, in one frozen record, which saving, reports, model cards and competitions take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from automl.fitted.by_target import Calibrated
from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.steps.plan.parse_values import parse_jobs
from automl.vocabulary.arrays import Array
from automl.vocabulary.explained import Explained
from automl.vocabulary.labels import label_array
from automl.vocabulary.profile import TableProfile
from automl.vocabulary.review import Looked
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Fitted:
    """All that a fit leaves.

    score: cross-fitted, in the metric's own direction; interval: where the score of new rows lies, 95 times in 100.
    ensemble: which kind was chosen. notes: what a user should know, as sentences. leaderboard, failures, audit: frames
    with the columns that `automl.report` names. profile: of the fitted table. looked: what was kept of predictions and
    rows, None for a model of an older version; calibrated: what makes intervals or sets, None where nothing does;
    explained: what has been measured since, None where nothing has.
    versions: of the packages that fitted, where the model was loaded; none where they are those installed here.
    kind, options: the estimator's class and options; an estimator fills them in where it hands the record on, as they
    may be set after the fit.
    """

    predictor: Predictor
    metric: MetricSpec
    score: float
    interval: tuple[float, float]
    ensemble: str
    notes: tuple[str, ...]
    leaderboard: pd.DataFrame
    failures: pd.DataFrame
    audit: pd.DataFrame
    profile: TableProfile
    looked: Looked | None = None
    calibrated: Calibrated | None = None
    explained: Explained | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    kind: str = "AutoML"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def schema(self) -> Schema:
        """What each column was taken for."""
        return self.predictor.schema

    @property
    def task(self) -> Task:
        """What is predicted."""
        return self.predictor.task

    @cached_property
    def labels(self) -> Array:
        """The classes' labels, `(n_classes,)`, with the type that the target had; none for a regression."""
        return label_array(self.task.classes)

    @property
    def seed(self) -> int:
        """The seed of the fit; 0 where it was drawn from a generator, which is not to be drawn from again."""
        return seed_of(self.options)

    @property
    def n_jobs(self) -> int:
        """How many cores the option asks for."""
        return parse_jobs(self.options.get("n_jobs"))


def seed_of(options: Mapping[str, Any]) -> int:
    """Return the seed among an estimator's options; 0 where it is to be drawn from a generator."""
    given: Any = options.get("random_state")
    return int(given) if hasattr(given, "__index__") else 0
