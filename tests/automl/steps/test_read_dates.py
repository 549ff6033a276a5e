"""Reading dates: few of them give what many do, however they are written."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.steps.read_dates import FEW_ROWS, date_seconds

MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))
SPELLINGS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", " %Y-%m-%d", "%d/%m/%Y")
ODD = (
    "2011-02-30",
    "2011-01-01 24:00",
    "2011-13-01",
    "0000-01-01",
    "now",
    "",
    "\uff12011-01-01",
    "2011-01-01Z",
    "2011-01",
)
TEXTS = st.builds(lambda moment, form: moment.strftime(form), MOMENTS, st.sampled_from(SPELLINGS)) | st.sampled_from(
    ODD
)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS | st.none(), min_size=1, max_size=6))
def test_few_dates_are_read_as_among_many(texts):
    few = date_seconds(pd.Series(texts, dtype=object), "ISO8601")
    many = date_seconds(pd.Series(texts + ["2020-05-05"] * FEW_ROWS, dtype=object), "ISO8601")
    assert np.array_equal(few, many[: len(texts)], equal_nan=True)


@pytest.mark.parametrize("dtype", [object, "str"])
def test_seconds_count_from_1970(dtype):
    texts = pd.Series(["1970-01-01", "1969-12-31 23:59", "2011-01-01T05:00:30"], dtype=dtype)
    last = (datetime(2011, 1, 1, 5, 0, 30) - datetime(1970, 1, 1)) / timedelta(seconds=1)
    assert date_seconds(texts, "ISO8601").tolist() == [0.0, -60.0, last]
