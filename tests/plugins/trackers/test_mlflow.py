"""MLflow, the real one, with a store in a folder: what a search writes can be read back."""

import json
from pathlib import Path

import pytest

from automl.errors import OptionError
from automl.plugin_api import TrackRequest
from automl_builtins.trackers import mlflow as module
from automl_builtins.trackers.mlflow import MlflowTracker
from tests.conftest import quick
from tests.plugins.observers.events import END, ENSEMBLE, failed, finished, started
from tests.tables import binary_table

TABLE = binary_table(60).drop(columns=["note", "joined"])


def tracked(**options):
    """An AutoML of two candidates that MLflow is told of."""
    return quick(**{"track": "mlflow", "plugins": [module], "models": ["linear"], "max_trials": 2, "cv": 2, **options})


@pytest.fixture
def mlflow(tmp_path, monkeypatch):
    for name in ("MLFLOW_ALLOW_FILE_STORE", "MLFLOW_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "true")
    for name in ("MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    library = pytest.importorskip("mlflow")
    before = library.get_tracking_uri()
    library.set_tracking_uri((tmp_path / "store").as_uri())
    yield library
    while library.active_run() is not None:
        library.end_run()
    library.set_tracking_uri(before)


def runs(mlflow, experiment="Default"):
    """Return the runs of an experiment, the newest first."""
    client = mlflow.MlflowClient()
    return client.search_runs([client.get_experiment_by_name(experiment).experiment_id])


def read(mlflow, run, name, folder):
    """Return a table of a run."""
    path = mlflow.MlflowClient().download_artifacts(run.info.run_id, f"{name}.json", str(folder))
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_a_search_is_a_run_with_what_was_asked_its_curves_and_its_tables(mlflow, tmp_path):
    model = tracked().fit(TABLE, "bought")
    (run,) = runs(mlflow)
    assert run.info.status == "FINISHED"
    assert run.data.tags["automl.ended"] == "the number of trials was reached"
    assert {name: run.data.params[name] for name in ("task", "target", "metric", "rows", "folds", "max_trials")} == {
        "task": "binary", "target": "bought", "metric": "roc_auc", "rows": "60", "folds": "2", "max_trials": "2",
    }  # fmt: skip
    assert run.data.metrics["ensemble/roc_auc"] == model.score_
    assert run.data.metrics["ensemble/interval_low"] == model.interval_[0]
    client = mlflow.MlflowClient()
    curve = client.get_metric_history(run.info.run_id, "candidate/roc_auc")
    assert [(each.step, each.value) for each in sorted(curve, key=lambda each: each.step)] == [
        (1, model.outcome_.results[0].score),
        (2, model.outcome_.results[1].score),
    ]
    table = read(mlflow, run, "candidates", tmp_path)
    found = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    assert [each["model"] for each in found] == ["linear", "linear"]
    assert json.loads(found[0]["params"]) == dict(model.outcome_.results[0].candidate.params)


def test_a_search_inside_a_run_is_a_run_below_it_and_leaves_it_active(mlflow):
    with mlflow.start_run() as outer:
        tracked(max_trials=1).fit(TABLE, "bought")
        assert mlflow.active_run().info.run_id == outer.info.run_id
    (below,) = [each for each in runs(mlflow) if each.info.run_id != outer.info.run_id]
    assert below.data.tags["mlflow.parentRunId"] == outer.info.run_id


def test_a_search_goes_to_the_experiment_that_is_set_or_to_the_one_that_is_named(mlflow):
    tracked(max_trials=1, track="mlflow:houses").fit(TABLE, "bought")
    tracked(max_trials=1, track="mlflow:houses").fit(TABLE, "bought")
    assert len(runs(mlflow, "houses")) == 2
    mlflow.set_experiment("streets")
    try:
        MlflowTracker(TrackRequest()).observe(END)
        assert len(runs(mlflow, "streets")) == 1
    finally:
        mlflow.set_experiment("Default")


def test_a_search_that_fails_is_a_failed_run(mlflow, monkeypatch):
    from automl.steps.plan import encode_given

    monkeypatch.setattr(encode_given, "type_columns", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tracked().fit(TABLE, "bought")
    assert [run.info.status for run in runs(mlflow)] == ["FAILED"]
    assert mlflow.active_run() is None


def test_numbers_that_are_none_are_left_out_and_failures_are_kept(mlflow, tmp_path):
    tracker = MlflowTracker(TrackRequest())
    for event in (started(), finished(score=float("nan"), best=float("inf")), failed(), ENSEMBLE, END):
        tracker.observe(event)
    (run,) = runs(mlflow)
    assert "candidate/roc_auc" not in run.data.metrics
    assert run.data.metrics["candidate/seconds"] == 2.5
    failure = read(mlflow, run, "failures", tmp_path)["data"][0]
    assert failure[:3] == ["linear", "fit", "ValueError: [odd] input\nsecond line"]


def test_a_run_that_cannot_be_written_ends_as_failed_and_is_not_left_active(mlflow):
    tracker = MlflowTracker(TrackRequest())
    mlflow.MlflowClient().delete_run(tracker._run_id)
    with pytest.raises(Exception, match="active"):
        tracker.observe(started())
    assert mlflow.active_run() is None


def test_the_default_store_without_what_writes_it_is_refused_with_two_ways_out(mlflow, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    with pytest.raises(OptionError, match="pip install mlflow, or set MLFLOW_TRACKING_URI"):
        tracked().fit(TABLE, "bought")
