"""Pretrained networks are offered by the environment, and where it names none, the way to name some."""

from __future__ import annotations

from automl_builtins.pretrained import environment


def test_the_environment_names_folders_and_names_on_the_hub(monkeypatch):
    monkeypatch.setenv("AUTOML_TEXT_WEIGHTS", " /some/folder, bert-base-uncased,,")
    monkeypatch.setenv("AUTOML_IMAGE_WEIGHTS", "microsoft/resnet-18")
    found = [(each.weights, each.kind) for each in environment.automl_pretrained()]
    assert found == [("/some/folder", "text"), ("bert-base-uncased", "text"), ("microsoft/resnet-18", "image")]


def test_without_variables_no_weights_are_offered_but_the_way_to_name_some(monkeypatch):
    for variable in environment.VARIABLES.values():
        monkeypatch.setenv(variable, " ")
    found = [(each.weights, each.kind, each.install.split(" to ")[0]) for each in environment.automl_pretrained()]
    assert found == [("", "text", "set AUTOML_TEXT_WEIGHTS"), ("", "image", "set AUTOML_IMAGE_WEIGHTS")]
