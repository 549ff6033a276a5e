"""A search begins with the table stored, slots assigned, and the watchers told what it is of."""

import pandas as pd
import pytest

from automl.plugin_api import SearchStarted, hookimpl
from automl.steps.fit.store_dataset import open_dataset
from tests.automl.steps.searches import opened
from tests.tables import regression_table


class Told:
    """Keeps what watchers are told."""

    def __init__(self):
        self.events = []

    @hookimpl
    def automl_event(self, event):
        self.events.append(event)


@pytest.fixture(scope="module")
def begun():
    told = Told()
    with opened(regression_table(60), "spent", plugins=[told], cv=2) as search:
        yield search, told


def test_workers_find_the_table_as_it_was_encoded(begun):
    search, _ = begun
    there = open_dataset(search.setup.place.files(search.setup.stored))
    pd.testing.assert_frame_equal(there.dataset.features, search.table.dataset.features, check_dtype=False)
    assert there.plan.n_folds == 2
    assert search.setup.place.folder == search.workers.folder


def test_the_watchers_are_told_what_is_searched(begun):
    (event,) = (event for event in begun[1].events if isinstance(event, SearchStarted))
    assert (event.n_rows, event.n_folds, event.metric, event.greater_is_better) == (60, 2, "rmse", False)
    assert (event.models, event.max_trials, event.time_limit) == (("baseline", "linear"), 3, None)


def test_without_a_folder_of_the_users_nothing_is_logged(begun):
    assert begun[0].setup.log is None
    assert begun[0].setup.run is None
    assert begun[0].setup.running is None
