"""TensorBoard, the real one: its own reader finds what a search wrote."""

import time

import pytest

from automl.plugin_api import TrackRequest
from automl_builtins.trackers import tensorboard as module
from automl_builtins.trackers.tensorboard import TensorboardTracker, markdown_table, new_folder
from tests.conftest import quick
from tests.plugins.observers.events import END, ENSEMBLE, failed, finished, started
from tests.tables import binary_table

pytest.importorskip("tensorboard")


def read(folder):
    """Return the curves and the texts in a folder, as TensorBoard reads them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    found = EventAccumulator(str(folder)).Reload()
    tensors = {
        tag: [(each.step, make_ndarray(each.tensor_proto)) for each in found.Tensors(tag)]
        for tag in found.Tags()["tensors"]
    }
    curves = {tag: [(step, float(value)) for step, value in each] for tag, each in tensors.items() if "/" in tag}
    texts = {tag: each[0][1].item().decode() for tag, each in tensors.items() if "/" not in tag}
    return curves, texts


def test_a_search_is_a_folder_with_curves_and_tables(tmp_path):
    table = binary_table(60).drop(columns=["note", "joined"])
    options = {"models": ["linear"], "max_trials": 2, "cv": 2, "plugins": [module]}
    model = quick(track=f"tensorboard:{tmp_path}/logs", **options).fit(table, "bought")
    (folder,) = (tmp_path / "logs").iterdir()
    curves, texts = read(folder)
    scores = [each.score for each in model.outcome_.results]
    assert curves["candidate/roc_auc"] == [(1, pytest.approx(scores[0])), (2, pytest.approx(scores[1]))]
    assert curves["ensemble/roc_auc"] == [(2, pytest.approx(model.score_))]
    assert "| target | bought |" in texts["search"]
    assert texts["candidates"].count("\n| linear |") == 2
    assert "the number of trials was reached" in texts["ended"]


def test_without_a_place_it_is_the_folder_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TensorboardTracker(TrackRequest()).observe(END)
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("automl-")


def test_searches_of_one_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda form: "automl-now")
    names = [new_folder(tmp_path / "logs").name for _ in range(3)]
    assert names == ["automl-now", "automl-now-2", "automl-now-3"]


def test_what_is_written_can_be_read_while_the_search_runs(tmp_path):
    tracker = TensorboardTracker(TrackRequest(str(tmp_path)))
    for event in (started(), finished(), failed()):
        tracker.observe(event)
    (folder,) = tmp_path.iterdir()
    assert read(folder)[0]["best/roc_auc"] == [(1, pytest.approx(0.9))]
    for event in (finished(score=float("nan"), best=0.9), ENSEMBLE, END):
        tracker.observe(event)
    curves, texts = read(folder)
    assert [step for step, _ in curves["candidate/roc_auc"]] == [1]
    assert "ValueError: [odd] input second line" in texts["failures"]


def test_a_table_has_no_row_that_breaks_it():
    assert markdown_table([{"a": "x|y\nz", "b": 1}]).splitlines() == ["| a | b |", "| --- | --- |", "| x\\|y z | 1 |"]
    assert markdown_table([]) == ""
