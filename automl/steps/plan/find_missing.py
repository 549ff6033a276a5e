"""Find missing: what a plugin's offer requires and is not installed here."""

from __future__ import annotations

import importlib.util

from automl.plugin_api.specs import ModelSpec, PretrainedSpec, TrackerSpec


def what_is_missing(spec: ModelSpec | TrackerSpec | PretrainedSpec) -> str:
    """Return what an offer requires and is not installed here, with how to get it; "" where it can run."""
    missing = [name for name in spec.requires if not _is_installed(name)]
    if not missing:
        return ""
    return f"{', '.join(missing)} is not installed" + (f"; run: {spec.install}" if spec.install else "")


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # the package around it is missing, or is no package
        return False
