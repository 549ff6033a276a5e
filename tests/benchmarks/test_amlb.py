"""The AMLB integration, called as AMLB's parent and child processes call it."""

import importlib.util
import re
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.tables import binary_table, multiclass_table, regression_table

FOLDER = Path(__file__).parents[2] / "benchmarks" / "amlb"
MODULE = FOLDER / "extensions" / "EnsembleAutoML"
PARAMS = {
    "max_trials": 2,
    "models": ["linear"],
    "cv": 2,
    "executor": "in_process",
    "verbose": 0,
    "_artifacts": ["leaderboard"],
}
TABLES = {"binary": binary_table, "multiclass": multiclass_table, "regression": regression_table}
TARGETS = {"binary": "bought", "multiclass": "grade", "regression": "spent"}


def load(path, name):
    """Import a file of the integration, which no package holds."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def execute(monkeypatch, tmp_path):
    """exec.py beside a stand-in for AMLB's `frameworks.shared.callee`."""
    callee = types.ModuleType("frameworks.shared.callee")
    names = ("output_file", "predictions", "truth", "probabilities", "probabilities_labels", "target_is_encoded",
             "error_message", "models_count", "training_duration", "predict_duration")  # fmt: skip

    def result(**given):
        return {**dict.fromkeys(names), **given}

    def output_subdir(name, config):
        folder = Path(config.output_dir) / name
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    def measure_inference_times(infer, files):
        return {size: [len(infer(rows))] for size, rows in files[:2]}

    callee.result, callee.output_subdir, callee.call_run = result, output_subdir, lambda function: None
    callee.measure_inference_times = measure_inference_times
    for name, module in (
        ("frameworks", types.ModuleType("frameworks")),
        ("frameworks.shared", types.ModuleType("frameworks.shared")),
        ("frameworks.shared.callee", callee),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    return load(MODULE / "exec.py", "amlb_exec")


def task(tmp_path, kind, metric, table=None, classes=None, **more):
    """A dataset and a config of AMLB's shape; the first 100 rows are for training."""
    table = TABLES[kind]().drop(columns="note") if table is None else table
    target = TARGETS[kind]
    train, test = table[:100], table[100:]
    if kind != "regression":  # as AMLB writes labels
        train, test = (part.assign(**{target: part[target].astype("category")}) for part in (train, test))
    train.to_parquet(tmp_path / "train.parquet")
    test.to_parquet(tmp_path / "test.parquet")
    test.drop(columns=target)[:1].to_parquet(tmp_path / "one.parquet")
    names = classes or (sorted(table[target].unique()) if kind != "regression" else None)
    dataset = types.SimpleNamespace(
        train=types.SimpleNamespace(path=str(tmp_path / "train.parquet")),
        test=types.SimpleNamespace(path=str(tmp_path / "test.parquet")),
        target=types.SimpleNamespace(name=target, classes=names),
        problem_type=kind,
        inference_subsample_files=[(1, str(tmp_path / "one.parquet"))],
    )
    config = types.SimpleNamespace(
        type="regression" if kind == "regression" else "classification",
        type_=kind,
        metric=metric,
        metrics=[metric],
        seed=2**40 + 3,
        max_runtime_seconds=30,
        cores=1,
        max_mem_size_mb=4096,
        fold=0,
        name="tiny",
        output_dir=str(tmp_path / "out"),
        output_predictions_file=str(tmp_path / "predictions.csv"),
        framework_params=PARAMS,
        measure_inference_time=False,
    )
    vars(config).update(more)
    return dataset, config


@pytest.mark.parametrize(("kind", "metric"), [("binary", "auc"), ("multiclass", "logloss"), ("binary", "balacc")])
def test_classes_are_given_as_amlb_checks_them(execute, tmp_path, kind, metric):
    dataset, config = task(tmp_path, kind, metric)
    found = execute.run(dataset, config)
    labels, probabilities = found["probabilities_labels"], found["probabilities"]
    assert labels == dataset.target.classes
    assert probabilities.shape == (50, len(labels))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert list(found["predictions"]) == [labels[place] for place in probabilities.argmax(axis=1)]
    assert set(found["truth"]) <= set(labels)
    assert found["output_file"] == config.output_predictions_file
    assert found["models_count"] == 2
    assert found["training_duration"] > 0 < found["predict_duration"]
    assert not found["target_is_encoded"]
    if metric == "auc":
        assert roc_auc_score(found["truth"], probabilities[:, 1]) > 0.6


def test_numbers_are_given_without_probabilities(execute, tmp_path):
    dataset, config = task(tmp_path, "regression", "rmse")
    found = execute.run(dataset, config)
    assert found["probabilities"] is found["probabilities_labels"] is None
    assert found["predictions"].shape == found["truth"].shape == (50,)
    assert np.corrcoef(found["predictions"], found["truth"])[0, 1] > 0.5


def test_a_class_that_no_training_row_has_gets_a_column(execute, tmp_path):
    dataset, config = task(tmp_path, "multiclass", "logloss", classes=["low", "Mid", "never", "top"])
    found = execute.run(dataset, config)
    assert found["probabilities_labels"] == ["low", "mid", "top", "never"]
    assert not found["probabilities"][:, 3].any()


def test_numeric_and_boolean_labels_stay_classes(execute, tmp_path):
    table = binary_table(labels=(False, True)).drop(columns="note")
    dataset, config = task(tmp_path, "binary", "auc", table, classes=["False", "True"])
    found = execute.run(dataset, config)
    assert found["probabilities_labels"] == ["False", "True"]
    assert set(found["predictions"]) <= {"False", "True"}


def test_limits_seed_metric_and_parameters_become_options(execute, tmp_path):
    _, config = task(tmp_path, "binary", "pr_auc", cores=3, framework_params={"refit": True, "_private": 1})
    assert execute.options_of(config) == {
        "time_limit": 30, "metric": "average_precision", "task": "binary", "n_jobs": 3, "memory_limit": "4096MB",
        "random_state": 3 + 2**40 % 2**32, "refit": True,
    }  # fmt: skip
    unlimited = task(tmp_path, "binary", "auc", cores=-1, max_mem_size_mb=-1)[1]
    assert {execute.options_of(unlimited)[name] for name in ("n_jobs", "memory_limit")} == {-1, None}


def test_every_metric_of_amlb_is_one_of_ours(execute):
    from automl.registry import discover

    assert set(execute.METRICS.values()) <= set(discover().metrics)


def test_the_leaderboard_is_kept_and_prediction_is_timed_where_asked(execute, tmp_path):
    dataset, config = task(tmp_path, "binary", "auc", measure_inference_time=True)
    found = execute.run(dataset, config)
    assert found["inference_times"] == {"file": {1: [1]}, "df": {1: [1]}}
    assert len(pd.read_csv(tmp_path / "out" / "leaderboard" / "leaderboard.csv")) == 2


def test_the_parent_hands_over_paths_target_and_files_to_time(monkeypatch, tmp_path):
    calls = []
    caller = types.ModuleType("frameworks.shared.caller")
    caller.run_in_venv = lambda *given, **named: calls.append((given, named)) or "done"
    for name in ("frameworks", "frameworks.shared"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "frameworks.shared.caller", caller)
    part = types.SimpleNamespace(data_path=lambda form: f"here.{form}")
    dataset = types.SimpleNamespace(
        train=part,
        test=part,
        target=types.SimpleNamespace(name="y", values=["a", "b"]),
        type=types.SimpleNamespace(name="binary"),
        inference_subsample_files=lambda fmt: [(1, f"one.{fmt}")],
    )
    config = types.SimpleNamespace(measure_inference_time=True)
    module = load(MODULE / "__init__.py", "amlb_module")
    assert module.run(dataset, config) == "done"
    ((given, named),) = calls
    assert given == (str(MODULE / "__init__.py"), "exec.py")
    assert named["input_data"] == {
        "train": {"path": "here.parquet"}, "test": {"path": "here.parquet"}, "problem_type": "binary",
        "target": {"name": "y", "classes": ["a", "b"]}, "inference_subsample_files": [(1, "one.parquet")],
    }  # fmt: skip
    assert named["dataset"] is dataset
    assert named["config"] is config


def test_the_definitions_name_the_module_and_the_setup_is_a_shell_script():
    text = (FOLDER / "frameworks.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^(\w+):$", text, flags=re.MULTILINE) == ["EnsembleAutoML", "EnsembleAutoML_all"]
    assert f"module: extensions.{MODULE.name}" in text
    assert "'{user}/frameworks.yaml'" in (FOLDER / "config.yaml").read_text(encoding="utf-8")
    script = MODULE / "setup.sh"
    assert script.stat().st_mode & 0o100
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
