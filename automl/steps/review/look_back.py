"""Look back: after a search, keep what a report will need, without keeping the table."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from automl.plugin_api.specs import MetricSpec
from automl.steps.ensemble.combine import Combined
from automl.steps.plan.encode_given import EncodedTable
from automl.steps.plan.understand import Understood
from automl.steps.review.keep_rows import know_rows, sample_rows
from automl.steps.review.review_predictions import Predicted, review_predictions
from automl.steps.score.judge import Judge
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.arrays import Array
from automl.vocabulary.results import Failure
from automl.vocabulary.review import Looked, Review
from automl.vocabulary.states import Stage

NOTHING = Review(0, "", "", float("nan"), float("nan"))


def look_back(asked: Understood, tried: Tried, combined: Combined) -> tuple[Looked, tuple[Failure, ...]]:
    """Return the review of the ensemble's cross-fitted predictions, and what tells and samples the rows.

    That a review breaks costs the review alone: it is then empty, and a failure says why.
    """
    search, table, covered = tried.setup.search, tried.setup.table, combined.covered
    dataset, judge, features, seed = table.dataset, table.judge, asked.table.features, search.settings.random_state
    known = know_rows(dataset.features, dataset.target, judge.plan, dataset.schema.columns)
    outputs = combined.ensemble.cross_fitted
    decided = combined.predictor.decided(outputs)
    facts = {**_facts(table, features, combined), "seconds": search.elapsed()}
    failures: tuple[Failure, ...] = ()
    try:
        predicted = Predicted(dataset.target[covered], outputs, decided, dataset.features.iloc[covered])
        review = review_predictions(predicted, dataset.task, dataset.schema, tried.deadline, seed)
        known_metrics = search.registry.metrics
        evaluated = {name: known_metrics[name] for name in asked.asks.evaluated if name in known_metrics}
        own = replace(judge.at(covered), decide=combined.predictor.decided)
        facts["scores"] = _other_scores(own, evaluated, outputs)
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        review, failures = NOTHING, (Failure("report", Stage.REVIEW, f"{type(error).__name__}: {error}", text),)
    sample = sample_rows(features, judge, known.folds, covered, seed)
    return Looked(review, known, sample, facts), failures


def _other_scores(judge: Judge, evaluated: Mapping[str, MetricSpec], outputs: Array) -> dict[str, float]:
    """Return the usual metrics of the cross-fitted predictions, without the one that was optimised."""
    found = {}
    for name, metric in evaluated.items():
        is_judged = judge.groups is not None or not metric.needs_groups
        if is_judged and name != judge.metric.name:
            found[name] = replace(judge, metric=metric).score(outputs)
    return found


def _facts(table: EncodedTable, features: pd.DataFrame, combined: Combined) -> dict[str, Any]:
    dataset, plan, considered = table.dataset, table.judge.plan, combined.ensemble.considered
    return {
        "n_rows": dataset.n_rows,
        "n_columns": features.shape[1],
        "n_folds": plan.n_folds,
        "plan": plan.description,
        "n_judged": len(combined.covered),
        "cross_fitted": bool(considered),
        "considered": [list(each) for each in considered],
        "weighted": dataset.weights is not None,
        "grouped": dataset.groups is not None,
    }
