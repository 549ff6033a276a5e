"""What is unusual about a target is told with its figures."""

import numpy as np
import pandas as pd

from automl.steps.audit.audit_target import audit_target
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Severity
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task, TaskKind

RNG = np.random.default_rng(0)


def audited(target, classes=()):
    target = np.asarray(target)
    kind = TaskKind.MULTICLASS if classes else TaskKind.REGRESSION
    frame = pd.DataFrame(index=range(len(target)))
    return audit_target(Dataset(frame, target, Schema(()), Task(kind, "y", classes), np.arange(len(target))), 5)


def test_classes_with_few_rows_are_listed():
    [found] = audited(np.repeat([0, 1, 2], [100, 50, 3]), ("a", "b", "c"))
    assert found.severity is Severity.WARNING
    assert found.found == "1 of 3 classes have fewer than 10 rows: 'c' (3)"


def test_an_uneven_class_is_a_note():
    [found] = audited(np.repeat([0, 1], [1000, 20]), ("a", "b"))
    assert found.severity is Severity.NOTE
    assert "1.96% of the rows (20)" in found.found


def test_even_classes_and_plain_numbers_are_nothing_unusual():
    assert audited(np.repeat([0, 1, 2], 50), ("a", "b", "c")) == []
    assert audited(RNG.normal(size=500)) == []


def test_zeros_that_prevail_are_told_with_their_share():
    [found] = audited(np.append(np.zeros(60), RNG.normal(5, 1, 40)))
    assert found.found == "60.0% of the rows have the value 0"


def test_outliers_that_make_the_variance_are_a_warning():
    [found] = audited(np.append(RNG.normal(size=500), [1e4, -2e4]))
    assert found.severity is Severity.WARNING
    assert found.found.startswith("2 values lie more than 10 interquartile ranges")


def test_a_target_that_hardly_varies_has_no_division_by_zero():
    found = audited(np.append(np.ones(99), 2.0))
    assert [each.severity for each in found] == [Severity.WARNING]


def test_classes_of_one_spelling_but_for_spaces_and_case_are_told():
    [found] = audited(np.repeat([0, 1, 2], 50), (" Yes", "no", "yes"))
    assert found.severity is Severity.WARNING
    assert found.found.endswith("' Yes', 'yes'")
