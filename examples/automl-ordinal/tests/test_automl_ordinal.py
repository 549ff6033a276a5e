"""The task keeps the task contract, its metric the metric contract, and near misses are preferred to far ones."""

import numpy as np
import pandas as pd
import pytest
from automl_ordinal import RANK_DISTANCE, TASK, decide, show

from automl import AutoML
from automl.plugin_api import InputError, Task, TaskKind
from automl.testing import parametrize_with_metric_checks, parametrize_with_task_checks

RATING = Task(TaskKind("ordinal"), "rating", (1, 2, 3), ordered=True)


@parametrize_with_task_checks([TASK])
def test_it_keeps_the_task_contract(check):
    check()


@parametrize_with_metric_checks([RANK_DISTANCE])
def test_its_metric_keeps_the_metric_contract(check):
    check()


def test_a_class_between_two_likely_ones_is_decided():
    assert decide(np.array([[0.5, 0.0, 0.5], [0.7, 0.2, 0.1]]), RATING).tolist() == [1, 0]


def test_words_without_an_order_are_refused():
    table = pd.DataFrame({"a": range(30), "rating": ["low", "middle", "high"] * 10})
    with pytest.raises(InputError, match="have no order"):
        AutoML(time_limit=None, max_trials=1, task="ordinal", verbose=0).fit(table, "rating")


def test_a_report_shows_how_many_labels_are_how_far_off():
    decided = np.eye(3)[[0, 1, 2, 0]]
    (table,) = show(np.array([0, 1, 1, 2]), decided, decided, RATING)
    assert table.rows == (("0", "2", "50.0%"), ("1", "1", "25.0%"), ("2", "1", "25.0%"))
