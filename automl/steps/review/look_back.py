"""Look back: after a search, keep what a report will need, without keeping the table."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from automl.plugin_api.specs import MetricSpec
from automl.steps.ensemble.build_ensemble import Ensemble
from automl.steps.plan.choose_metric import EVALUATED
from automl.steps.review.keep_rows import know_rows, sample_rows
from automl.steps.review.review_predictions import review_predictions
from automl.steps.score.judge import Judge
from automl.steps.trials.surroundings import Surroundings
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.results import Failure
from automl.vocabulary.review import Looked, Review
from automl.vocabulary.states import Stage

NOTHING = Review(0, "", "", float("nan"), float("nan"))


def look_back(
    dataset: Dataset,
    features: pd.DataFrame,
    ensemble: Ensemble,
    factors: Array | None,
    covered: Rows,
    around: Surroundings,
    metrics: Mapping[str, MetricSpec],
    clock: Deadline,
) -> tuple[Looked, tuple[Failure, ...]]:
    """Return the review of the ensemble's cross-fitted predictions, and what tells and samples the rows.

    `features` are the user's own columns, `covered` the rows that the predictions are for. That a review breaks costs
    the review alone: it is then empty, and a failure says why.
    """
    judge, seed = around.judge, around.settings.random_state
    known = know_rows(dataset.features, dataset.target, judge.plan, dataset.schema.columns)
    outputs = ensemble.cross_fitted
    decided = outputs if factors is None else outputs * factors
    facts = {**_facts(dataset, features, judge.plan, ensemble, len(covered)), "seconds": around.elapsed()}
    failures: tuple[Failure, ...] = ()
    try:
        review = review_predictions(
            dataset.task,
            dataset.target[covered],
            outputs,
            decided,
            dataset.features.iloc[covered],
            dataset.schema,
            clock,
            seed,
        )
        facts["scores"] = _other_scores(judge, metrics, covered, outputs, decided)
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        review, failures = NOTHING, (Failure("report", Stage.REVIEW, f"{type(error).__name__}: {error}", text),)
    sample = sample_rows(features, dataset.target, known.folds, covered, seed)
    return Looked(review, known, sample, facts), failures


def _other_scores(
    judge: Judge, known: Mapping[str, MetricSpec], covered: Rows, outputs: Array, decided: Array
) -> dict[str, float]:
    """Return the usual metrics of the cross-fitted predictions, as far as they are installed."""
    found = {}
    for name in EVALUATED[judge.task.kind]:
        if name in known and name != judge.metric.name:
            other = replace(judge, metric=known[name])
            found[name] = other.score(decided if known[name].needs == "labels" else outputs, covered)
    return found


def _facts(
    dataset: Dataset, features: pd.DataFrame, plan: ResamplingPlan, ensemble: Ensemble, n_covered: int
) -> dict[str, Any]:
    return {
        "n_rows": dataset.n_rows,
        "n_columns": features.shape[1],
        "n_folds": plan.n_folds,
        "plan": plan.description,
        "n_judged": n_covered,
        "cross_fitted": bool(ensemble.considered),
        "considered": [list(each) for each in ensemble.considered],
        "weighted": dataset.weights is not None,
        "grouped": dataset.groups is not None,
    }
