"""Known classes: which classes a saved predictor may be rebuilt from. A name in a file never imports anything else."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from automl.errors import ArtifactError

OWN = ("automl.vocabulary", "automl.plugin_api", "automl.fitted", "automl.steps")
MOVED = {
    "automl.steps.fit_fold:FittedMember": "automl.fitted.member:FittedMember",
    "automl.steps.prepare_fold:FittedPreparation": "automl.fitted.preparation:FittedPreparation",
    "automl.steps.prepare_fold:FittedStep": "automl.fitted.preparation:FittedStep",
    "automl.steps.build_ensemble:OneMember": "automl.fitted.one_member:OneMember",
}
"""Where the engine's own classes lie now, by the names that files of earlier versions have for them."""
LIBRARY = "sklearn"
LIBRARY_PARTS = (
    "sklearn.ensemble._hist_gradient_boosting", "sklearn._loss", "sklearn.neural_network._stochastic_optimizers",
    "sklearn.utils._bunch",
)  # fmt: skip
"""Where scikit-learn keeps what its estimators are made of and is no estimator itself."""
NO_LIBRARY = {"tests", "conftest", "externals"}
"""Parts of scikit-learn that are not imported for a file's sake."""


@dataclass(frozen=True, slots=True)
class KnownClasses:
    """Classes of the engine, of installed plugins' modules and their packages, and estimators of scikit-learn.

    Functions are never known, nor are classes with a `__del__`: what a file makes must not act by being dropped.
    """

    packages: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=lambda: MOVED)
    """New names of modules, or of "module:Class", by the old ones."""
    _found: dict[str, type[Any]] = field(default_factory=dict, compare=False)

    def why_not(self, kind: type[Any]) -> str:
        """Return why a class cannot be named in a file, or "" where it can."""
        name = name_of(kind)
        if not self._is_known_module(kind.__module__):
            return f"{name} belongs neither to automl, nor to an installed plugin, nor to scikit-learn"
        try:
            found = _look_up(sys.modules[kind.__module__], kind.__qualname__)
        except KeyError:
            found = None
        return _unfit(kind) if found is kind else f"{name} cannot be found by its name"

    def find(self, name: str) -> type[Any]:
        """Return the class of a name that `name_of` gave, now or in an earlier version; else an `ArtifactError`."""
        if name not in self._found:
            self._found[name] = self._find(self._name_now(str(name)))
        return self._found[name]

    def _name_now(self, name: str) -> str:
        """Return what a class is called now: by its own old name, or by that of the nearest module or package."""
        if name in self.moved:
            return self.moved[name]
        where, _, path = name.partition(":")
        part = where
        while part:
            if part in self.moved:
                return f"{self.moved[part]}{where[len(part) :]}:{path}"
            part = part.rpartition(".")[0]
        return name

    def _find(self, name: str) -> type[Any]:
        where, _, path = name.partition(":")
        if not self._is_known_module(where):
            raise ArtifactError(
                f"Found the class {name!r}; expected one of automl, of an installed plugin, or of scikit-learn. "
                f"Install the plugin that it comes from, or give plugins=[module] to load."
            )
        try:
            found: Any = _look_up(importlib.import_module(where), path)
        except Exception as error:
            raise ArtifactError(
                f"Found the class {name!r}, which is not there in the packages that are installed: "
                f"{type(error).__name__}: {error}. Install the versions that the manifest names."
            ) from error
        reason = _unfit(found) if isinstance(found, type) else f"{name} is no class"
        if not isinstance(found, type) or reason or name_of(found) != name:
            raise ArtifactError(f"Found {name!r}; expected a class that holds data: {reason or 'it is another one'}.")
        return found

    def _is_known_module(self, name: str) -> bool:
        parts = set(name.split("."))
        if "__main__" in parts or (_is_within(name, LIBRARY) and NO_LIBRARY & parts):
            return False
        return any(_is_within(name, package) for package in (*OWN, *self.packages, LIBRARY))


def known_classes(plugins: Iterable[Any]) -> KnownClasses:
    """Return the classes that are known with these plugins, which are modules, or objects of a module's class."""
    plugins = list(plugins)
    moved = dict(MOVED)
    for plugin in plugins:
        moved.update(_moved_by(plugin))
    return KnownClasses(frozenset(package_of(plugin) for plugin in plugins), moved)


def _moved_by(plugin: Any) -> dict[str, str]:
    """Return the new names by the old ones that a plugin tells; one that cannot tell has moved nothing."""
    try:
        told = plugin.automl_moved_classes()
        return {str(old): str(new) for old, new in told.items()}
    except Exception:
        return {}


def package_of(plugin: Any) -> str:
    """Return the package that a plugin's module lies in, or the module where it lies in none.

    A plugin that is a package inside of another, which is no mere namespace, belongs to that one.
    """
    name = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__
    above = name.rpartition(".")[0]
    is_package = hasattr(sys.modules.get(name), "__path__")
    if is_package and getattr(sys.modules.get(above), "__file__", None) is None:
        return name
    return above or name


def name_of(kind: type[Any]) -> str:
    """Return how a class is called in a file: "module:Class"."""
    return f"{kind.__module__}:{kind.__qualname__}"


def _look_up(module: ModuleType, path: str) -> Any:
    found: Any = module
    for part in path.split("."):
        found = vars(found)[part]
    return found


def _unfit(kind: type[Any]) -> str:
    """Return why a class of a known module is none that holds data, or "" where it is."""
    if issubclass(kind, type | BaseException) or hasattr(kind, "__del__"):
        return f"{name_of(kind)} acts by itself"
    if not _is_within(kind.__module__, LIBRARY) or any(_is_within(kind.__module__, part) for part in LIBRARY_PARTS):
        return ""
    from sklearn.base import BaseEstimator

    return "" if issubclass(kind, BaseEstimator) else f"{name_of(kind)} is no estimator"


def _is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")
