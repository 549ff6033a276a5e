"""The task of numbers takes what no other task claims, and refuses what is no number."""

import pandas as pd
import pytest

from automl.errors import InputError
from automl.steps.plan.read_target import ReadTarget
from automl_builtins.tasks.values import REGRESSION


def test_numbers_written_as_text_are_read_as_they_are_written():
    task, values = REGRESSION.take(ReadTarget(pd.Series([f"${number},500.25" for number in range(1, 9)]), "y"))
    assert (task.kind.value, task.classes, values[1]) == ("regression", (), 2500.25)


def test_durations_are_seconds_for_who_asks_for_numbers_and_refused_for_others():
    column = pd.Series(pd.to_timedelta(range(10), "min"))
    with pytest.raises(InputError, match="holds durations"):
        REGRESSION.take(ReadTarget(column, "y"))
    assert REGRESSION.take(ReadTarget(column, "y", "regression"))[1][2] == 120.0
