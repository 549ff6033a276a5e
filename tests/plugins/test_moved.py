"""Classes that lay elsewhere in earlier versions are found where they lie now."""

from __future__ import annotations

import importlib

import pytest

from automl.registry import discover
from automl.storage.known_classes import known_classes, name_of
from automl_builtins import moved
from automl_builtins.models.lightgbm.learner import LightGBMLearner


@pytest.mark.parametrize("now", sorted(set(moved.MOVED.values())))
def test_every_new_name_is_one_of_a_module_or_a_class(now):
    module, _, kind = now.partition(":")
    found = importlib.import_module(module)
    assert not kind or isinstance(getattr(found, kind), type)


def test_a_learner_of_an_earlier_version_is_found_by_its_old_names():
    known = known_classes([*(each for each in discover().plugins), moved])
    for old in ("automl_plugins.models.lightgbm:LightGBMLearner", "automl_builtins.models.lightgbm:LightGBMLearner"):
        assert known.find(old) is LightGBMLearner
    assert name_of(LightGBMLearner) == "automl_builtins.models.lightgbm.learner:LightGBMLearner"
