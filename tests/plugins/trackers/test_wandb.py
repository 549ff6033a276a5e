"""Weights & Biases, the real one, offline: a search is a run in a folder of this machine."""

import json

import pytest

from automl.errors import OptionError
from automl_builtins.trackers import wandb as module
from tests.conftest import quick
from tests.tables import binary_table


def fit(track, **options):
    table = binary_table(60).drop(columns=["note", "joined"])
    return quick(track=track, models=["linear"], max_trials=2, cv=2, **options).fit(table, "bought")


def test_a_search_is_a_run_with_curves_and_tables(tmp_path, monkeypatch):
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    logged, begun = [], []
    start = wandb.init

    def watched(**options):
        run = start(**options)
        log = run.log
        run.log = lambda numbers, **more: (logged.append(numbers), log(numbers, **more))
        begun.append((run, options["project"]))
        return run

    monkeypatch.setattr(wandb, "init", watched)
    model = fit("wandb:shop", plugins=[module])
    ((run, project),) = begun
    assert project == "shop"
    assert wandb.run is None, "the run was left open"
    assert run.config["automl"]["target"] == "bought"
    scores = [each["candidate/roc_auc"] for each in logged if "candidate/roc_auc" in each]
    assert scores == pytest.approx([each.score for each in model.outcome_.results])
    assert any("automl/candidates" in each for each in logged)
    assert list(tmp_path.glob("wandb/offline-run-*")), json.dumps([str(each) for each in tmp_path.rglob("*")])


def test_where_it_is_not_installed_the_search_is_refused_with_the_command(monkeypatch):
    monkeypatch.setattr("automl.machine.find_modules.is_installed", lambda name: name != "wandb")
    with pytest.raises(OptionError, match=r"wandb is not installed; run: pip install 'ensemble-automl\[wandb\]'"):
        fit("wandb", plugins=[module])
