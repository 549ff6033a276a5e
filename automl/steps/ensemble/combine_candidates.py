"""Combine the candidates: the ensemble over the rows that they cover, and how labels are decided from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from automl.plugin_api.protocols import FitContext
from automl.plugin_api.specs import EnsemblerSpec
from automl.steps.ensemble.build_ensemble import ONE_MEMBER, Ensemble, build_ensemble
from automl.steps.ensemble.scoring_time import ScoringTime
from automl.steps.ensemble.tune_decision import Decision, tune_decision
from automl.steps.plan.encode_given import EncodedTable
from automl.steps.score.judge import Judge
from automl.vocabulary.arrays import Array, Rows
from automl.vocabulary.deadline import Deadline

FEWEST_STRETCHES = 4
"""Stretches of time below which rows are drawn one by one."""


def combine_candidates(
    predictions: Array,
    rows: Rows,
    ensemblers: Sequence[EnsemblerSpec],
    table: EncodedTable,
    scoring: ScoringTime,
    context: FitContext,
) -> Ensemble:
    """Build the ensemble of some candidates over the rows that they cover.

    predictions: `(n_candidates, n_covered, n_outputs)`; scoring: what one of them takes to score; the context gives
    seed and deadline. Where folds are in order of time, weights do not depend on the columns: those would be learned
    from times that do not come again.
    """
    dataset, judge = table.dataset, table.judge
    if judge.plan.ordered:
        ensemblers = [spec for spec in ensemblers if not spec.uses_features]
    wants_features = any(spec.uses_features for spec in ensemblers)
    return build_ensemble(
        predictions,
        judge_out_of_fold(judge, rows),
        ensemblers,
        dataset.features.iloc[rows] if wants_features else None,
        context,
        scoring,
    )


def decide_labels(
    table: EncodedTable, ensemble: Ensemble, rows: Rows, seed: int, deadline: Deadline
) -> Decision | None:
    """Tune how labels are decided from probabilities, where the metric sees labels; on cross-fitted rows alone."""
    if not ensemble.considered and ensemble.kind != ONE_MEMBER:
        # its predictions are of the rows that it was fitted on; those of one candidate alone are out of fold
        return None
    return tune_decision(judge_out_of_fold(table.judge, rows), ensemble.cross_fitted, seed, deadline)


def judge_out_of_fold(judge: Judge, rows: Rows) -> Judge:
    """Return the judge of rows that are predicted out of fold; where its metric raises there is no score."""
    units, parts = rows_together(judge, rows), rows_of_one_age(judge, rows)
    return replace(judge.at(rows), units=units, parts=parts, strict=False)


def rows_together(judge: Judge, rows: Rows) -> Array | None:
    """Return which of the rows belong together: those of a group or block, or of one stretch of time; else None.

    Neighbours in time are alike, so a score is known as well as its stretches of time say, not its rows. Of very few
    stretches nothing can be drawn.
    """
    if judge.plan.stretches is None:
        together = judge.groups if judge.plan.blocks is None else judge.plan.blocks
        return None if together is None else together[rows]
    stretches = judge.plan.stretches[rows]
    return stretches if len(np.unique(stretches)) >= FEWEST_STRETCHES else None


def rows_of_one_age(judge: Judge, rows: Rows) -> Array | None:
    """Return the number of the fold that validates each row, where the folds are in order of time; else None."""
    if not judge.plan.ordered:
        return None
    fold_of = np.zeros(len(judge.target), dtype=np.int64)
    for number, fold in enumerate(judge.plan.folds):
        fold_of[fold.valid] = number
    return fold_of[rows]
