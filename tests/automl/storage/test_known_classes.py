"""A name in a file leads to a known class or to an error, and imports nothing else on the way."""

import sys
from types import ModuleType

import pytest
from sklearn.linear_model import Ridge

from automl.errors import ArtifactError
from automl.storage.known_classes import MOVED, KnownClasses, known_classes, name_of, package_of
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
        "os:system", "builtins:eval", "builtins:object", "subprocess:Popen",
        "tests.automl.cli.test_check_plugin:WrongPlugin",
        "automl.cli:app", "automl.estimator:AutoML", "automl.__main__:main", "automl.table.files.read_table:Path",
        "automl.steps.trials.run_jobs:os", "automl.vocabulary.schema:Enum", "sklearn.base:clone", "sklearn.utils:Path",
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
    assert package_of(sys.modules["tests.automl.storage"]) == "tests.automl"
    assert package_of(ModuleType("automl_alone")) == "automl_alone"
    assert known_classes([values]).why_not(Point) == ""


def test_a_package_does_not_make_those_known_whose_names_begin_alike():
    known = KnownClasses(frozenset({"tests.automl.stor"}))
    assert known.why_not(Point)


class Mover:
    """A plugin whose classes have moved."""

    __module__ = values.__name__

    def automl_moved_classes(self):
        return {"old.models": "tests.automl.storage", "old.models.points:Dot": "tests.automl.storage.values:Point"}


class BrokenMover:
    """A plugin that cannot say where its classes lie."""

    __module__ = values.__name__

    def automl_moved_classes(self):
        raise RuntimeError("no idea")


@pytest.mark.parametrize("name", ["old.models.points:Dot", "old.models.values:Point"])
def test_a_class_is_found_by_the_name_that_it_had_before_it_moved(name):
    assert known_classes([Mover(), BrokenMover()]).find(name) is Point
    with pytest.raises(ArtifactError):
        known_classes([BrokenMover()]).find(name)


def test_a_move_leads_to_no_class_that_is_not_known():
    class Thief(Mover):
        def automl_moved_classes(self):
            return {"old:Popen": "subprocess:Popen"}

    with pytest.raises(ArtifactError, match="expected one of automl"):
        known_classes([Thief()]).find("old:Popen")


def test_the_engines_own_classes_lie_where_their_old_names_lead():
    for old, new in MOVED.items():
        assert name_of(KnownClasses().find(old)) == new


def test_a_package_inside_of_another_belongs_to_it():
    import email.mime
    import json

    assert package_of(email.mime) == "email"
    assert package_of(json) == "json"
