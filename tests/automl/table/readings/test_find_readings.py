"""Columns are read by all of their values and by the table's other columns; what is in doubt is told."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.errors import InputError
from automl.steps.plan.order_rows import sortable_time
from automl.table.columns.type_columns import read_strings
from automl.vocabulary.readings import Asked, Reading
from automl.vocabulary.schema import ColumnKind
from tests.automl.table.readings.drawn_dates import dates, seconds


def test_the_user_says_how_dates_are_read():
    frame = pd.DataFrame({"day": dates(low=True).dt.strftime("%d/%m/%Y"), "paid": dates(len(dates(low=True)))})
    for asked, format_, kind in (
        ({"": "dmy"}, "dmy", ColumnKind.DATETIME),
        ({"day": "dmy"}, "dmy", ColumnKind.DATETIME),
        ({"day": "%d/%m/%Y"}, "%d/%m/%Y", ColumnKind.DATETIME),
        ({"day": "no"}, "", ColumnKind.CATEGORICAL),
        ({"": "no"}, "", ColumnKind.CATEGORICAL),
    ):
        assert read_strings(frame, Asked(asked))["day"] == Reading(kind, format_)
    assert read_strings(frame, Asked({"": "dmy"}))["paid"].date_format == "dmy"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"week": "dmy"}, "Unknown column in dates 'week'"),
        ({"day": "%Y-%m"}, "reads 0 of the first"),
        ({"word": "dmy"}, "reads 0"),
    ],
)
def test_words_about_columns_that_do_not_fit_are_refused(asked, said):
    frame = pd.DataFrame({"day": dates().dt.strftime("%d/%m/%Y"), "word": "a"})
    with pytest.raises(InputError, match=said):
        read_strings(frame, Asked(asked))


def test_a_time_column_is_read_as_models_see_it():
    frame = pd.DataFrame(
        {
            "day": dates(low=True).dt.strftime("%d/%m/%Y"),
            "born": dates(len(dates(low=True)), seed=3).dt.strftime("%d/%m/%Y"),
        }
    )
    found = read_strings(frame)["day"]
    assert found.date_format == "dmy"
    assert sortable_time(frame["day"], found).tolist() == seconds(dates(low=True))
