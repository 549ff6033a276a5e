"""What is unusual about classes is told with its figures."""

import numpy as np
import pandas as pd

from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Severity
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task, TaskKind
from automl_builtins.tasks._audit_classes import audit_classes
from automl_builtins.tasks._audit_values import audit_values

RNG = np.random.default_rng(0)


def audited(target, classes=()):
    target = np.asarray(target)
    kind = TaskKind.MULTICLASS if classes else TaskKind.REGRESSION
    task, frame = Task(kind, "y", classes), pd.DataFrame(index=range(len(target)))
    audit = audit_classes if classes else audit_values
    return list(audit(Dataset(frame, target, Schema(()), task, np.arange(len(target))), 5))


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


def test_classes_of_one_spelling_but_for_spaces_and_case_are_told():
    [found] = audited(np.repeat([0, 1, 2], 50), (" Yes", "no", "yes"))
    assert found.severity is Severity.WARNING
    assert found.found.endswith("' Yes', 'yes'")
