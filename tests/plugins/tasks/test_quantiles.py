"""The task of quantiles keeps the task contract, takes the levels that are asked for, and shows what they cover."""

import numpy as np
import pandas as pd

from automl.plugin_api import Dataset, Schema, Trait
from automl.steps.plan.read_target import ReadTarget
from automl.testing import parametrize_with_task_checks
from automl_builtins.tasks.quantiles import LEVELS, SPEC, show, take, tell


def taken(values, levels=None):
    return take(ReadTarget(pd.Series(values, name="y"), "y", "quantile", options={"quantiles": levels}))


@parametrize_with_task_checks([SPEC])
def test_it_keeps_the_task_contract(check):
    check()


def test_levels_are_those_asked_for_or_the_usual_ones():
    [block] = taken([1.0, 2.5, 4.0], (0.1, 0.9))[0].blocks
    assert (block.name, block.trait, block.levels, block.width) == ("y", Trait.ORDERED, (0.1, 0.9), 2)
    assert taken([1.0, 2.5, 4.0])[0].blocks[0].levels == LEVELS


def test_levels_that_hardly_a_row_lies_beyond_are_told():
    def told(n_rows, levels):
        task, values = taken(np.arange(n_rows) / 7.0, levels)
        frame = pd.DataFrame(index=range(n_rows))
        column = ReadTarget(pd.Series(values), "y", "quantile")
        return [each.found for each in tell(column, Dataset(frame, values, Schema(()), task, np.arange(n_rows)))]

    assert told(30, (0.01, 0.5, 0.95)) == [
        "30 rows were asked for the levels 0.01, 0.95, beyond which fewer than 5 lie"
    ]
    assert told(100, (0.05, 0.5, 0.95)) == []


def test_reports_show_how_many_targets_lie_below_each_level_and_between_each_pair():
    task, target = taken(np.arange(1.0, 5.0), (0.25, 0.5, 0.75))
    outputs = np.tile([1.5, 2.5, 3.5], (4, 1))
    levels, pairs = show(target, outputs, outputs, task)
    assert [row[:2] for row in levels.rows] == [("0.25", "25.0%"), ("0.5", "50.0%"), ("0.75", "75.0%")]
    assert pairs.rows == (("0.25 and 0.75", "50.0%", "50.0%", "2", "2"),)
    single = taken(np.arange(1.0, 5.0), (0.5,))[0]
    assert [each.title for each in show(target, outputs[:, [1]], outputs, single)] == ["Levels"]
