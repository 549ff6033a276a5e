"""A search and a prediction on the workers of each engine give what they give here, to the last bit."""

from copy import copy

import numpy as np
import pytest

from automl import AutoML, predictor
from automl.predict_files import block_by_block
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


@pytest.mark.parametrize("engine", ["dask", pytest.param("ray", marks=pytest.mark.long)])
def test_a_large_file_is_predicted_to_the_same_bytes(engine, here, request, tmp_path, monkeypatch):
    cluster, told = request.getfixturevalue(f"{engine}_cluster"), []
    monkeypatch.setattr(predictor, "CHUNK_ROWS", 20)
    monkeypatch.setattr(block_by_block, "WORTH_SECONDS", -1.0)
    binary_table(200).drop(columns="bought").to_parquet(tmp_path / "rows.parquet")
    for name, executor in (("here", "in_process"), ("there", f"{engine}:{cluster.address}")):
        model = copy(here).set_params(executor=executor, n_jobs=2)
        output = tmp_path / f"{name}.csv"
        model.predict_file(tmp_path / "rows.parquet", output, probabilities=True, tell=told.append)
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
    assert told[-1].workers == 2
