"""The command line, on a small real table."""

import importlib.util
import json
import subprocess
import sys
import warnings
from unittest import SkipTest

import numpy as np
import pandas as pd
import pluggy
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

from automl import AutoML
from automl.cli import app, main
from automl.cli.check_plugin import check_offers, outcome_of
from automl.cli.demo import TARGET, write_example
from automl.cli.list_plugins import group_offers
from automl.cli.predict import as_written
from automl.plugin_api import MetricSpec, TaskKind, hookimpl, hookspecs
from automl.registry import GROUP, Registry
from automl.steps.plan.options import split_names
from automl.storage.encode import UnencodableError

BY_COUNT = ("--time-limit", "none", "--max-trials", "2", "--models", "linear", "--cv", "3", "--quiet")


def run(*arguments):
    """Run a command in this process and return what it printed; anything but success fails the test."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def run_refused(capsys, monkeypatch, *arguments):
    """Run a command that the domain refuses, as the installed script runs it; return status and stderr."""
    monkeypatch.setattr(sys, "argv", ["automl", *(str(each) for each in arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    output = capsys.readouterr()
    assert "Traceback" not in output.err
    return ended.value.code, output.err


@pytest.fixture(scope="module", autouse=True)
def in_this_process():
    """Searches by count fit here: starting workers takes seconds, and `demo` does it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(AutoML.__init__.__kwdefaults__, "executor", "in_process")
        yield


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Paths of a training table, and of a test table without the target but with an identifier."""
    folder = tmp_path_factory.mktemp("tables")
    bunch = load_breast_cancer(as_frame=True)
    table = bunch.data.iloc[:, :5].assign(case=range(len(bunch.data)), ill=np.where(bunch.target == 0, "yes", "no"))
    table.iloc[:200].drop(columns="case").to_csv(folder / "train.csv", index=False)
    table.iloc[200:300].drop(columns="ill").to_parquet(folder / "test.parquet")
    return folder / "train.csv", folder / "test.parquet", table.iloc[200:300]


@pytest.fixture(scope="module")
def fitted(tables, tmp_path_factory, in_this_process):
    """The folder of a saved model, and what `automl fit` printed."""
    output = tmp_path_factory.mktemp("models") / "deep" / "model"
    printed = run("fit", tables[0], "--target", "ill", "-o", output, *BY_COUNT)
    return output, printed


def test_fit_prints_the_score_with_its_interval_and_the_candidates_and_saves(fitted):
    output, printed = fitted
    assert "roc_auc 0.9" in printed
    assert "95 % interval" in printed
    assert "linear" in printed
    assert str(output) in printed.replace("\n", "")
    assert (output / "manifest.json").is_file()


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


def test_predict_gives_numbers_for_a_regression_and_refuses_probabilities(tmp_path, capsys, monkeypatch):
    table = load_diabetes(as_frame=True, scaled=False).frame.iloc[:150]
    table.to_csv(tmp_path / "train.csv", index=False)
    model = AutoML(None, max_trials=1, models=["linear"], cv=2, ensemble="none", executor="in_process", verbose=0)
    model.fit(table, "target").save(tmp_path / "model")
    run("predict", tmp_path / "model", tmp_path / "train.csv", "-o", tmp_path / "out.csv")
    assert np.corrcoef(pd.read_csv(tmp_path / "out.csv")["target"], table["target"])[0, 1] > 0.5
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


def test_inspect_shows_what_is_inside_without_loading_it(fitted, monkeypatch):
    monkeypatch.setattr("automl.storage.parts.PartsReader.get", lambda *_: pytest.fail("a part was loaded"))
    printed = run("inspect", fitted[0])
    for shown in ("binary", "ill", "roc_auc 0.9", "95 % interval", "linear", "mean radius", "scikit-learn", "nothing;"):
        assert shown in printed
    assert json.loads(run("inspect", fitted[0], "--json"))["target"] == "ill"


def test_one_file_is_saved_inspected_and_predicted_with(tables, tmp_path):
    model = tmp_path / "model.automl"
    run("fit", tables[0], "--target", "ill", "-o", model, *BY_COUNT)
    assert model.is_file()
    assert "linear" in run("inspect", model)
    run("predict", model, tables[1], "-o", tmp_path / "out.csv")
    assert len(pd.read_csv(tmp_path / "out.csv")) == 100


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


def test_leaderboard_shows_a_saved_models_candidates(fitted):
    assert "linear" in run("leaderboard", fitted[0])


def test_leaderboard_as_csv_has_every_column(fitted):
    printed = run("leaderboard", fitted[0], "--csv")
    assert {"model", "score", "weight", "params"} <= set(printed.splitlines()[0].split(","))


def test_what_did_not_run_is_counted_and_leaderboard_gives_each_reason(tables, tmp_path):
    place, short = tmp_path / "few.automl", ("--predict-time-limit", "1e-12")
    printed = run("fit", tables[0], "--target", "ill", "-o", place, *BY_COUNT, *short)
    command = f"automl leaderboard {place} --failures"
    assert f"not run (1 x): linear; why: {command}" in printed.splitlines()
    assert "predict_time_limit allows" in " ".join(run(*command.split()[1:]).split())
    assert "traceback" in run(*command.split()[1:], "--csv").splitlines()[0].split(",")


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


def test_plugins_lists_name_package_offers_and_errors():
    done = subprocess.run([sys.executable, "-m", "automl", "plugins"], capture_output=True, text=True, check=True)
    assert "ensemble-automl" in done.stdout
    assert "model: lightgbm" in done.stdout


def test_plugins_says_which_library_a_model_lacks_and_how_to_get_it(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "catboost" else found(name))
    listed = {each["name"]: each for each in json.loads(run("plugins", "--json"))}
    assert listed["catboost"]["missing"] == "catboost is not installed; run: pip install 'ensemble-automl[catboost]'"
    assert listed["linear"]["missing"] == ""
    assert "catboost is not" in run("plugins")


def test_plugins_as_json_is_for_programs(monkeypatch):
    monkeypatch.setenv("AUTOML_DISABLE_PLUGINS", "lightgbm")
    listed = {each["name"]: each for each in json.loads(run("plugins", "--json"))}
    assert listed["linear"]["package"] == "ensemble-automl"
    assert any(offer.startswith("model ") for offer in listed["linear"]["offers"])
    assert listed["lightgbm"]["error"] == "disabled by the environment"


@pytest.fixture
def registry_with_a_wrong_metric():
    """A registry with one plugin, whose metric claims that greater is better for an error."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager)
    registry.add("wrong", WrongPlugin())
    return registry


