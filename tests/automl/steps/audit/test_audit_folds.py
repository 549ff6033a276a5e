"""It is told which rows no fold judges, and which classes a fold judges without having learnt them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.steps.audit.audit_folds import audit_folds
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Severity
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task, TaskKind

ROWS = np.arange(12)


def dataset(target):
    classes = tuple("abc"[: max(target) + 1])
    task = Task(TaskKind.MULTICLASS if len(classes) > 2 else TaskKind.BINARY, "y", classes)
    features = pd.DataFrame(np.zeros((len(target), 1), dtype=np.float32))
    return Dataset(features=features, target=np.asarray(target), schema=Schema(()), task=task, rows=ROWS)


def folds(*valid, stretches=None):
    made = tuple(Fold(np.setdiff1d(ROWS, rows), np.asarray(rows)) for rows in valid)
    return ResamplingPlan(made, "folds", stretches)


def test_folds_that_judge_every_row_and_class_are_not_mentioned():
    assert audit_folds(dataset([0, 1] * 6), folds(range(6), range(6, 12))) == []


def test_rows_that_no_fold_judges_are_told():
    found = audit_folds(dataset([0, 1] * 6), folds([0, 1, 2], [3, 4, 5]))
    assert [each.found for each in found] == ["50.0% of the rows are validated in no fold"]


def test_one_holdout_leaves_rows_out_by_design():
    assert audit_folds(dataset([0, 1] * 6), folds([0, 1])) == []


def test_a_class_that_a_fold_judges_without_having_learnt_it_is_told():
    found = audit_folds(dataset([0, 1] * 4 + [2] * 4), folds(range(8), range(8, 12)))
    assert [each.severity for each in found] == [Severity.WARNING]
    assert "12 rows are of classes" in found[0].found
    assert "'c' (4)" in found[0].found


def test_a_class_with_fewer_rows_than_folds_is_left_to_the_findings_about_the_target():
    assert audit_folds(dataset([0, 1] * 5 + [0, 2]), folds(range(6), range(6, 12))) == []
