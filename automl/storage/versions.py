"""Versions: of the packages that a fit rests on, for saved models and for searches that go on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

from automl.registry import OWN_PACKAGE

TRACKED = (OWN_PACKAGE, "numpy", "pandas", "scikit-learn", "scipy")


def versions_behind(specs: Iterable[Any]) -> dict[str, str]:
    """Return the versions of Python, of what every fit rests on, and of what the specs require."""
    required = {name for spec in specs for name in spec.requires if name != "sklearn"}
    return {"python": platform.python_version(), **versions_of((*TRACKED, *sorted(required - set(TRACKED))))}


def versions_of(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages, or modules, as far as they are installed."""
    return {name: found for name in names if (found := _version(name))}


@lru_cache(maxsize=64)
def _version(name: str) -> str:
    """Return the version of a package, or what brings a module of this name; "" where there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        pass
    told = str(getattr(sys.modules.get(name), "__version__", ""))
    if told or name in sys.builtin_module_names:
        return told
    return " ".join(version(package) for package in sorted(set(packages_distributions().get(name, ()))))
