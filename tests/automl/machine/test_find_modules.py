"""Which modules are installed is told without importing them."""

import sys

from automl.machine.find_modules import is_installed, missing_modules


def test_those_that_are_not_there_are_named_in_order():
    assert missing_modules(("no_such_module", "numpy", "nor_this.one")) == ["no_such_module", "nor_this.one"]


def test_a_module_of_what_is_no_package_is_not_there():
    assert not is_installed("numpy.no_such_part")
    assert not is_installed("this.part")


def test_nothing_is_imported_for_it(tmp_path, monkeypatch):
    (tmp_path / "breaks_when_imported.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path)
    assert is_installed("breaks_when_imported")
    assert "breaks_when_imported" not in sys.modules
