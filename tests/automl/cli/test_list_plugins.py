"""`automl plugins`: what is installed, what each offers, and what it lacks."""

import json
import subprocess
import sys

from automl.cli.list_plugins import group_offers
from automl.machine import find_modules
from tests.automl.cli.running import run


def test_plugins_lists_name_package_offers_and_errors():
    done = subprocess.run([sys.executable, "-m", "automl", "plugins"], capture_output=True, text=True, check=True)
    assert "ensemble-automl" in done.stdout
    assert "model: lightgbm" in done.stdout


def test_plugins_says_which_library_a_model_lacks_and_how_to_get_it(monkeypatch):
    found = find_modules.find_spec
    monkeypatch.setattr(find_modules, "find_spec", lambda name: None if name == "catboost" else found(name))
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


def test_offers_are_grouped_by_kind():
    assert group_offers(("metric mae", "metric rmse", "automl_event")) == "metric: mae, rmse; automl_event"
