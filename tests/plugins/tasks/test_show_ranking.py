"""Reports of rankings show how far down relevant rows stand, queries by their size, and scores by relevance."""

import numpy as np

from automl_builtins.tasks._show_ranking import show_queries
from tests.plugins.tasks.test_ranking import taken


def tables(relevance, scores, groups):
    task, target = taken(relevance)
    outputs = np.asarray(scores, dtype=float)[:, None]
    return {each.title: each for each in show_queries(target, outputs, outputs, task, np.asarray(groups))}


def test_the_tables_hold_what_is_worked_out_by_hand():
    relevance = [1, 0, 0, 0, 1, 0, *([0] * 6)]
    found = tables(relevance, [3, 2, 1, 3, 2, 1, *range(6)], [0, 0, 0, 1, 1, 1, *([2] * 6)])
    assert found["How far down relevant rows stand"].rows[:2] == (("1", "0.500", "0.500"), ("3", "0.815", "1.000"))
    assert found["Queries by size"].rows == (
        ("1 to 5", "2", "0", "0.815", "0.750"),
        ("6 to 10", "1", "1", "nan", "nan"),
    )
    assert [row[:2] for row in found["Scores by relevance"].rows] == [("0", "10"), ("1", "2")]


def test_many_different_relevances_are_put_together():
    relevance = np.linspace(0, 5, 60)
    rows = tables(relevance, relevance, np.repeat(np.arange(6), 10))["Scores by relevance"].rows
    assert 1 < len(rows) <= 6
