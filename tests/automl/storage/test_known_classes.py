"""A name in a file leads to a known class or to an error, and imports nothing else on the way."""

import sys
from types import ModuleType

import pytest
from sklearn.linear_model import Ridge

from automl.errors import ArtifactError
from automl.storage.known_classes import KnownClasses, known_classes, name_of, package_of
from automl.vocabulary.schema import Column
from tests.automl.storage import values
from tests.automl.storage.values import KNOWN, Point, Watcher


@pytest.mark.parametrize("kind", [Point, Column, Ridge])
def test_a_class_that_may_be_named_is_found_by_its_name(kind):
    assert KNOWN.why_not(kind) == ""
    assert KNOWN.find(name_of(kind)) is kind


@pytest.mark.parametrize(
    "name",
    [
        "os:system", "builtins:eval", "builtins:object", "subprocess:Popen", "tests.automl.test_cli:WrongPlugin",
        "automl.cli:app", "automl.estimator:AutoML", "automl.__main__:main", "automl.steps.read_table:Path",
        "automl.steps.run_jobs:os", "automl.vocabulary.schema:Enum", "sklearn.base:clone", "sklearn.utils:Path",
        "sklearn.tests.test_base:MyEstimator", "sklearn.conftest:x", "sklearn.utils._testing:TempMemmap",
        "tests.automl.storage.values:around", "tests.automl.storage.values:Watcher", "tests.automl.storage.values:np",
        "tests.automl.storage.values:Point.x", "tests.automl.storage.values", "tests.automl.storage.nowhere:X", "", ":",
        "tests.automl.storage.values:__doc__",
    ],
)  # fmt: skip
def test_any_other_name_is_refused(name):
    with pytest.raises(ArtifactError):
        KNOWN.find(name)


def test_a_refused_name_imports_nothing():
    for name in ("wave:Wave_read", "sklearn.tests.test_base:x", "automl.__main__:main"):
        before = set(sys.modules)
        with pytest.raises(ArtifactError):
            KNOWN.find(name)
        assert set(sys.modules) == before


def test_a_class_that_cannot_be_found_again_is_not_named():
    class Inner:
        pass

    Inner.__module__ = values.__name__
    assert "cannot be found" in KNOWN.why_not(Inner)
    assert "acts by itself" in KNOWN.why_not(Watcher)
    assert "belongs neither" in KnownClasses().why_not(Point)


def test_a_plugin_makes_the_package_known_that_its_module_lies_in():
    assert package_of(values) == "tests.automl.storage"
    assert package_of(Point(1.0)) == "tests.automl.storage"
    assert package_of(sys.modules["tests.automl.storage"]) == "tests.automl.storage"
    assert package_of(ModuleType("automl_alone")) == "automl_alone"
    assert known_classes([values]).why_not(Point) == ""


def test_a_package_does_not_make_those_known_whose_names_begin_alike():
    known = KnownClasses(frozenset({"tests.automl.stor"}))
    assert known.why_not(Point)
