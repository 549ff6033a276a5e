"""The best rows of each group: their names, their number, and an order that does not follow from the table's."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError, OptionError
from automl.plugin_api import Schema, Task, TaskKind
from automl.rank_rows import can_rank, checked_count, rank_rows
from automl.vocabulary.task import Block, Trait

SCORED = Task(TaskKind("ranking"), "y", parts=(Block("y", trait=Trait.SCORE),), grouped_by="user")
FITTED = SimpleNamespace(
    task=SCORED, schema=Schema(()), kind="AutoML", predictor=SimpleNamespace(in_lists=False, widen=None)
)
TABLE = pd.DataFrame({"user": ["b", "a", "b", "a", "b"], "item": ["v", "w", "x", "y", "z"]}, index=[5, 6, 7, 8, 9])
SCORES = np.array([1.0, 3.0, 2.0, 4.0, 2.0])


def test_groups_come_as_they_first_stand_and_rows_best_first():
    found = rank_rows(FITTED, TABLE, SCORES, None, 2)
    assert found["user"].tolist() == ["b", "b", "a", "a"]
    assert found["rank"].tolist() == [1, 2, 1, 2]
    assert found["score"].tolist() == [2.0, 2.0, 4.0, 3.0]
    assert found.index[2:].tolist() == [8, 6]
    assert len(rank_rows(FITTED, TABLE, SCORES, None, None)) == 5


def test_rows_of_equal_scores_are_ordered_by_what_stands_in_them():
    wanted = rank_rows(FITTED, TABLE, SCORES, None, 1).set_index("user")["item"].to_dict()
    found = rank_rows(FITTED, TABLE[::-1], SCORES[::-1], None, 1).set_index("user")["item"].to_dict()
    assert found == wanted


def test_columns_of_these_names_are_kept():
    table = TABLE.assign(rank=7, score=8)
    found = rank_rows(FITTED, table, SCORES, None, 1)
    assert list(found.columns) == [*table.columns, "predicted_rank", "predicted_score"]
    assert (found["rank"] == 7).all()


def test_groups_may_be_given_in_place_of_the_column():
    found = rank_rows(FITTED, TABLE.drop(columns="user"), SCORES, np.array([0, 0, 0, 1, 1]), 1)
    assert found["item"].tolist() == ["w", "y"]
    with pytest.raises(InputError, match="expected the column 'user'"):
        rank_rows(FITTED, TABLE.drop(columns="user"), SCORES, None, 1)


def test_a_table_without_rows_has_no_best_ones():
    assert rank_rows(FITTED, TABLE[:0], SCORES[:0], None, 3).empty


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "3"])
def test_what_is_no_number_of_rows_is_refused(k):
    with pytest.raises(OptionError, match="1 or more, None for all"):
        checked_count(k)


def test_only_scores_put_rows_in_order():
    assert can_rank(SCORED)
    with pytest.raises(AttributeError, match="this is a regression"):
        can_rank(Task(TaskKind.REGRESSION, "y"))
