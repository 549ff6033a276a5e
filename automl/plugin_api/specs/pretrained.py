"""Specs of pretrained weights: what networks a plugin brings for models to begin from."""

from __future__ import annotations

from dataclasses import dataclass

PRETRAINED = "pretrained"
"""A value of the hyperparameter "weights" that stands for each pretrained network that plugins offer."""


@dataclass(frozen=True, slots=True)
class PretrainedSpec:
    """Weights of a network that was trained on other data, for models to begin from.

    weights: what the models of the kind can load, with `transformers` a folder, a name on its hub, or
        "package:MODULE/FOLDER", a folder inside an installed package (`weights_path` finds it). Empty where there are
        none yet, but a place where a user may name some: `install` then says how.
    kind: what the network sees, "text" or "image"; models say by `ModelSpec.pretrained` which kind they begin from.
        Weights that one package's models alone can load have a kind with a name of their own.
    licence: of the weights, as an SPDX name where there is one. megabytes: their size.
    requires, install: importable module names without which they are listed as not installed, and how to get them.
    """

    name: str
    weights: str
    kind: str
    licence: str = ""
    megabytes: float = 0.0
    requires: tuple[str, ...] = ()
    install: str = ""
