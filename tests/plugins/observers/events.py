"""Events as a search tells them, for the tests of those that watch."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import (
    Candidate,
    CandidateFailed,
    CandidateFinished,
    CandidateResult,
    Column,
    ColumnKind,
    Ended,
    EnsembleBuilt,
    Failure,
    FoldFinished,
    FoldResult,
    FoldStarted,
    Preparation,
    Schema,
    SearchFinished,
    SearchStarted,
    Stage,
    Status,
    Task,
    TaskKind,
    TrialsFinished,
)


def started(verbose=1, time_limit=60.0, max_trials=None):
    return SearchStarted(
        elapsed=0.1,
        task=Task(TaskKind.BINARY, "ill", ("no", "yes")),
        schema=Schema((Column("age", ColumnKind.NUMERIC), Column("sex", ColumnKind.CATEGORICAL))),
        n_rows=200,
        plan="5 stratified folds",
        n_folds=5,
        metric="roc_auc",
        greater_is_better=True,
        models=("linear", "lightgbm"),
        n_slots=2,
        time_limit=time_limit,
        max_trials=max_trials,
        verbose=verbose,
    )


def candidate(model="linear", seed=0):
    return Candidate(model, {"C": 1.0}, Preparation((), ()), seed, "portfolio")


def finished(model="linear", score=0.9, best=0.9, status=Status.COMPLETE, n_folds=5, seed=0, elapsed=12.34):
    tried = candidate(model, seed)
    folds = tuple(FoldResult(tried.id, fold, np.zeros((1, 2)), 0.5, 0.5, 0.0) for fold in range(n_folds))
    result = CandidateResult(tried, folds, -score, score, (-score,) * n_folds, status, 0)
    return CandidateFinished(elapsed, result, best)


def failed(cause="ValueError: [odd] input\nsecond line", stage=Stage.FIT, model="linear", seed=0):
    return CandidateFailed(5.0, Failure(model, stage, cause, candidate_id=candidate(model, seed).id))


def fold_started(slot=0, model="linear", fold=0, seed=0):
    return FoldStarted(1.0, slot, model, candidate(model, seed).id, fold)


def fold_finished(slot=0, model="linear", fold=0, seed=0):
    return FoldFinished(2.0, slot, model, candidate(model, seed).id, fold, 0.88, 0.5, 0.5)


TRIALS_END = TrialsFinished(45.0, Ended.TIME)
ENSEMBLE = EnsembleBuilt(50.0, "weighted", 0.95, (0.93, 0.97), 3)
END = SearchFinished(55.0, Ended.TIME, 4, 0.95)