def absolute_error(target, predictions, weights=None):
    return float(np.average(np.abs(np.asarray(target) - predictions), weights=weights))


class WrongPlugin:
    """Offers a metric with the wrong direction."""

    @hookimpl
    def automl_metrics(self):
        return [MetricSpec("wrong", absolute_error, True, 0.0, "values", frozenset({TaskKind.REGRESSION}))]


def test_check_plugin_names_the_checks_that_fail_and_why(registry_with_a_wrong_metric):
    plugin = registry_with_a_wrong_metric.plugins[0]
    found = {
        label: (status, reason)
        for label, status, reason in check_offers(registry_with_a_wrong_metric, plugin, frozenset())
    }
    assert found["loads"] == ("ok", "")
    status, reason = found["metric wrong: check_worse_predictions_score_worse"]
    assert status == "FAILED"
    assert reason


def test_a_failure_that_was_expected_is_no_failure_and_an_expected_one_that_passes_is(registry_with_a_wrong_metric):
    plugin = registry_with_a_wrong_metric.plugins[0]
    expected = frozenset({"check_worse_predictions_score_worse", "check_inputs_stay_unchanged"})
    checked = check_offers(registry_with_a_wrong_metric, plugin, expected)
    found = {label.split(": ")[-1]: status for label, status, _ in checked}
    assert found["check_worse_predictions_score_worse"] == "expected"
    assert found["check_inputs_stay_unchanged"] == "FAILED"


def test_a_check_that_this_machine_cannot_make_is_skipped():
    def check():
        raise SkipTest("there is no GPU")

    assert outcome_of(check) == ("skipped", "there is no GPU")


def test_check_plugin_passes_a_plugin_that_watches_or_decides():
    assert "1 ok" in run("check-plugin", "stopping")


def test_check_plugin_fails_a_plugin_that_cannot_be_loaded(monkeypatch):
    monkeypatch.setenv("AUTOML_DISABLE_PLUGINS", "stopping")
    result = CliRunner().invoke(app, ["check-plugin", "stopping"])
    assert result.exit_code == 1
    assert "disabled by the environment" in result.stdout


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


def test_offers_are_grouped_by_kind():
    assert group_offers(("metric mae", "metric rmse", "automl_event")) == "metric: mae, rmse; automl_event"


def test_the_example_keeps_every_row_once_and_the_share_of_the_classes(tmp_path):
    train, test = (pd.read_csv(path) for path in write_example(tmp_path))
    assert len(train) + len(test) == 1797
    shares = [part[TARGET].value_counts(normalize=True) for part in (train, test)]
    assert (shares[0] - shares[1]).abs().max() < 0.01


@pytest.mark.slow
def test_demo_writes_its_files_and_shows_promised_and_measured_scores(tmp_path, monkeypatch):
    monkeypatch.setitem(AutoML.__init__.__kwdefaults__, "executor", "process_slots")
    printed = run("demo", "--time-limit", "4", "--quiet", "-o", tmp_path)
    assert "promised     log_loss" in printed
    assert "measured     log_loss" in printed
    predictions = pd.read_csv(tmp_path / "predictions.csv")
    assert list(predictions.columns) == [str(digit) for digit in range(10)]
    assert len(predictions) == len(pd.read_csv(tmp_path / "test.csv"))


@pytest.mark.parametrize(("text", "names"), [(None, None), ("a", ["a"]), (" a, b,", ["a", "b"])])
def test_names_are_split_at_commas(text, names):
    assert split_names(text) == names


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


def test_ids_are_copied_as_they_are_written(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f"zip,number,a\n01234,{2**60 + 1},1\n00007,,2\n")
    table = pd.read_csv(path)
    assert as_written(path, table["zip"]).tolist() == ["01234", "00007"]
    assert as_written(path, table["number"]).tolist() == [str(2**60 + 1), ""]
    assert as_written(path, table["a"]).tolist() == [1, 2]
    table.to_parquet(tmp_path / "t.parquet")
    assert as_written(tmp_path / "t.parquet", table["a"]).tolist() == [1, 2]
