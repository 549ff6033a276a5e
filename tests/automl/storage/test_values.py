"""Values that a target may hold come back equal and of the type that they had."""

import datetime
import uuid
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import ArtifactError
from automl.storage.values import made_of
from tests.automl.storage.values import around

ZONES = st.one_of(
    st.none(),
    st.sampled_from([datetime.UTC, ZoneInfo("Europe/Oslo"), datetime.timezone(datetime.timedelta(minutes=-90))]),
)
MOMENTS = st.datetimes(datetime.datetime(1800, 1, 1), datetime.datetime(2200, 1, 1), timezones=ZONES)
ENDS = st.one_of(st.integers(-9, 9), st.floats(-9, 9), st.just(pd.Timestamp("2020-01-01")))
VALUES = st.one_of(
    MOMENTS,
    MOMENTS.map(pd.Timestamp),
    st.integers(-(2**60), 2**60).map(pd.Timestamp),
    st.timedeltas(),
    st.integers(-(2**60), 2**60).map(pd.Timedelta),
    st.times(),
    st.decimals(allow_nan=False),
    st.fractions(),
    st.uuids(),
    st.tuples(st.integers(-999, 9999), st.sampled_from(["D", "M", "Q-NOV", "Y", "W-SUN", "h"])).map(
        lambda pair: pd.Period(ordinal=pair[0], freq=pair[1])
    ),
    st.tuples(ENDS, st.sampled_from(["left", "right", "both", "neither"])).map(
        lambda pair: pd.Interval(pair[0], pair[0], pair[1])
    ),
)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_values_come_back_equal_and_of_the_same_type(value):
    found = around(value)
    assert type(found) is type(value)
    assert found == value
    assert str(getattr(found, "tzinfo", "")) == str(getattr(value, "tzinfo", ""))


def test_the_digits_and_units_stay():
    assert str(around(Decimal("1.10"))) == "1.10"
    assert around(pd.Timestamp("2020-01-01").as_unit("ms")).unit == "ms"
    assert around([Fraction(1, 3), uuid.UUID(int=7)]) == [Fraction(1, 3), uuid.UUID(int=7)]


def test_an_hour_that_comes_twice_stays_the_one_that_it_was():
    second = datetime.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Oslo"), fold=1)
    found = around(second)
    assert (found.fold, found.utcoffset()) == (1, second.utcoffset())


def test_a_kind_that_is_not_known_is_an_error():
    with pytest.raises(ArtifactError, match="'posix'"):
        made_of("posix", [])
