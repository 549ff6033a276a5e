"""The clock is kept, and what was finished when it ran out is used."""

import time

import numpy as np
import pytest

from automl import AutoML
from automl.plugin_api import Ended, ModelSpec, hookimpl
from tests.conftest import quick
from tests.tables import regression_table
from tests.troublesome import ClassShares


class Slow(ClassShares):
    """Needs two seconds a fold, whatever it is told."""

    def fit(self, train, valid, context):
        time.sleep(2.0)
        super().fit(train, valid, context)


class OffersSlow:
    @hookimpl
    def automl_models(self):
        return [ModelSpec("slow", Slow, scaling="standard")]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_returns_within_its_limit(n_jobs):
    limit = 6
    begun = time.monotonic()
    model = AutoML(limit, verbose=0, n_jobs=n_jobs).fit(regression_table(400), "spent")
    took = time.monotonic() - begun
    assert took < limit + 1 + 0.01 * limit
    assert took > 0.5 * limit
    assert len(model.leaderboard()) >= 1  # on a busy machine the workers may not be up in time
    assert np.isfinite(model.predict(regression_table(20))).all()


def test_the_folds_that_were_finished_when_time_ended_are_used():
    model = AutoML(7, models=["slow"], plugins=[OffersSlow()], cv=9, n_jobs=1, verbose=0, executor="in_process")
    model.fit(regression_table(), "spent")
    (row,) = model.leaderboard().to_dict("records")
    assert row["status"] == "partial"
    assert 1 <= row["folds"] < 9
    assert row["weight"] == 1.0
    assert np.isfinite(model.predict(regression_table(5))).all()
    assert len(model.outcome_.covered) < 150


def test_a_search_ends_when_there_is_nothing_left_to_try():
    begun = time.monotonic()
    model = quick(time_limit=300, max_trials=None, models=["baseline"]).fit(regression_table(), "spent")
    assert time.monotonic() - begun < 20
    assert model.outcome_.reason is Ended.NOTHING_FITS


def test_a_search_by_time_also_ends_by_count():
    model = quick(time_limit=300, max_trials=3).fit(regression_table(), "spent")
    assert len(model.leaderboard()) == 3
