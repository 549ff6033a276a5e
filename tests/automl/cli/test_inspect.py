"""`automl inspect`: what a saved model is made of, without loading it."""

import json

import pytest

from tests.automl.cli.running import run


def test_inspect_shows_what_is_inside_without_loading_it(fitted, monkeypatch):
    monkeypatch.setattr("automl.storage.parts.PartsReader.get", lambda *_: pytest.fail("a part was loaded"))
    printed = run("inspect", fitted[0])
    for shown in ("binary", "ill", "roc_auc 0.9", "95 % interval", "linear", "mean radius", "scikit-learn", "nothing;"):
        assert shown in printed
    assert json.loads(run("inspect", fitted[0], "--json"))["target"] == "ill"
