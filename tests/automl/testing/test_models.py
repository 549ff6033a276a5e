"""The model checks pass a model that keeps the contract, and catch one that breaks it, check by check."""

import importlib.util
import sys
from unittest import SkipTest

import pytest

from automl.testing import _models, check_model, model_checks, parametrize_with_model_checks
from tests.automl.testing.toy_models import EVERYTHING, WRONG, Toy, toy_spec

NOT_HERE = {"check_import_is_light", "check_gpu_equals_cpu"}
"""Checks whose wrong model needs a file, below, or a GPU."""


@parametrize_with_model_checks([toy_spec()])
def test_a_right_model_passes(check):
    check()


@pytest.mark.slow
def test_a_right_model_of_every_kind_of_column_passes():
    check_model(EVERYTHING)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_model_is_caught(name):
    with pytest.raises(Exception, match=r"\w"):  # an AssertionError, or what the model itself raises
        dict(model_checks(WRONG[name]))[name]()


def test_every_check_has_a_wrong_model():
    assert {check.__name__ for check in _models.CHECKS} == set(WRONG) | NOT_HERE


def test_a_heavy_import_at_the_top_is_caught(tmp_path, monkeypatch):
    (tmp_path / "catboost.py").write_text('"""Stands for the real one."""\n')
    (tmp_path / "heavy_plugin.py").write_text("import catboost\ndef build(request): pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("catboost", "heavy_plugin"):  # whatever is imported under them goes with the test
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    heavy_plugin = importlib.import_module("heavy_plugin")
    with pytest.raises(AssertionError, match="Importing heavy_plugin imports catboost"):
        dict(model_checks(toy_spec(heavy_plugin.build)))["check_import_is_light"]()


def test_a_model_of_a_test_module_is_not_judged_by_its_imports():
    class OwnToy(Toy):
        pass

    with pytest.raises(SkipTest, match="test_models"):
        dict(model_checks(toy_spec(OwnToy)))["check_import_is_light"]()


def test_a_builder_that_changes_its_params_is_caught():
    def build(request):
        request.params.pop("strength")
        return Toy(request)

    with pytest.raises(AssertionError, match="changed the hyperparameters"):
        dict(model_checks(toy_spec(build)))["check_prediction_shape"]()


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed")
def test_the_gpu_check_is_skipped_without_a_gpu():
    with pytest.raises(SkipTest, match="GPU"):
        dict(model_checks(toy_spec()))["check_gpu_equals_cpu"]()


def test_checks_that_do_not_concern_a_model_are_left_out():
    names = dict(model_checks(toy_spec(accepts_sparse=False, accepts_missing=False)))
    assert "check_sparse_input" not in names
    assert "check_missing_values" not in names
    assert "check_missing_text_and_images" not in names
    assert "check_unseen_categories" in names
