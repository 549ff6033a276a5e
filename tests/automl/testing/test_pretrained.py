"""Pretrained networks are looked at as far as they are here, and models get those in the places that they keep."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from automl import registry
from automl.errors import PluginError
from automl.plugin_api import PRETRAINED, ModelSpec, PretrainedSpec, hookimpl
from automl.testing import check_pretrained, pretrained_checks
from automl.testing._pretrained import with_installed_weights

TINY = Path(__file__).parents[2] / "data" / "tiny_bert"


@pytest.fixture
def spec(tmp_path):
    folder = tmp_path / "weights"
    shutil.copytree(TINY, folder)
    return PretrainedSpec("tiny", str(folder), "text")


def test_a_right_network_passes(spec):
    check_pretrained(spec)
    assert len(list(pretrained_checks(spec))) >= 5


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda folder: (folder / "config.json").write_text(json.dumps({"layers": 2})), "has no 'model_type'"),
        (lambda folder: (folder / "model.safetensors").unlink(), r"Found no \*\.safetensors"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.json; expected"),
    ],
    ids=["description", "weights", "tokenizer"],
)
def test_what_a_folder_lacks_is_named(spec, change, told):
    change(Path(spec.weights))
    with pytest.raises(PluginError, match=told):
        check_pretrained(spec)


def test_a_kind_that_no_model_asks_for_and_a_library_nobody_can_install_are_caught(spec):
    with pytest.raises(PluginError, match="kind is 'sound'; expected one of text, image"):
        check_pretrained(replace(spec, kind="sound"))
    with pytest.raises(PluginError, match="set `install`"):
        check_pretrained(replace(spec, requires=("no_such_library",)))


def test_weights_that_only_the_models_of_a_package_read_may_look_as_they_like(monkeypatch, tmp_path):
    class Package:
        @hookimpl
        def automl_models(self):
            return [ModelSpec("own", lambda request: None, pretrained="sound")]

    monkeypatch.setattr(registry, "discover", partial(registry.discover, [Package()]))
    check_pretrained(PretrainedSpec("own_weights", str(tmp_path), "sound"))


def test_weights_on_the_hub_are_not_asked_for_here():
    check_pretrained(PretrainedSpec("far", "somebody/some-network", "text"))


def test_a_model_that_keeps_no_place_for_weights_stays_as_it_is():
    plain = ModelSpec("own", lambda request: None)
    assert with_installed_weights(plain) is plain


def test_a_model_gets_the_installed_weights_in_its_place():
    spec = ModelSpec("own", lambda request: None, defaults=({"weights": PRETRAINED, "rate": 0.1},), pretrained="text")
    found = with_installed_weights(spec).defaults
    assert found
    assert all(each["weights"] != PRETRAINED and each["rate"] == 0.1 for each in found)
