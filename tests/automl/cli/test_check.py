"""`automl check`, and what `automl fit` tells of a table, on a small table."""

import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from automl.cli import app, main
from tests.tables import binary_table, mixed_table


def run(*arguments):
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


@pytest.fixture(scope="module")
def fitted(tmp_path_factory, in_this_process):
    """The folder of a saved model, one of later tables, and what `automl fit` printed."""
    folder = tmp_path_factory.mktemp("check")
    train = binary_table(200).drop(columns=["note", "joined"])
    train.assign(paid=train["bought"].eq("yes") * 2.5, same=1).to_csv(folder / "train.csv", index=False)
    new = mixed_table(100, seed=5).drop(columns=["note", "joined"]).assign(paid=2.5, same=1)
    new.to_csv(folder / "same.csv", index=False)
    new.assign(age=new["age"] + 90, city="Paris").to_csv(folder / "other.csv", index=False)
    limits = ("--time-limit", "none", "--max-trials", "1", "--models", "linear", "--cv", "2", "--quiet")
    target = ("--target", "bought", "--unlabeled", folder / "other.csv", "-o", folder / "model")
    return folder, run("fit", folder / "train.csv", *target, *limits)


def test_fit_prints_the_warnings_of_the_audit_with_advice_and_counts_the_notes(fitted):
    assert "warning: leak 'paid': this column alone explains 100.0% of the target" in fitted[1]
    assert "df.drop(columns=['paid'])" in fitted[1]
    assert "warning: shift" in fitted[1]
    assert "noted: set aside '" in fitted[1]


def test_check_shows_the_columns_that_differ(fitted, tmp_path):
    folder, _ = fitted
    printed = run("check", folder / "model", folder / "other.csv", "-o", tmp_path / "report.csv")
    assert "out of the fitted range" in printed
    assert "in unseen categories" in printed
    assert "member" not in printed
    assert "3 of 6 columns differ" in printed  # age and city, and paid, which is one value
    report = pd.read_csv(tmp_path / "report.csv").set_index("column")
    assert report.loc["member", "verdict"] == "ok"


def test_check_of_all_columns_shows_those_that_are_fine(fitted):
    assert "member" in run("check", fitted[0] / "model", fitted[0] / "same.csv", "--all")


def test_a_table_without_rows_is_told_and_refused_where_strict(fitted, tmp_path, capsys, monkeypatch):
    folder, empty = fitted[0], tmp_path / "empty.csv"
    pd.read_csv(folder / "same.csv").head(0).to_csv(empty, index=False)
    assert "has no rows: only the names of its columns were compared" in run("check", folder / "model", empty)
    monkeypatch.setattr(sys, "argv", ["automl", "check", str(folder / "model"), str(empty), "--strict"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "has no rows; expected some to compare" in capsys.readouterr().err


def test_strict_ends_with_one_error_that_lists_the_problems(fitted, capsys, monkeypatch):
    monkeypatch.setattr(
        sys, "argv", ["automl", "check", *map(str, (fitted[0] / "model", fitted[0] / "other.csv")), "--strict"]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    message = capsys.readouterr().err
    assert "3 of 6 columns differ" in message
    assert "'age': " in message
    assert "'city': 100% in unseen categories" in message
