"""Find modules: which libraries are installed here, without importing them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec


def missing_modules(names: Iterable[str]) -> list[str]:
    """Return those of the modules that are not installed; a dotted name asks for its package too."""
    return [name for name in names if not is_installed(name)]


def is_installed(name: str) -> bool:
    """Tell whether a module is installed."""
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # the package around it is missing, or is no package
        return False
