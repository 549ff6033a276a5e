"""A task may widen a table row by row; one that breaks is named for what it is."""

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError, PluginError
from automl.table.widen_table import widened

TABLE = pd.DataFrame({"a": [1, 2]}, index=[5, 7])


def refuse(frame, groups):
    raise InputError("no words")


def test_what_is_made_of_the_rows_keeps_their_index():
    made = widened(TABLE, np.array([0, 1]), lambda frame, groups: frame.assign(g=groups).reset_index(drop=True))
    assert made.index.tolist() == [5, 7]
    assert made["g"].tolist() == [0, 1]


@pytest.mark.parametrize("widen", [lambda frame, groups: 1 / 0, lambda frame, groups: frame.iloc[:1], lambda *_: None])
def test_a_task_that_breaks_is_an_error_of_its_plugin(widen):
    with pytest.raises(PluginError, match="The task cannot widen the table"):
        widened(TABLE, np.array([0, 1]), widen)


def test_what_a_task_refuses_goes_through():
    with pytest.raises(InputError, match="no words"):
        widened(TABLE, np.array([0, 1]), refuse)
