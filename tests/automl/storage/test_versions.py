"""The versions that are written down are those of packages, by their name or that of a module they bring."""

from importlib.metadata import version
from types import SimpleNamespace

import numpy as np

from automl.storage import versions
from automl.storage.versions import TRACKED, versions_behind, versions_of


def test_what_every_fit_rests_on_is_told_and_what_is_required_besides():
    found = versions_behind([SimpleNamespace(requires=("sklearn", "joblib")), SimpleNamespace(requires=())])
    assert set(found) == {"python", *TRACKED, "joblib"}
    assert found["numpy"] == np.__version__


def test_a_package_of_another_name_than_its_module_is_found(monkeypatch):
    versions._version.cache_clear()
    monkeypatch.setattr(versions, "packages_distributions", lambda: {"xgboost_like": ["joblib", "joblib"]})
    assert versions_of(["xgboost_like", "no_such_module"]) == {"xgboost_like": version("joblib")}
    versions._version.cache_clear()
