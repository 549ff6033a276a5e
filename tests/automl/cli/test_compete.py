"""`automl compete`: files in, every guess on a line of its own, a submission out."""

import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.automl.cli.running import run, run_refused
from tests.automl.competition.test_kaggle import calls, program  # noqa: F401  a fixture
from tests.competitions import binary, classes, several, write

BY_COUNT = (
    "--time-limit", "none", "--max-trials", "1", "--models", "linear", "--cv", "3", "--jobs", "1", "--quiet",
)  # fmt: skip


@pytest.fixture(scope="module")
def competed(tmp_path_factory, in_this_process):
    """The folder of the files and the submission, and what was printed."""
    folder = tmp_path_factory.mktemp("files")
    train, test, sample = write(folder, binary(sample=0.5))
    printed = run(
        "compete", train, test, "--sample", sample, "-o", folder / "sub.csv", "--model", folder / "m.automl", *BY_COUNT
    )
    return folder, printed


def test_every_guess_stands_on_a_line_of_its_own_and_the_score_at_the_end(competed):
    folder, printed = competed
    lines = printed.splitlines()
    assert "id: id (in sample.csv and test.csv)" in lines
    assert "target: alive (in sample.csv and train.csv, not in test.csv)" in lines
    assert any(line.startswith("metric: roc_auc (usual where probabilities are submitted") for line in lines)
    assert any(line.startswith("score:       roc_auc 0.") and "95 % interval" in line for line in lines)
    assert any(line.startswith("checked:     30 rows, ids and order as in sample.csv") for line in lines)
    assert (folder / "m.automl").is_file()


def test_the_files_are_beside_the_submission(competed):
    folder = competed[0]
    for name, n_rows in (("sub.csv", 30), ("sub_oof.csv", 90), ("sub_test.csv", 30)):
        assert len(pd.read_csv(folder / name)) == n_rows
    record = json.loads((folder / "sub_run.json").read_text())
    assert record["metric"] == "roc_auc"
    assert all(each["cause"] for each in record["not_run"])


def test_options_go_before_guesses(tmp_path):
    train, test, sample = write(tmp_path, classes(sample="labels"))
    options = ("--metric", "MAP@2", "--id", "id", "--target", "kind", "--exclude", "svm")
    printed = run("compete", train, test, "--sample", sample, "-o", tmp_path / "s.csv", *options, *BY_COUNT)
    assert "target: kind (as asked)" in printed
    assert "submitted: lists of the likeliest labels (map@2 scores a list)" in printed
    assert pd.read_csv(tmp_path / "s.csv")["kind"].str.split().str.len().tolist() == [2] * 30


def test_a_blend_alone_shows_what_it_is_made_of(competed, tmp_path):
    folder, _ = competed
    files = [folder / f"{name}.csv" for name in ("train", "test", "sample")]
    printed = run(
        "compete", files[0], files[1], "--sample", files[2], "--blend", folder / "sub.csv", "--no-fit", "-o",
        tmp_path / "b.csv", "--proba", "--seed", "3",
    )  # fmt: skip
    assert "Blend" in printed
    assert pd.read_csv(tmp_path / "b.csv")["alive"].to_numpy() == pytest.approx(
        pd.read_csv(folder / "sub.csv")["alive"].to_numpy()
    )


def test_a_competition_is_downloaded_fitted_and_submitted_in_one_command(program, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    printed = run("compete", "--download", "plants", "--submit", "plants", "-m", "one", "--labels", *BY_COUNT)
    assert "download: plants/ (from Kaggle)" in printed
    assert "submitted:   Successfully submitted to plants" in printed
    assert calls(program)[1][-4:] == ["-f", "submission.csv", "-m", "one"]
    assert "sample_submission.csv: 30 rows x 2 columns" in printed


def test_a_missing_program_is_told_before_any_fit(competed, tmp_path, capsys, monkeypatch):
    folder = competed[0]
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", os.fspath(tmp_path / "python"))
    arguments = ("compete", folder / "train.csv", folder / "test.csv", "--submit", "plants", "-o", tmp_path / "s.csv")
    status, message = run_refused(capsys, monkeypatch, *arguments)
    assert status == 2
    assert "pip install kaggle" in message
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("compete",), "expected both files"),
        (("compete", "train.csv"), "expected both files"),
        (("compete", "empty"), "expected a train and a test table"),
        (("compete", "twice"), "several files that could be the train table: train_1.csv, train_2.csv"),
        (("compete", "train.csv", "gone.csv"), "no file 'gone.csv'"),
        (("compete", "train.csv", "test.csv", "--sample", "train.csv"), "ids that test.csv has not, such as (1, "),
        (("compete", "train.csv", "test.csv", "--metric", "accuracyy"), "Did you mean 'accuracy'?"),
        (("compete", "train.csv", "test.csv", "--target", "soul"), "Did you mean 'soil'?"),
        (("compete", "train.csv", "test.csv", "-o", "s.parquet"), "ends in .csv"),
        (("compete", "train.csv", "test.csv", "--no-fit"), "nothing to do"),
        (("compete", "train.csv", "test.csv", "--encoding", "utf-9"), "unknown encoding"),
        (("compete", "train.csv", "test.csv", "--blend", "gone"), "no file 'gone_oof.csv' to blend"),
    ],
)
def test_what_cannot_be_done_is_one_message_and_status_2(tmp_path, capsys, monkeypatch, arguments, expected):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, binary())
    (tmp_path / "empty").mkdir()
    (tmp_path / "twice").mkdir()
    for name in ("train_1.csv", "train_2.csv", "test.csv"):
        Path("twice", name).write_text("a,b\n1,2\n")
    status, message = run_refused(capsys, monkeypatch, *arguments)
    assert status == 2
    assert message.startswith("Error: ")
    assert expected in message


def test_several_targets_are_named_with_commas_between(tmp_path):
    train, test, _ = write(tmp_path, several("values"))
    printed = run(
        "compete", train, test, "--target", "weight,height", "--id", "id", "-o", tmp_path / "s.csv", *BY_COUNT
    )
    assert "target: weight, height (as asked)" in printed
    assert list(pd.read_csv(tmp_path / "s.csv")) == ["id", "weight", "height"]
