"""What is told of several targets: which value is a yes, what all rows share, what few rows have."""

import numpy as np

from automl.testing._several import MIXED, targets_of
from automl_builtins.tasks._audit_several import audit_each, audit_labels, tell_each, tell_labels
from automl_builtins.tasks.several import MULTILABEL_SPEC, MULTIOUTPUT_SPEC
from tests.plugins.tasks.test_each_target import dataset
from tests.plugins.tasks.test_several import LABELS, table


def found(columns, look):
    given = table(columns)
    return [finding.found for finding in look(given, dataset(*MULTILABEL_SPEC.take(given)))]


def test_words_of_a_label_are_told_with_the_one_that_counts_as_yes():
    assert found(LABELS, tell_labels) == [
        "labels have two values of their own; the second in their order counts as yes: b 'yes'"
    ]


def test_labels_of_which_each_row_has_one_are_told_to_be_like_classes():
    one_hot = {name: column.tolist() for name, column in zip("abc", np.eye(3, dtype=int).repeat(5, axis=0).T)}  # noqa: B905
    told = found(one_hot, tell_labels)
    assert told == ["each row has exactly one of the 3 labels, as classes of one target have"]


def test_a_label_that_all_rows_share_and_one_of_a_single_row_are_told():
    columns = LABELS | {"rare": [1] + [0] * 19, "constant": [0] * 20}
    told = found(columns, lambda _, data: audit_labels(data, 5))
    assert told[0] == "1 of 5 targets have the same value in all rows: constant"
    assert told[1] == "1 of 5 labels have fewer than 10 rows on one side: rare (1)"


def test_each_target_has_the_findings_of_its_own_kind():
    given = table(targets_of(MIXED).assign(ghost=5.5))
    data = dataset(*MULTIOUTPUT_SPEC.take(given))
    assert [finding.column for finding in tell_each(given, data)] == []
    told = [(finding.column, finding.found) for finding in audit_each(data, 5)]
    assert ("first, second and 2 more", "1 of 4 targets have the same value in all rows: ghost") in told
    assert all(column != "ghost" for column, _ in told)
