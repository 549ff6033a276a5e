"""Rows are laid out query by query, and scores of all models spread alike within a query."""

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import Block, Column, ColumnKind, Dataset, Schema, Task, TaskKind, Trait, gives_scores
from automl_builtins.kinds import RANKING
from automl_builtins.models._shared import queries
from automl_builtins.models._shared.queries import (
    RankCodec,
    by_query,
    codec_of,
    query_sizes,
    query_weights,
    spread_of,
    spread_within,
)

TASK = Task(RANKING, "y", parts=(Block("y", trait=Trait.SCORE),))


def rows(groups, target=None, weights=None, task=TASK):
    n = len(groups)
    frame = pd.DataFrame({"a": np.arange(n, dtype=np.float32)})
    target = np.arange(n, dtype=float) % 3 if target is None else np.asarray(target, dtype=float)
    schema = Schema((Column("a", ColumnKind.NUMERIC),))
    return Dataset(frame, target, schema, task, np.arange(n), weights=weights, groups=np.asarray(groups))


def test_rows_of_a_query_come_one_after_another_with_all_that_is_theirs():
    given = rows([3, 1, 3, 1, 2, 3], weights=np.array([1.0, 2.0, 1.0, 4.0, 5.0, 1.0]))
    found = by_query(given)
    assert query_sizes(found).tolist() == [2, 1, 3]
    assert sorted(found.rows[:2]) == [1, 3]
    assert found.rows[2] == 4
    np.testing.assert_array_equal(found.features["a"], found.rows)
    np.testing.assert_array_equal(found.target, given.target[found.rows])
    np.testing.assert_allclose(query_weights(found), [3.0, 5.0, 1.0])


def test_a_file_that_is_sorted_by_relevance_is_laid_out_in_another_order():
    found = by_query(rows(np.zeros(50, dtype=int), target=np.arange(50)))
    assert abs(np.corrcoef(found.target, np.arange(50))[0, 1]) < 0.5


def test_without_groups_all_rows_are_of_one_query(monkeypatch):
    monkeypatch.setattr(queries, "MOST_ROWS", 4)
    given = rows(np.zeros(10, dtype=int))
    assert query_sizes(by_query(given)).tolist() == [4, 4, 2]


def test_a_spread_is_measured_within_queries_alone():
    scores = np.array([0.0, 2.0, 100.0, 102.0])
    assert spread_within(scores, np.array([0, 0, 1, 1])) == pytest.approx(1.0)
    assert spread_within(np.ones(4), np.array([0, 0, 1, 1])) == 1.0
    assert spread_within(np.array([]), None) == 1.0


def test_relevances_become_levels_and_gains():
    codec = codec_of(rows([0, 0, 0, 0], target=[0, 1, 3, 1]), "order:10")
    assert isinstance(codec, RankCodec)
    assert codec.to(np.array([3.0, 0.0, 1.0, 2.9])).tolist() == [2, 0, 1, 2]
    assert codec.gains().tolist() == [0.0, 1.0, 7.0]
    assert codec.constant(2).shape == (2, 1)


def test_many_different_relevances_are_few_levels():
    codec = codec_of(rows(np.zeros(5000, dtype=int), target=np.linspace(0, 4, 5000)), "")
    assert codec.to(np.array([0.0, 4.0])).tolist() == [0, len(codec.gains()) - 1]
    assert len(codec.gains()) <= queries.MOST_LEVELS


class Doubles:
    def predict(self, features):
        return 2.0 * features.to_numpy()


def test_the_spread_is_that_of_the_rows_that_validate_and_of_the_folds_where_there_are_none():
    train, valid = rows([0, 0]), rows([0, 0, 0, 0])
    codec = codec_of(train, "")
    found = codec.with_spread(Doubles(), train, valid, {})
    assert found.spread == pytest.approx(2.0 * np.std([0, 1, 2, 3]))
    assert spread_of(found) == {queries.SPREAD: found.spread}
    assert codec.with_spread(Doubles(), train, None, {queries.SPREAD: 7.0}).spread == 7.0
    np.testing.assert_allclose(found.back(np.array([found.spread]))[:, 0], [1.0])


def test_other_tasks_have_the_usual_codec():
    plain = Task(TaskKind.REGRESSION, "y")
    assert gives_scores(TASK)
    assert not gives_scores(plain)
    assert spread_of(codec_of(rows([0, 0], task=plain), "")) == {}
