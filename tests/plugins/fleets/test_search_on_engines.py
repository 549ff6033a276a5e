"""A search on the workers of each engine gives what it gives here, to the last bit."""

import numpy as np
import pytest

from automl import AutoML
from tests.conftest import quick
from tests.tables import binary_table

OPTIONS = {"max_trials": 3, "models": ["linear", "lightgbm"]}


@pytest.fixture(scope="module")
def here():
    return quick(**OPTIONS).fit(binary_table(), "bought")


@pytest.mark.parametrize("engine", ["dask", pytest.param("ray", marks=pytest.mark.long)])
def test_a_search_by_count_gives_the_same_to_the_last_bit(engine, here, request):
    cluster = request.getfixturevalue(f"{engine}_cluster")
    there = quick(**OPTIONS, executor=f"{engine}:{cluster.address}", n_jobs=2).fit(binary_table(), "bought")
    assert isinstance(there, AutoML)
    assert np.array_equal(there.predict_proba(binary_table()), here.predict_proba(binary_table()))
    assert not there.notes_
