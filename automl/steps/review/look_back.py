"""Look back: after a search, keep what a report will need, without keeping the table."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from automl.plugin_api.specs import MetricSpec
from automl.steps.ensemble.combine import Combined
from automl.steps.plan.choose_metric import told_beside
from automl.steps.plan.encode_given import EncodedTable
from automl.steps.plan.understand import Understood
from automl.steps.review.keep_rows import know_rows, sample_rows
from automl.steps.review.review_predictions import NO_REVIEW, Predicted, review_predictions
from automl.steps.score.judge import Judge
from automl.steps.trials.try_candidates import Tried
from automl.vocabulary.arrays import Array
from automl.vocabulary.results import Failure
from automl.vocabulary.review import Looked, ReportTable
from automl.vocabulary.states import Stage


def look_back(asked: Understood, tried: Tried, combined: Combined) -> tuple[Looked, tuple[Failure, ...]]:
    """Return the review of the ensemble's cross-fitted predictions, and what tells and samples the rows.

    That a review breaks costs the review alone: it is then empty, and a failure says why. So do a task's own tables.
    """
    search, table, covered = tried.setup.search, tried.setup.table, combined.covered
    dataset, judge, features, seed = table.dataset, table.judge, asked.table.features, search.settings.random_state
    known = know_rows(dataset.features, dataset.target, judge.plan, dataset.schema.columns)
    outputs = combined.ensemble.cross_fitted
    groups = None if dataset.groups is None else dataset.groups[covered]
    decided = combined.predictor.decided(outputs, groups)
    predicted = Predicted(dataset.target[covered], outputs, decided, dataset.features.iloc[covered])
    facts = {**_facts(table, features, combined), "seconds": search.elapsed()}
    review, failures = NO_REVIEW, []
    try:
        review = review_predictions(predicted, dataset.task, dataset.schema, tried.deadline, seed)
        known_metrics = search.registry.metrics
        told = told_beside(asked.asks, dataset.task)
        evaluated = {name: known_metrics[name] for name in told if name in known_metrics}
        own = replace(judge.at(covered), decide=combined.predictor.decided)
        facts["scores"] = _other_scores(own, evaluated, outputs)
    except Exception as error:
        review = NO_REVIEW
        failures.append(_failure("report", error))
    if asked.asks.shows is not None:
        try:
            by = () if groups is None or not asked.asks.needs_groups else (groups,)
            shown = asked.asks.shows(predicted.target, outputs, decided, dataset.task, *by)
            facts["shown"] = [_as_plain(each) for each in shown]
        except Exception as error:
            failures.append(_failure(asked.asks.name, error))
    sample = sample_rows(features, judge, known.folds, covered, seed)
    return Looked(review, known, sample, facts), tuple(failures)


def _failure(source: str, error: Exception) -> Failure:
    text = "".join(traceback.format_exception(error))
    return Failure(source, Stage.REVIEW, f"{type(error).__name__}: {error}", text)


def _as_plain(table: ReportTable) -> list[Any]:
    """Return a table as plain values, which every saved model can hold."""
    rows = [[str(cell) for cell in row] for row in table.rows]
    return [str(table.title), str(table.about), [str(head) for head in table.heads], rows]


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
