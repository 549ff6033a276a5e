"""The command line as a whole: its commands, its errors and its warnings."""

import subprocess
import sys
import warnings

import pytest

from automl.cli import main
from tests.automl.cli.running import run, run_refused


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("fit", "missing.csv", "--target", "ill"), "no file 'missing.csv'"),
        (("fit", "TRAIN", "--target", "il"), "Did you mean 'ill'?"),
        (("fit", "TRAIN", "--target", "ill", "--models", "liner"), "Did you mean 'linear'?"),
        (("fit", "TRAIN", "--target", "ill", "--time-limit", "soon"), "time_limit='soon'"),
        (("fit", "TRAIN", "--target", "ill", "-o", "FOLDER"), "is no saved predictor"),
        (("predict", "FOLDER", "TRAIN"), "manifest.json"),
        (("leaderboard", "nowhere"), "manifest.json"),
        (("inspect", "TRAIN"), "is no saved model"),
        (("check-plugin", "linea"), "Did you mean 'linear'?"),
        (("check-plugin", "voting", "--expect", "check_spec_pickle"), "Did you mean 'check_spec_pickles'?"),
    ],
)
def test_what_cannot_be_done_is_one_message_and_status_2(tables, tmp_path, capsys, monkeypatch, arguments, expected):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    given = {"TRAIN": tables[0], "FOLDER": "folder"}
    status, message = run_refused(capsys, monkeypatch, *(given.get(each, each) for each in arguments))
    assert status == 2
    assert message.startswith("Error: ")
    assert expected in message


def test_help_names_every_command():
    done = subprocess.run([sys.executable, "-m", "automl", "--help"], capture_output=True, text=True, check=True)
    for command in (
        "fit",
        "predict",
        "check",
        "leaderboard",
        "inspect",
        "plugins",
        "check-plugin",
        "new-plugin",
        "demo",
    ):
        assert f" {command} " in done.stdout


def test_version_is_shown():
    from automl import __version__

    assert run("--version").strip() == f"automl {__version__}"


def test_a_warning_is_a_sentence_without_the_place_in_the_code_that_told_it(tmp_path, monkeypatch, capsys):
    (tmp_path / "odd.csv").write_bytes("größe;y\n1;2\n3;4\n".encode("cp1252"))
    monkeypatch.setattr(sys, "argv", ["automl", "fit", str(tmp_path / "odd.csv"), "--target", "z"])
    monkeypatch.setattr(warnings, "filters", [])
    with pytest.raises(SystemExit):
        main()
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("Warning: ")
    assert "read as cp1252" in told[0]
    assert told[1].startswith("Error: Unknown target column 'z'")
