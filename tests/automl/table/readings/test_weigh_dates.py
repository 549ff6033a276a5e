"""Which order of day and month is right, told by what its dates would be in either."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.table.columns.type_columns import read_strings
from automl.vocabulary.readings import Reading
from automl.vocabulary.schema import ColumnKind
from tests.automl.table.readings.drawn_dates import dates


def reading(texts, **others) -> Reading:
    return read_strings(pd.DataFrame({"day": texts, **others}))["day"]


@pytest.mark.parametrize(("style", "order"), [("%d/%m/%Y", "dmy"), ("%m/%d/%Y", "mdy")])
@pytest.mark.parametrize(
    "what", ["rows", "groups of rows", "workdays", "first of the month", "date beside", "text beside"]
)
def test_what_speaks_for_an_order_decides(style, order, what):
    written, others = dates(low=True), {}
    if what == "rows":
        written = written.sort_values(ignore_index=True)
    if what == "groups of rows":
        written = pd.concat([written[k::5].sort_values() for k in range(5)], ignore_index=True)
    if what == "workdays":
        written = pd.Series(pd.bdate_range("2015-01-01", periods=1_500))
        written = written[written.dt.day <= 12].sample(frac=1.0, random_state=0, ignore_index=True)
    if what == "first of the month":
        written = pd.Series(pd.date_range("2015-01-01", periods=40, freq="MS")).sample(frac=1.0, random_state=0)
    if what == "date beside":
        others = {"sent": written + pd.to_timedelta(np.arange(len(written)) % 9, unit="D")}
    if what == "text beside":
        others = {"born": dates(len(written), seed=1).dt.strftime(style)}
    assert reading(written.dt.strftime(style), **others) == Reading(ColumnKind.DATETIME, order)


def test_two_columns_in_doubt_are_read_so_that_they_lie_together():
    begins = dates(300, low=True)
    ends = begins.where(begins.dt.day > 6, begins + pd.to_timedelta(4, unit="D"))
    found = read_strings(
        pd.DataFrame({"begins": begins, "ends": ends}).apply(lambda each: each.dt.strftime("%d/%m/%Y"))
    )
    assert {each.date_format for each in found.values()} == {"dmy"}
    assert not any(each.doubt for each in found.values())


def test_rows_sorted_by_the_text_itself_tell_nothing():
    text = pd.Series(sorted(dates(low=True, days=360).dt.strftime("%d/%m/%Y")))
    assert reading(text).doubt
