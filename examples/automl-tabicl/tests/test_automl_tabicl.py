"""TabICL keeps the model contract and competes, with tiny weights in the format of the published ones."""

import json
import zipfile
from dataclasses import replace

import automl_tabicl
import numpy as np
import pandas as pd
import pytest
from automl_tabicl import TABICL, VARIABLE
from tiny_weights import WEIGHTS

from automl import AutoML
from automl.plugin_api import BuildRequest, Choice, Column, ColumnKind, Dataset, FitContext, Schema, Task, TaskKind
from automl.testing import parametrize_with_model_checks

PLACED = replace(
    TABICL,
    pretrained="",
    space={**TABICL.space, "weights": Choice((str(WEIGHTS),))},
    defaults=tuple({**each, "weights": str(WEIGHTS)} for each in TABICL.defaults),
)
QUICK = {
    "time_limit": None, "max_trials": 2, "models": ["tabicl", "baseline"], "plugins": [automl_tabicl], "n_jobs": 1,
    "cv": 2, "executor": "in_process", "verbose": 0,
}  # fmt: skip


@parametrize_with_model_checks([PLACED])
def test_it_keeps_the_model_contract(check, weights):
    check()


def table(values=False, seed=0, n_rows=120):
    rng = np.random.default_rng(seed)
    level = rng.integers(0, 3, n_rows)
    made = pd.DataFrame({name: level + rng.normal(0, 0.5, n_rows) for name in ("a", "b", "c")})
    made["kind"] = np.array(["low", "middle", "high"])[np.clip(level + rng.integers(-1, 2, n_rows), 0, 2)]
    return made.assign(target=10.0 * level + rng.normal(0, 1, n_rows) if values else level >= 1)


@pytest.fixture
def offered(weights, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(weights))
    return weights


@pytest.mark.parametrize("values", [False, True])
def test_it_competes_is_saved_with_its_rows_said_aloud_and_predicts_the_same(offered, tmp_path, values):
    model = AutoML(**QUICK, ensemble="none").fit(table(values), "target")
    assert model.leaderboard()["model"][0] == "tabicl"
    saved = model.save(tmp_path / "model.automl")
    again = AutoML.load(saved, plugins=[automl_tabicl])
    rows = table(values, seed=1).drop(columns="target")
    found, wanted = (each.predict(rows) if values else each.predict_proba(rows) for each in (again, model))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    assert saved.stat().st_size < 200_000
    with zipfile.ZipFile(saved) as files:
        manifest = json.loads(files.read("manifest.json"))
    assert (manifest["holds_training_rows"], manifest["pickled"]) == (["tabicl"], {})


def test_a_saved_model_says_what_to_do_where_its_checkpoint_is_not(offered, tmp_path, monkeypatch):
    saved = AutoML(**QUICK, ensemble="none").fit(table(), "target").save(tmp_path / "model.automl")
    again = AutoML.load(saved, plugins=[automl_tabicl])
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in offered.glob("*.ckpt"):
        (moved / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(automl_tabicl, "checkpoints", lambda weights, classify: [])
    with pytest.raises(Exception, match="a saved model holds its rows alone"):
        again.predict(table(seed=1))
    monkeypatch.undo()
    monkeypatch.setenv(VARIABLE, str(moved))
    assert len(again.predict(table(seed=1))) == 120


def test_a_damaged_checkpoint_costs_its_trials_alone(tmp_path, monkeypatch):
    pytest.importorskip("tabicl", reason="the package tabicl is not installed")
    (tmp_path / "tabicl-classifier-v2-20260212.ckpt").write_bytes(b"no weights")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    model = AutoML(**QUICK).fit(table(), "target")
    assert set(model.leaderboard()["model"]) == {"baseline"}
    assert "tabicl" in set(model.failures()["model"])


def learner_of(data, objective="", estimators=1):
    params = {"weights": str(WEIGHTS), "estimators": estimators}
    learner = TABICL.build(BuildRequest(data.task, params))
    learner.fit(data, None, FitContext(objective=objective))
    return learner


def test_more_classes_than_a_checkpoint_tells_apart_at_once_are_predicted(weights):
    rng = np.random.default_rng(0)
    target = np.arange(130) % 13
    features = pd.DataFrame({"a": target + rng.normal(0, 0.1, 130), "b": rng.normal(size=130)}, dtype=np.float32)
    schema = Schema(tuple(Column(name, ColumnKind.NUMERIC) for name in "ab"))
    task = Task(TaskKind.MULTICLASS, "target", tuple(f"class {number:02}" for number in range(13)))
    learner = learner_of(Dataset(features, target, schema, task, np.arange(130)))
    found = learner.predict(features)
    assert found.shape == (130, 13)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_quantiles_are_learned_where_the_metric_asks_for_them(weights):
    rng = np.random.default_rng(0)
    features = pd.DataFrame({"a": rng.normal(size=120), "b": rng.normal(size=120)}, dtype=np.float32)
    target = features["a"].to_numpy() + rng.normal(0, 1, 120)
    schema = Schema(tuple(Column(name, ColumnKind.NUMERIC) for name in "ab"))
    data = Dataset(features, target, schema, Task(TaskKind.REGRESSION, "target"), np.arange(120))
    low, middle, high = (
        learner_of(data, objective).predict(features).mean()
        for objective in ("quantile:0.1", "absolute", "quantile:0.9")
    )
    assert low < middle < high
