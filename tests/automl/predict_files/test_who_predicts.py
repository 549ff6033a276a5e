"""Who predicts files: machines of a cluster write what this one would, and one that is lost costs nothing."""

from dataclasses import replace

import pandas as pd
import pytest

from automl.errors import OptionError
from automl.fitted.mean_of_combiners import MeanOfCombiners
from automl.predict_files import block_by_block
from automl.predict_files import who_predicts as who
from automl.predict_files.who_predicts import modules_of, who_predicts
from automl.registry import discover
from automl_builtins.ensemblers._candidates import WeightedAverage
from tests.automl.predict_files.conftest import N_ROWS
from tests.fleets import FakeCluster, OffersFake


@pytest.fixture
def elsewhere(model, few_at_once, monkeypatch):
    """Have a model predict on a cluster from the second block on."""
    monkeypatch.setattr(block_by_block, "WORTH_SECONDS", -1.0)
    monkeypatch.setattr(who, "discover", lambda _: discover([OffersFake()]))
    executor, jobs = model.executor, model.n_jobs
    yield lambda address: model.set_params(executor=f"fake:{address}", n_jobs=-1)
    model.set_params(executor=executor, n_jobs=jobs)


@pytest.fixture
def written_here(model, rows, few_at_once, tmp_path):
    """Return the bytes that this machine writes."""
    rows.to_parquet(tmp_path / "rows.parquet")
    model.predict_file(tmp_path / "rows.parquet", tmp_path / "here.csv", probabilities=True, identifier="case")
    return (tmp_path / "here.csv").read_bytes()


def test_machines_of_a_cluster_write_the_same_though_one_is_lost(written_here, elsewhere, tmp_path):
    cluster = FakeCluster("files", tmp_path, "a", "b", "lacks")
    cluster["lacks"].lacks = ("sklearn",)
    told = []

    def tell(progress):
        told.append(progress)
        if progress.done == 120:
            cluster.lose(next(name for name in "ab" if "run" in cluster[name].calls))

    model, output = elsewhere("files"), tmp_path / "there.csv"
    with pytest.warns(UserWarning, match="machines: ") as warned:
        n_rows = model.predict_file(tmp_path / "rows.parquet", output, probabilities=True, identifier="case", tell=tell)
    why = "lacks was left out: linear cannot predict there: sklearn is not installed"
    assert any(why in str(each.message) for each in warned)
    assert n_rows == N_ROWS
    assert output.read_bytes() == written_here
    assert [each.workers for each in told[:2]] == [0, 0]
    assert told[2].workers >= 1
    size = max(cluster["a"].received, cluster["b"].received)
    assert cluster.sent in (size, 2 * size)  # once more where the only one that had the model was lost
    assert not cluster["lacks"].received
    assert not cluster.is_open
    assert all(agent.poll() is not None for agent in cluster.agents())


def test_a_cluster_that_has_no_machine_is_told_and_nothing_is_written(written_here, elsewhere, tmp_path):
    FakeCluster("none", tmp_path, refuses="no such door")
    with pytest.raises(OptionError, match="no such door"):
        elsewhere("none").predict_file(tmp_path / "rows.parquet", tmp_path / "there.csv")
    assert not (tmp_path / "there.csv").exists()


def test_what_is_not_a_cluster_is_refused_before_anything_is_read(elsewhere, tmp_path):
    with pytest.raises(OptionError, match="Unknown executor 'fakes:x'"):
        elsewhere("x").set_params(executor="fakes:x").predict_file(tmp_path / "nothing.csv", tmp_path / "out.csv")


def test_slots_are_as_many_as_were_asked_for(elsewhere):
    def served():
        return who_predicts(model, model._known().predictor, pd.read_csv, model.get_params(deep=False))

    model = elsewhere("x")
    assert (served().away, served().most_slots) == (True, None)
    model.set_params(n_jobs=40)
    assert served().most_slots == 40
    model.set_params(executor="process_slots")
    assert (served().away, served().most_slots, served().jobs) == (False, None, 40)


def test_processes_that_predict_are_told_the_modules_of_all_that_was_fitted(model):
    served = who_predicts(model, model._known().predictor, pd.read_csv, model.get_params(deep=False))
    assert {"automl.estimator", "automl_builtins.models.linear"} < set(served.modules)
    assert any(name.startswith("automl_builtins.preprocessors.") for name in served.modules)


def test_modules_of_a_mean_are_those_of_its_parts(model):
    predictor = model._known().predictor
    part = WeightedAverage(predictor.combiner.weights())
    mean = MeanOfCombiners((part, part), (False, False), predictor.task)
    assert "automl_builtins.ensemblers._candidates" in modules_of(model, replace(predictor, combiner=mean))
