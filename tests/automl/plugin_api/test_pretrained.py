"""Pretrained weights are found in folders and in packages, and left to the hub by their name."""

from __future__ import annotations

import pytest

from automl.plugin_api import weights_path


def test_a_folder_with_a_description_is_its_own_path(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert weights_path(str(tmp_path)) == str(tmp_path)


def test_a_folder_without_one_is_refused_with_what_to_put_there(tmp_path):
    for missing in (tmp_path, tmp_path / "nothing", "./nothing", "~/surely/nothing"):
        with pytest.raises(LookupError, match=r"not found; put config\.json and model\.safetensors there"):
            weights_path(str(missing))


def test_a_name_on_the_hub_stays_a_name():
    assert weights_path("bert-base-uncased") == "bert-base-uncased"
    assert weights_path("google/bert_uncased_L-2_H-128_A-2") == "google/bert_uncased_L-2_H-128_A-2"


def test_a_package_that_ships_weights_is_looked_into(tmp_path, monkeypatch):
    inside = tmp_path / "shipping_weights" / "model"
    inside.mkdir(parents=True)
    (inside / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(tmp_path)
    assert weights_path("package:shipping_weights/model") == str(inside)
    for missing in ("package:shipping_weights/other", "package:surely_not_installed/model", "package:"):
        with pytest.raises(LookupError, match="install the package"):
            weights_path(missing)
