"""Find pretrained weights: a folder, a name on the hub of `transformers`, or a folder inside an installed package."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

IN_PACKAGE = "package:"
CONFIG = "config.json"


def weights_path(weights: str) -> str:
    """Return the folder of pretrained weights, or their name on the hub, as `transformers` loads them.

    Raises LookupError, with what to do, where a folder or package that is named is not there.
    """
    if weights.startswith(IN_PACKAGE):
        return str(_in_package(weights))
    folder = Path(weights).expanduser()
    if (folder / CONFIG).is_file():
        return str(folder)
    looks_local = folder.exists() or os.sep in weights.replace("/", "", 1) or weights.startswith((".", "~", os.sep))
    if looks_local:
        raise LookupError(f"weights {weights!r} not found; put {CONFIG} and model.safetensors there")
    return weights


def _in_package(weights: str) -> Path:
    module, _, inside = weights.removeprefix(IN_PACKAGE).partition("/")
    spec = find_spec(module) if module else None
    for place in (spec.submodule_search_locations or []) if spec is not None else []:
        if (Path(place) / inside / CONFIG).is_file():
            return Path(place) / inside
    raise LookupError(f"weights {weights!r} not found; install the package {module!r}, which has them")
