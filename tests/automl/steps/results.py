"""Results of candidates as a search would have them, made by hand."""

import numpy as np

from automl.plugin_api import MetricSpec
from automl.steps.score.judge import Judge
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.results import CandidateResult, FoldResult
from automl.vocabulary.task import Task, TaskKind

RMSE = MetricSpec(
    "rmse", lambda y, p, w: float(np.sqrt(np.average((y - p) ** 2, weights=w))), False, 0.0, "values",
    frozenset({TaskKind.REGRESSION}),
)  # fmt: skip
TASK = Task(TaskKind.REGRESSION, "y")
FOLDS = [([2, 3, 4, 5], [1, 0]), ([0, 1, 4, 5], [3, 2]), ([0, 1, 2, 3], [4, 5])]


def result(losses, folds=None, model="m", seed=0, status=None, predictions=None, n_folds=3):
    """A candidate with these losses on its folds."""
    folds = range(len(losses)) if folds is None else folds
    candidate = Candidate(model, {}, Preparation(()), seed)
    made = tuple(
        FoldResult(candidate.id, fold, np.zeros((2, 1), np.float32) if predictions is None else predictions[k], 1, 1, 1)
        for k, fold in enumerate(folds)
    )
    status = status or ("complete" if len(made) == n_folds else "partial")
    return CandidateResult(candidate, made, float(np.mean(losses)), 0.0, tuple(losses), status, seed)


def judge(folds, target, weights=None):
    """What scores predictions of these rows by the root of the mean squared error."""
    plan = ResamplingPlan(tuple(Fold(np.array(train), np.array(valid)) for train, valid in folds), "")
    return Judge(RMSE, TASK, np.asarray(target, dtype=float), weights, plan=plan)


def column(*values):
    """Predictions of numbers."""
    return np.array(values, dtype=np.float32)[:, None]
