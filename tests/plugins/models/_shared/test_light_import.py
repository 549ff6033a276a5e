"""Imports without scikit-learn: it is out of sight while the module loads, and there again afterwards."""

from __future__ import annotations

import sys

import pytest

from automl_builtins.models._shared.light_import import import_without_sklearn

WANTS = "try:\n    import sklearn\nexcept ImportError:\n    sklearn = None\n"


@pytest.fixture
def wants_sklearn(tmp_path, monkeypatch):
    """Write a module that uses scikit-learn where it finds it, and forget of it afterwards."""
    (tmp_path / "wants_sklearn.py").write_text(WANTS)
    monkeypatch.syspath_prepend(tmp_path)
    yield "wants_sklearn"
    sys.modules.pop("wants_sklearn", None)


def test_where_scikit_learn_is_not_loaded_the_module_does_not_find_it(wants_sklearn, monkeypatch):
    monkeypatch.delitem(sys.modules, "sklearn", raising=False)
    assert import_without_sklearn(wants_sklearn).sklearn is None
    assert "sklearn" not in sys.modules


def test_where_it_is_loaded_the_module_gets_it(wants_sklearn):
    import sklearn

    assert import_without_sklearn(wants_sklearn).sklearn is sklearn


def test_it_is_in_sight_again_after_an_import_that_failed(monkeypatch):
    monkeypatch.delitem(sys.modules, "sklearn", raising=False)
    with pytest.raises(ModuleNotFoundError):
        import_without_sklearn("there_is_no_such_module")
    assert "sklearn" not in sys.modules
