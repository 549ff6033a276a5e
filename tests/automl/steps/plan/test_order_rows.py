"""A time column of any type becomes numbers that sort in order of time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.errors import InputError
from automl.steps.plan.order_rows import sortable_time
from automl.table.columns.type_columns import read_strings
from automl.table.readings.find_number_dates import PLAIN


@pytest.mark.parametrize(
    "values",
    [
        pd.date_range("2024", periods=3, tz="Europe/Berlin"),
        ["2024-01-01", "2024-01-02", "2024-01-03"],
        ["01.02.2024", "02.02.2024", "13.02.2024"],
        [1, 2, 3],
        pd.array([1, 2, 3], dtype="Int64"),
        pd.period_range("2024", periods=3, freq="M"),
        pd.Categorical(["2024-01-01", "2024-01-02", "2024-01-03"]),
        pd.to_timedelta([1, 2, 3], unit="h"),
    ],
)
def test_time_columns_of_every_type_can_be_sorted(values):
    assert np.argsort(sortable_time(pd.Series(values))).tolist() == [0, 1, 2]


@pytest.mark.parametrize("values", [["soon", "later", "now"], [1.0, None, 2.0], ["2024-01-01", None, "2024-01-03"]])
def test_a_time_column_with_gaps_is_refused(values):
    with pytest.raises(InputError, match=r"neither dates nor numbers|lacks 1 of 3 values"):
        sortable_time(pd.Series(values))


def test_a_time_column_of_one_moment_is_told_by_its_value():
    for values in ([pd.Timestamp("2020-02-03")] * 5, ["2020-02-03"] * 5, [2020] * 5):
        with pytest.raises(InputError, match=r"same value, 2020.*Leave out time_column"):
            sortable_time(pd.Series(values))


def test_dates_as_categories_are_moments_though_models_see_categories():
    days = pd.Series(["2020-01-03", "2020-01-01", "2020-01-02"], dtype="category")
    seen_by_models = read_strings(pd.DataFrame({"day": days})).get("day", PLAIN)
    assert np.argsort(sortable_time(days, seen_by_models)).tolist() == [1, 2, 0]
