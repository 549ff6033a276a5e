"""Tasks of several targets: what they claim and take, and the contract."""

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError
from automl.plugin_api import Trait
from automl.steps.plan.read_targets import read_targets
from automl.testing import parametrize_with_task_checks
from automl_builtins.tasks.several import MULTILABEL_SPEC, MULTIOUTPUT_REGRESSION_SPEC, MULTIOUTPUT_SPEC

SPECS = [MULTILABEL_SPEC, MULTIOUTPUT_REGRESSION_SPEC, MULTIOUTPUT_SPEC]
LABELS = {"a": [0, 1] * 10, "b": ["yes", "no"] * 10, "c": [True, False] * 10}
VALUES = {"x": np.linspace(0.0, 1.0, 20), "y": np.linspace(5.0, 900.0, 20)}
WORDS = {"w": ["low", "middle", "high", "low"] * 5}


def table(columns, asked=None):
    return read_targets(pd.DataFrame(columns), "", asked)


@parametrize_with_task_checks(SPECS)
def test_it_keeps_the_task_contract(check):
    check()


@pytest.mark.parametrize(
    ("columns", "claimed"),
    [
        (LABELS, MULTILABEL_SPEC),
        (VALUES, MULTIOUTPUT_REGRESSION_SPEC),
        (VALUES | {"constant": np.full(20, 7)}, MULTIOUTPUT_REGRESSION_SPEC),
        (LABELS | VALUES, MULTIOUTPUT_SPEC),
        (LABELS | WORDS, MULTIOUTPUT_SPEC),
    ],
)
def test_the_first_that_claims_a_table_is_the_one_that_its_columns_speak_for(columns, claimed):
    assert next(spec for spec in SPECS if spec.claims(table(columns))) is claimed


def test_families_decide_where_they_are_named():
    assert not MULTILABEL_SPEC.claims(table(LABELS, "regression"))
    assert MULTIOUTPUT_REGRESSION_SPEC.claims(table(LABELS, "regression"))
    assert MULTILABEL_SPEC.claims(table(LABELS, "classification"))
    task, _ = MULTIOUTPUT_SPEC.take(table({"a": [1.5, 2.5, 3.5, 1.5] * 5} | WORDS, "classification"))
    assert [each.classes for each in task.targets] == [(1.5, 2.5, 3.5), ("high", "low", "middle")]


def test_each_label_is_a_probability_for_itself_and_the_second_value_is_its_yes():
    task, encoded = MULTILABEL_SPEC.take(table(LABELS))
    assert [block.trait for block in task.blocks] == [Trait.INDEPENDENT] * 3
    assert [each.classes for each in task.targets] == [(0, 1), ("no", "yes"), (False, True)]
    assert encoded[:2].tolist() == [[0, 1, 1], [1, 0, 0]]


def test_classes_and_values_have_a_block_each():
    task, encoded = MULTIOUTPUT_SPEC.take(table(WORDS | VALUES))
    assert [block.trait for block in task.blocks] == [Trait.SIMPLEX, Trait.REAL, Trait.REAL]
    assert encoded.dtype == np.float64
    assert task.n_outputs == 5


@pytest.mark.parametrize(("only", "classes", "number"), [(0, (0, 1), 0), (1, (0, 1), 1), (True, (False, True), 1)])
def test_a_label_that_all_rows_share_keeps_its_other_value(only, classes, number):
    task, encoded = MULTILABEL_SPEC.take(table(LABELS | {"d": [only] * 20}))
    assert task.targets[3].classes == classes
    assert set(encoded[:, 3]) == {number}


def test_a_label_of_one_row_is_taken():
    _, encoded = MULTILABEL_SPEC.take(table(LABELS | {"d": [1] + [0] * 19}))
    assert encoded[:, 3].sum() == 1


def test_more_than_two_values_are_no_label():
    with pytest.raises(InputError, match=r"'w' has 3 different values.*a label has two.*task='multioutput'"):
        MULTILABEL_SPEC.take(table(LABELS | WORDS, "multilabel"))
