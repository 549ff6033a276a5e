"""Import a boosting library without what it wants beside itself, for classes or tables that nothing here gives it."""

from __future__ import annotations

import importlib
import sys
from importlib.abc import MetaPathFinder
from typing import Any


def import_without_sklearn(name: str) -> Any:
    """Import a module; where scikit-learn is not loaded yet, as in a fresh worker, without it.

    Nothing here uses the module's scikit-learn classes, and scikit-learn takes longer to import than everything else
    that a worker's first fit needs.
    """
    return import_without(name, "sklearn")


def import_without(name: str, unwanted: str) -> Any:
    """Import a module as if another one were not installed, unless either is loaded already."""
    if name in sys.modules or unwanted in sys.modules:
        return importlib.import_module(name)
    hiding = _Hiding(unwanted)
    sys.meta_path.insert(0, hiding)
    try:
        return importlib.import_module(name)
    finally:
        sys.meta_path.remove(hiding)


class _Hiding(MetaPathFinder):
    """Has whoever imports a module find it not installed; nothing of that stays in `sys.modules`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if fullname == self._name:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
