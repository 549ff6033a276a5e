"""The TabICL package finds weights that are there and fetches none; its own tests, which need tabicl, fit with some."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

from automl import registry
from automl.plugin_api import Column, ColumnKind, Dataset, Deadline, FitContext, FitSize, Schema, Task, TaskKind
from automl.testing import check_pretrained

FILE = Path(__file__).parents[2] / "examples" / "automl-tabicl" / "automl_tabicl.py"
CLASSIFIER, REGRESSOR = "tabicl-classifier-v2-20260212.ckpt", "tabicl-regressor-v2-20260212.ckpt"
BINARY, NUMBER = Task(TaskKind.BINARY, "target", ("no", "yes")), Task(TaskKind.REGRESSION, "target")


@pytest.fixture(scope="module")
def package():
    spec = importlib.util.spec_from_file_location("automl_tabicl", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def hub(package, monkeypatch, tmp_path):
    """Return the folder of one state of the repository in a hub's cache that holds nothing else."""
    monkeypatch.delenv(package.VARIABLE, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub" / "models--jingang--TabICL" / "snapshots" / "0123abcd"


def put(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())
    return folder


def test_what_it_needs_and_that_it_keeps_rows_is_said(package):
    assert package.TABICL.requires == ("tabicl", "torch")
    assert package.TABICL.keeps_rows


def test_without_weights_it_is_told_how_to_get_some_and_under_which_licence(package, hub):
    (offer,) = package.automl_pretrained()
    assert offer.weights == ""
    assert "set AUTOML_TABICL_WEIGHTS to a folder" in offer.install
    assert "hf download jingang/TabICL` (BSD-3-Clause" in offer.install


def test_what_the_user_has_fetched_from_the_hub_is_found_and_the_newest_version_taken(package, hub):
    put(hub, "tabicl-classifier-v1-20250208.ckpt", "tabicl-classifier-v1.1-20250506.ckpt", CLASSIFIER)
    (offer,) = package.automl_pretrained()
    assert (offer.weights, offer.kind, offer.licence) == (package.HUB, "tabicl", "BSD-3-Clause")
    assert package.find_checkpoint(package.HUB, classify=True) == hub / CLASSIFIER
    with pytest.raises(LookupError, match=r"for values \(tabicl-regressor"):
        package.find_checkpoint(package.HUB, classify=False)


@pytest.mark.parametrize("variable", ["HF_HOME", "XDG_CACHE_HOME"])
def test_the_cache_lies_where_the_hubs_client_has_it(package, hub, monkeypatch, tmp_path, variable):
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.delenv("HF_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    home = tmp_path if variable == "HF_HOME" else tmp_path / "huggingface"
    assert package.snapshots() == home / "hub" / "models--jingang--TabICL" / "snapshots"


def test_folders_that_the_environment_names_go_before_the_hubs_cache(package, hub, monkeypatch, tmp_path):
    put(hub, CLASSIFIER)
    first, second = put(tmp_path / "first", REGRESSOR), put(tmp_path / "second", CLASSIFIER)
    monkeypatch.setenv(package.VARIABLE, f" {first}, {second},")
    assert [each.weights for each in package.automl_pretrained()] == [str(first), str(second)]
    assert package.find_checkpoint(str(first), classify=False) == first / REGRESSOR


def test_weights_that_are_not_there_and_tables_that_are_too_large_are_refused_with_a_reason(package, hub, tmp_path):
    folder = put(tmp_path / "weights", CLASSIFIER)
    params = {"weights": str(folder), "estimators": 4}
    assert package.limits(FitSize(1_000, 20, BINARY, params)) == ""
    assert "no checkpoint of TabICL for values" in package.limits(FitSize(1_000, 20, NUMBER, params))
    assert package.limits(FitSize(10_001, 20, BINARY, params)).startswith("10001 rows")
    assert package.limits(FitSize(1_000, 501, BINARY, params)).startswith("501 features")


def test_a_checkpoint_is_known_by_its_content(package, tmp_path):
    first, second = put(tmp_path / "first", CLASSIFIER) / CLASSIFIER, put(tmp_path / "second", CLASSIFIER) / CLASSIFIER
    assert package.digest_of(first) == package.digest_of(second)
    second.write_bytes(b"another")
    assert package.digest_of(first) != package.digest_of(second)


def test_costs_grow_with_rows_columns_and_estimators(package):
    def cost(rows=1_000, features=20, estimators=4, device="cpu"):
        return package.resources(FitSize(rows, features, BINARY, {"estimators": estimators}, device=device))

    base = cost()
    for more in (cost(rows=2_000), cost(features=40), cost(estimators=8)):
        assert more.seconds > base.seconds
        assert more.memory_mb > base.memory_mb
    assert cost(device="cuda").seconds < base.seconds


def data_of(n_rows):
    import pandas as pd

    features = pd.DataFrame(np.zeros((n_rows, 2), dtype=np.float32), columns=["a", "b"])
    schema = Schema(tuple(Column(name, ColumnKind.NUMERIC) for name in "ab"))
    return Dataset(features, np.arange(n_rows) % 2, schema, BINARY, np.arange(n_rows))


def test_where_time_is_short_there_are_fewer_estimators_and_then_fewer_rows(package):
    data = data_of(5_000)
    assert package.within(data, None, 8, FitContext()) == (5_000, 8)
    rows, estimators = package.within(data, None, 8, FitContext(deadline=Deadline(4.0)))
    assert (rows < 5_000, estimators) == (True, 1)
    assert package.within(data, None, 8, FitContext(deadline=Deadline(0.1))) == (package.LEAST_ROWS, 1)


def test_rows_come_as_often_as_their_weights_say(package):
    rng = np.random.default_rng(0)
    assert package.draw_rows(5, 5, None, rng).tolist() == [0, 1, 2, 3, 4]
    assert len(set(package.draw_rows(100, 30, None, rng).tolist())) == 30
    weights = np.where(np.arange(100) < 50, 3.0, 1.0)
    drawn = package.draw_rows(100, 100, weights, rng)
    assert math.isclose(np.mean(drawn < 50), 0.75, abs_tol=0.03)
    assert package.draw_rows(4, 4, np.array([0.0, 1.0, 0.0, 0.0]), rng).tolist() == [1, 1, 1, 1]


def test_missing_numbers_become_means_and_missing_categories_a_code_of_their_own(package):
    matrix = np.array([[1.0, 0.0, np.nan], [3.0, np.nan, np.nan]], dtype=np.float32)
    kinds = [ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.NUMERIC]
    assert package.fills_of(matrix, kinds).tolist() == [2.0, -1.0, 0.0]


def test_its_contract_as_pretrained_weights_holds(package, hub, monkeypatch, tmp_path):
    monkeypatch.setenv(package.VARIABLE, str(put(tmp_path / "weights", CLASSIFIER)))
    known = registry.discover([package])
    monkeypatch.setattr(registry, "discover", lambda: known)
    assert package.TABICL.pretrained == package.automl_pretrained()[0].kind
    for spec in package.automl_pretrained():
        check_pretrained(spec)
