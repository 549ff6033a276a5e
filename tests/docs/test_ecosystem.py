"""The examples in docs/ecosystem.md run, with the real MLflow and TensorBoard and stores in a folder."""

import sys
import types

import pytest

from automl.registry import discover
from tests.docs.pages import DOCS, blocks

PAGE = DOCS / "ecosystem.md"


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_examples_run_from_top_to_bottom_and_leave_records(quick_folder, monkeypatch):
    for name in ("MLFLOW_ALLOW_FILE_STORE", "MLFLOW_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "true")
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("tensorboard")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri((quick_folder / "store").as_uri())
    module = types.ModuleType("page_ecosystem")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    try:
        for number, block in enumerate(blocks(PAGE, "python"), start=1):
            exec(compile(block, f"ecosystem.md, block {number}", "exec"), vars(module))
        (experiment,) = mlflow.MlflowClient().search_experiments()
        runs = mlflow.MlflowClient().search_runs([experiment.experiment_id])
    finally:
        mlflow.set_tracking_uri(before)
    assert len(runs) == 3  # one alone, and one below a run of the page's own
    assert len(list((quick_folder / "runs").iterdir())) == 1
    assert list(vars(module)["pipeline"][-1].feature_names_in_) == ["age", "visits"]
    assert len(vars(module)["outside"]) == 3


def test_the_trackers_of_the_page_are_there():
    assert {"mlflow", "tensorboard"} <= set(discover().trackers)
