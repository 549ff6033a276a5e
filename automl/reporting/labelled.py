"""Labelled rows: a table with its target, predicted by models that have not seen it where that can be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError
from automl.fitted_model import Fitted
from automl.given_rows import features_and_values, features_of, groups_of
from automl.plugin_api.scoring import draw_groups
from automl.predictor import Predictor
from automl.steps.plan.read_targets import encode_targets
from automl.steps.review.keep_rows import fingerprint_rows
from automl.table.columns.encode_table import encode_table
from automl.table.take_table import known_rows
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.review import KnownRows, SampledRows

OUT_OF_FOLD = "rows of the fitted table, each predicted by models that have not seen it"
SEEN = "rows of the fitted table, which the models have seen: scores and importance on them are optimistic"
GIVEN = "rows given for it"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows with their target.

    features: the user's columns; stored: the same, encoded; folds: for each row the fold whose models have not seen
    it, None where all models predict; origin: in words, whose rows they are; groups: for metrics that judge by group.
    """

    features: pd.DataFrame
    stored: pd.DataFrame
    target: Array
    folds: Array | None
    origin: str
    groups: Array | None = None

    def some(self, most: int, seed: int) -> Labelled:
        """Return at most so many of the rows, drawn at random; whole groups, where there are some."""
        if len(self.target) <= most:
            return self
        rng = np.random.default_rng([seed, 701])
        if self.groups is not None:
            rows = draw_groups(self.groups, most, rng)
        else:
            rows = np.sort(rng.choice(np.arange(len(self.target)), most, replace=False))
        return Labelled(
            self.features.iloc[rows].reset_index(drop=True),
            self.stored.iloc[rows].reset_index(drop=True),
            self.target[rows],
            None if self.folds is None else self.folds[rows],
            self.origin,
            None if self.groups is None else self.groups[rows],
        )

    def parts(self, predictor: Predictor) -> Iterator[tuple[Predictor, Rows]]:
        """Yield predictors with the positions of the rows that each is to predict."""
        if self.folds is None:
            yield predictor, np.arange(len(self.target))
            return
        for fold in np.unique(self.folds).tolist():
            yield predictor.without_seen(fold), np.flatnonzero(self.folds == fold)


def labelled_of(fitted: Fitted, data: Any, y: Any = None, groups: Any = None) -> Labelled:
    """Return rows with their target: those given, or the sample that is there in the session that fitted."""
    looked = fitted.looked
    if data is not None:
        features, values = features_and_values(fitted, data, y)
        there = known_rows(values)
        target = encode_targets(values[there], fitted.task)
        numbers = groups_of(fitted, data, groups)
        numbers = None if numbers is None else numbers[there]
        return label_rows(fitted.predictor, features[there], target, None if looked is None else looked.known, numbers)
    if looked is None or looked.sample is None:
        raise InputError(
            "A loaded model holds no rows; expected rows with their target. Give the fitted table, or other rows "
            "that are labelled."
        )
    return label_sample(fitted.predictor, looked.sample)


def rows_to_vary(fitted: Fitted, data: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows, without a target, as features and encoded: those given, or the sample."""
    if data is None:
        rows = labelled_of(fitted, None)
        return rows.features, rows.stored
    features = features_of(fitted, data).reset_index(drop=True)
    return features, encode_table(features, fitted.schema)


def label_rows(
    predictor: Predictor, features: pd.DataFrame, target: Array, known: KnownRows | None, groups: Array | None = None
) -> Labelled:
    """Return a table's rows; one that is known again as the fitted table gets the fold of each row."""
    if not len(features):
        raise InputError("Found a table without rows; expected some with their target, to measure on.")
    features = features.reset_index(drop=True)
    stored, columns = encode_table(features, predictor.schema), predictor.schema.columns
    if known is None or known.n_rows != len(target) or fingerprint_rows(stored, target, columns) != known.fingerprint:
        return Labelled(features, stored, target, None, GIVEN, groups)
    if not has_fold_models(predictor, known.folds):
        return Labelled(features, stored, target, None, SEEN, groups)
    covered = np.flatnonzero(known.folds >= 0)
    return Labelled(
        features.iloc[covered].reset_index(drop=True),
        stored.iloc[covered].reset_index(drop=True),
        target[covered],
        known.folds[covered],
        OUT_OF_FOLD,
        None if groups is None else groups[covered],
    )


def label_sample(predictor: Predictor, sample: SampledRows) -> Labelled:
    """Return the rows that the session which fitted has kept."""
    stored = encode_table(sample.features, predictor.schema)
    if has_fold_models(predictor, sample.folds):
        return Labelled(sample.features, stored, sample.target, sample.folds, OUT_OF_FOLD, sample.groups)
    return Labelled(sample.features, stored, sample.target, None, SEEN, sample.groups)


def has_fold_models(predictor: Predictor, folds: Array) -> bool:
    """Tell whether each member has a model for each fold that validates rows."""
    n_folds = int(folds.max(initial=-1)) + 1
    return n_folds > 0 and all(len(member.fold_models) >= n_folds for member in predictor.members)
