from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.plugin_api import Column, ColumnKind
from tests.plugins.preprocessors.tables import fitted, names_of

DAY, TIME = Column("at", ColumnKind.DATETIME), Column("at", ColumnKind.DATETIME, has_time=True)


def seconds(*moments):
    stamps = np.array(moments, dtype="datetime64[s]").astype(np.float64)
    return pd.DataFrame({"at": stamps})


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-5_000_000_000, 5_000_000_000), min_size=1, max_size=20))
def test_calendar_parts_are_those_of_pandas(moments):
    frame = pd.DataFrame({"at": np.array(moments, dtype=np.float64)})
    _, parts = fitted("date_parts", frame, (TIME,))
    at = pd.Series(np.array(moments).astype("datetime64[s]"))
    expected = {
        "year": at.dt.year,
        "month": at.dt.month,
        "day": at.dt.day,
        "weekday": at.dt.day_of_week,
        "day_of_year": at.dt.day_of_year,
        "weekend": at.dt.day_of_week >= 5,
        "hour": at.dt.hour,
    }
    for part, values in expected.items():
        assert parts[f"at.{part}"].tolist() == values.tolist(), part
    minute = at.dt.hour * 60 + at.dt.minute + at.dt.second / 60
    np.testing.assert_allclose(parts["at.minute_of_day"], minute, rtol=1e-5)


def test_elapsed_days_count_from_the_year_2000_and_keep_minutes_apart():
    frame = seconds("2000-01-01", "2000-01-03 12:00", "2024-05-05 10:00", "2024-05-05 10:03")
    _, parts = fitted("date_parts", frame, (TIME,))
    assert parts["at.days"].tolist()[:2] == [0, 2.5]
    assert parts["at.days"].nunique() == 4


@pytest.mark.parametrize("name", ["date_parts", "date_cyclic"])
def test_hours_come_only_from_columns_with_times(name):
    frame = seconds("2024-02-29")
    without, with_time = fitted(name, frame, (DAY,))[0], fitted(name, frame, (TIME,))[0]
    more = set(names_of(with_time)) - set(names_of(without))
    assert more
    assert all("hour" in each or "minute" in each for each in more)


@pytest.mark.parametrize("name", ["date_parts", "date_cyclic"])
def test_a_missing_date_is_nan_throughout(name):
    frame = pd.DataFrame({"at": [0.0, np.nan]})
    _, features = fitted(name, frame, (TIME,))
    assert np.isnan(features.to_numpy()).tolist() == [[False] * features.shape[1], [True] * features.shape[1]]


def test_cyclic_parts_put_new_year_beside_the_old_one():
    _, cyclic = fitted("date_cyclic", seconds("2023-12-31 23:59", "2024-01-01 00:01", "2023-07-01 12:00"), (TIME,))
    for part, near in (("month", 0.6), ("day_of_year", 0.05), ("hour", 0.05)):
        circle = cyclic[[f"at.{part}_sin", f"at.{part}_cos"]].to_numpy()
        np.testing.assert_allclose((circle**2).sum(axis=1), 1, rtol=1e-5)
        assert np.linalg.norm(circle[0] - circle[1]) < near
        assert np.linalg.norm(circle[0] - circle[2]) > 1.8


def test_absurd_dates_are_survived():
    frame = pd.DataFrame({"at": [1e300, -1e300, np.inf, -np.inf]})
    _, parts = fitted("date_parts", frame, (TIME,))
    assert parts["at.year"].tolist()[:2] == [9999, 1]
    assert parts["at.year"].isna().tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("bounded", "plain"), [("date_parts_bounded", "date_parts"), ("date_cyclic_bounded", "date_cyclic")]
)
def test_the_trend_of_a_bounded_form_ends_where_the_newest_tenth_of_the_training_rows_begins(bounded, plain):
    training = seconds(*np.arange("2001-01-01", "2001-04-11", dtype="datetime64[D]"))
    made, shown = fitted(bounded, training, (DAY,))
    usual = fitted(plain, training, (DAY,))[1]
    trends, seasons = ["at.days", "at.year"], [name for name in shown if name not in ("at.days", "at.year")]
    np.testing.assert_array_equal(shown[trends][:90], usual[trends][:90])
    assert shown["at.days"][90:].nunique() == 1
    np.testing.assert_array_equal(shown[seasons], usual[seasons])
    later = made.transform(seconds("2001-04-11", "2030-07-01"))
    assert later["at.days"].tolist() == [shown["at.days"].iloc[-1]] * 2
    assert later["at.year"].tolist() == [2001, 2001]


@pytest.mark.parametrize(("name", "plain"), [("date_seasons", "date_parts"), ("date_cyclic_seasons", "date_cyclic")])
def test_what_comes_again_is_all_but_the_trends(name, plain):
    frame = seconds("2024-02-29 12:30", "2025-03-01")
    _, shown = fitted(name, frame, (TIME,))
    usual = fitted(plain, frame, (TIME,))[1]
    assert list(shown) == [each for each in usual if each not in ("at.days", "at.year")]
    np.testing.assert_array_equal(shown, usual[list(shown)])
