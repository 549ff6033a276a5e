"""Pretrained networks that environment variables name: folders, or names on the hub of `transformers`."""

from __future__ import annotations

import os

from automl.plugin_api import PretrainedSpec, hookimpl

VARIABLES = {"text": "AUTOML_TEXT_WEIGHTS", "image": "AUTOML_IMAGE_WEIGHTS"}
"""By what the networks see; each variable may name several, with commas between."""
FOLDER = "a folder with config.json and model.safetensors"


@hookimpl
def automl_pretrained() -> list[PretrainedSpec]:
    """Offer what is named there, and where nothing is, say how to name some."""
    named = {kind: os.environ.get(variable, "").split(",") for kind, variable in VARIABLES.items()}
    return [
        PretrainedSpec(name=weights.strip(), weights=weights.strip(), kind=kind)
        for kind, names in named.items()
        for weights in names
        if weights.strip()
    ] + [
        PretrainedSpec(VARIABLES[kind], "", kind, install=f"set {VARIABLES[kind]} to {FOLDER}")
        for kind, names in named.items()
        if not "".join(names).strip()
    ]
