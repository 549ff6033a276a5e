"""`automl predict`: predictions of a file, in its order, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.metrics import roc_auc_score

from automl import AutoML
from automl.storage.encode import UnencodableError
from tests.automl.cli.running import run, run_refused


def test_predict_writes_one_label_a_row_in_order_with_the_identifier_in_front(fitted, tables, tmp_path):
    run("predict", fitted[0], tables[1], "-o", tmp_path / "new" / "out.csv", "--id", "case")
    written = pd.read_csv(tmp_path / "new" / "out.csv")
    assert list(written.columns) == ["case", "ill"]
    assert list(written["case"]) == list(range(200, 300))
    assert (written["ill"].to_numpy() == tables[2]["ill"].to_numpy()).mean() > 0.8


def test_predict_writes_one_column_of_probability_a_class(fitted, tables, tmp_path):
    run("predict", fitted[0], tables[1], "-o", tmp_path / "out.parquet", "--probabilities")
    written = pd.read_parquet(tmp_path / "out.parquet")
    assert list(written.columns) == ["no", "yes"]
    assert written.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert roc_auc_score(tables[2]["ill"] == "yes", written["yes"]) > 0.9


def test_predict_writes_the_labels_of_a_set_with_bars_between(fitted, tables, tmp_path):
    run("predict", fitted[0], tables[1], "-o", tmp_path / "out.csv", "--set", "0.95")
    written = pd.read_csv(tmp_path / "out.csv")
    assert list(written.columns) == ["ill", "ill_set"]
    assert set(written["ill_set"]) == {"no", "yes", "no|yes"}
    assert all(label in labels for label, labels in zip(written["ill"], written["ill_set"], strict=True))


def test_predict_gives_numbers_for_a_regression_and_refuses_probabilities(tmp_path, capsys, monkeypatch):
    table = load_diabetes(as_frame=True, scaled=False).frame.iloc[:150]
    table.to_csv(tmp_path / "train.csv", index=False)
    model = AutoML(None, max_trials=1, models=["linear"], cv=2, ensemble="none", executor="in_process", verbose=0)
    model.fit(table, "target").save(tmp_path / "model")
    run("predict", tmp_path / "model", tmp_path / "train.csv", "-o", tmp_path / "out.csv", "--interval", "0.8")
    written = pd.read_csv(tmp_path / "out.csv")
    assert np.corrcoef(written["target"], table["target"])[0, 1] > 0.5
    assert ((written["target_low"] < written["target"]) & (written["target"] < written["target_high"])).all()
    status, message = run_refused(
        capsys, monkeypatch, "predict", tmp_path / "model", tmp_path / "train.csv", "--probabilities"
    )
    assert status == 2
    assert "predicts numbers" in message


@pytest.mark.parametrize("command", ["predict", "check"])
def test_what_is_read_is_not_written_over(command, fitted, tables, tmp_path, capsys, monkeypatch):
    copy = tmp_path / "copy.parquet"
    copy.write_bytes(tables[1].read_bytes())
    status, said = run_refused(capsys, monkeypatch, command, fitted[0], copy, "-o", copy)
    assert status == 2
    assert "would be written over what is read" in said
    assert copy.read_bytes() == tables[1].read_bytes()


def test_a_pickled_member_is_refused_without_trusted(fitted, tables, tmp_path, capsys, monkeypatch):
    model = AutoML.load(fitted[0])
    monkeypatch.setattr("automl.storage.encode._Encoder._instance", refuse_instances)
    model.save(tmp_path / "model.automl")
    monkeypatch.undo()
    assert "pickle" in run("inspect", tmp_path / "model.automl")
    arguments = ("predict", tmp_path / "model.automl", tables[1], "-o", tmp_path / "out.csv")
    status, message = run_refused(capsys, monkeypatch, *arguments)
    assert status == 2
    assert "--trusted" in message
    assert "wrote 100 rows" in run(*arguments, "--trusted")


def refuse_instances(encoder, value):
    raise UnencodableError(f"{type(value).__name__} is refused")


def test_an_identifier_that_is_no_column_is_refused(fitted, tables, capsys, monkeypatch):
    status, message = run_refused(capsys, monkeypatch, "predict", fitted[0], tables[1], "--id", "cas")
    assert status == 2
    assert "Did you mean 'case'?" in message


def test_an_identifier_of_the_name_that_predictions_have_is_refused(fitted, tables, tmp_path, capsys, monkeypatch):
    table = pd.read_parquet(tables[1]).assign(ill=1)
    table.to_csv(tmp_path / "test.csv", index=False)
    status, message = run_refused(capsys, monkeypatch, "predict", fitted[0], tmp_path / "test.csv", "--id", "ill")
    assert status == 2
    assert "also the name of a column of predictions" in message


@pytest.mark.parametrize("command", ["predict", "check"])
@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.json"])
def test_a_kind_of_file_that_is_not_written_is_refused(command, name, fitted, tables, tmp_path, capsys, monkeypatch):
    status, message = run_refused(capsys, monkeypatch, command, fitted[0], tables[1], "-o", tmp_path / name)
    assert status == 2
    assert "expected a name that ends in one of .csv" in message
    assert not (tmp_path / name).exists()


def test_a_cluster_that_is_none_is_refused_before_anything_is_predicted(fitted, tables, tmp_path, capsys, monkeypatch):
    where = ("predict", fitted[0], tables[1], "-o", tmp_path / "out.csv", "--executor", "desk:tcp://host:8786")
    status, said = run_refused(capsys, monkeypatch, *where)
    assert status == 2
    assert "Unknown executor 'desk:tcp://host:8786'" in said
    assert not (tmp_path / "out.csv").exists()
