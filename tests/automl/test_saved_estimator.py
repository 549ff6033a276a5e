"""What a saved estimator keeps of its options and its metric, and what becomes of a plugin's own members."""

import json

import numpy as np
import pytest
from sklearn.model_selection import KFold

from automl import AutoML, AutoMLClassifier
from automl.artifact import inspect_artifact
from automl.errors import ArtifactError, OptionError
from automl.plugin_api import hookimpl
from automl.saved_estimator import plain_options
from tests.automl.testing import toy_models
from tests.automl.testing.toy_models import Toy, toy_spec
from tests.conftest import quick
from tests.tables import binary_table, mixed_table


def half(target, predicted):
    return float(np.mean(np.asarray(target) == predicted)) / 2


def test_options_that_are_objects_are_left_out_and_said(tmp_path):
    model = quick(models=["baseline", "linear"], max_trials=2, cv=KFold(2), metric=half).fit(binary_table(60), "bought")
    path = model.save(tmp_path / "model.automl")
    settings = inspect_artifact(path)["settings"]
    assert settings["cv"] == "a KFold, not saved"
    assert settings["metric"] == "a function, not saved"
    assert settings["models"] == ["baseline", "linear"]
    loaded = AutoML.load(path)
    assert (loaded.cv, loaded.metric, loaded.models) == (None, None, ["baseline", "linear"])
    assert loaded.metric_ == "half"
    assert loaded.score_ == model.score_
    with pytest.raises(OptionError, match="'half' was a function given to fit"):
        loaded.score(binary_table(20))
    assert loaded.evaluate(binary_table(20), metrics="accuracy")["accuracy"] > 0


def test_a_named_metric_scores_after_loading(classifier, tmp_path):
    loaded = AutoML.load(classifier.save(tmp_path / "model.automl"))
    table = binary_table(80, seed=4)
    assert loaded.score(table) == classifier.score(table)
    assert loaded.evaluate(table) == classifier.evaluate(table)


def test_the_class_of_the_estimator_comes_back_and_can_be_saved_again(tmp_path):
    options = quick(models=["linear"], max_trials=1, cv=2).get_params()
    model = AutoMLClassifier(**options).fit(binary_table(60), "bought")
    loaded = AutoML.load(model.save(tmp_path / "model"))
    assert type(loaded) is AutoMLClassifier
    again = AutoML.load(loaded.save(tmp_path / "again.automl"))
    np.testing.assert_array_equal(again.predict_proba(mixed_table(9)), model.predict_proba(mixed_table(9)))


def test_neither_the_machine_nor_its_paths_are_saved(tmp_path):
    model = quick(
        models=["linear", "broken"], max_trials=2, cv=2, plugins=[OffersBroken()], path=str(tmp_path / "kept")
    )
    model.fit(binary_table(60), "bought")
    assert __file__ in model.failures()["traceback"].iloc[0]
    folder = model.save(tmp_path / "model")
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"broken by design" in written
    for private in (str(tmp_path), __file__):
        assert json.dumps(private).strip('"').encode() not in written


class Broken(Toy):
    def fit(self, train, valid, context):
        raise RuntimeError("broken by design")


class OffersBroken:
    @hookimpl
    def automl_models(self):
        return [toy_spec(Broken, name="broken")]


class OffersToy:
    """Offers a model whose class can be found by its name."""

    @hookimpl
    def automl_models(self):
        return [toy_spec(), toy_spec(toy_models.HoldsAFunction, name="toy_with_function")]


OffersToy.__module__ = toy_models.__name__


def fitted_with_toy(name):
    table = binary_table(60)[["age", "income", "bought"]].fillna(0)
    options = {"models": [name], "max_trials": 1, "cv": 2, "ensemble": "none", "plugins": [OffersToy()]}
    return quick(**options).fit(table, "bought")


def test_a_plugin_of_a_script_is_named_again_to_load(tmp_path):
    model = fitted_with_toy("toy")
    path = model.save(tmp_path / "model.automl")
    assert inspect_artifact(path)["pickled"] == {}
    with pytest.raises(ArtifactError, match=r"toy_models:Toy'.*Install the plugin .* plugins=\[module\]"):
        AutoML.load(path)
    loaded = AutoML.load(path, plugins=[OffersToy()])
    np.testing.assert_array_equal(loaded.predict_proba(mixed_table(9)), model.predict_proba(mixed_table(9)))


def test_a_member_that_can_only_be_pickled_needs_trust(tmp_path):
    model = fitted_with_toy("toy_with_function")
    path = model.save(tmp_path / "model.automl")
    manifest = inspect_artifact(path)
    assert list(manifest["pickled"]) == ["members/00-toy_with_function.pkl"]
    assert "ufunc" in manifest["pickled"]["members/00-toy_with_function.pkl"]
    with pytest.raises(ArtifactError, match="pickled parts"):
        AutoML.load(path, plugins=[OffersToy()])
    loaded = AutoML.load(path, trusted=True)
    np.testing.assert_array_equal(loaded.predict_proba(mixed_table(9)), model.predict_proba(mixed_table(9)))


def test_only_text_numbers_lists_of_them_and_such_by_name_are_plain():
    given = {"a": 1, "b": "x", "c": None, "d": ["x", 1], "e": [half], "f": half, "g": 1.5, "path": "x", "plugins": ()}
    by_name = {"h": {"x": "y", "z": ["a", "b"]}, "i": {1: "x"}, "j": {"x": half}}
    assert set(plain_options({**given, **by_name})) == {"a", "b", "c", "d", "g", "h"}
