"""Import a boosting library without scikit-learn, which it wants for its scikit-learn classes alone."""

from __future__ import annotations

import importlib
import sys
from typing import Any


def import_without_sklearn(name: str) -> Any:
    """Import a module; where scikit-learn is not loaded yet, as in a fresh worker, without it.

    Nothing here uses the module's scikit-learn classes, and scikit-learn takes longer to import than everything else
    that a worker's first fit needs.
    """
    if name in sys.modules or "sklearn" in sys.modules:
        return importlib.import_module(name)
    sys.modules["sklearn"] = None  # type: ignore[assignment]  # whoever imports it now finds it not installed
    try:
        return importlib.import_module(name)
    finally:
        del sys.modules["sklearn"]
