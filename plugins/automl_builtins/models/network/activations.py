"""Activations: SELU and Mish, with their derivatives and dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models.network.shape import LIKELIHOODS

Dropout: TypeAlias = Callable[[Array], Array]
"""Gives what each of the units is multiplied by: 0 for some, for the others one over their share."""
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
LARGEST_EXPONENT = 20.0
"""Of larger values the hyperbolic tangent in Mish is 1."""


def activate(units: Array, loss: str, gain: float, steep: Array | None = None, dropout: Dropout | None = None) -> None:
    """Replace each unit by SELU of it where classes are told (Klambauer et al., 2017), else Mish (Misra, 2020).

    units: of any shape. gain: what that is multiplied by. steep: of the same shape, where to write what a small change
    of a unit becomes, by the activation, the gain and the dropout; None where nobody asks.
    """
    (_selu if loss in LIKELIHOODS else _mish)(units, gain, steep)
    if dropout is not None:
        factors = dropout(units)
        units *= factors
        if steep is not None:
            steep *= factors


def dropout_of(share: float, rng: np.random.Generator) -> Dropout | None:
    """Return dropout of so large a share of the units, rounded to a 256th: a byte is drawn for each; None of none."""
    dropped = round(256 * share)
    factor = np.float32(256 / (256 - dropped))
    if dropped < 1:
        return None
    return lambda units: (rng.integers(256, size=units.shape, dtype=np.uint8) >= dropped) * factor


def _selu(units: Array, gain: float, steep: Array | None) -> None:
    scale, depth = gain * SELU_SCALE, gain * SELU_SCALE * SELU_ALPHA
    below = np.minimum(units, 0.0)
    np.exp(below, out=below)
    below *= depth
    if steep is not None:  # above 0 `below` is `depth`, and `steep` is to be `scale`
        np.multiply(units > 0, units.dtype.type(scale - depth), out=steep)
        steep += below
    below -= depth
    np.maximum(units, 0.0, out=units)
    units *= scale
    units += below


def _mish(units: Array, gain: float, steep: Array | None) -> None:
    raised = np.minimum(units, LARGEST_EXPONENT)
    np.exp(raised, out=raised)
    tangent = raised + 2.0
    tangent *= raised
    tangent /= tangent + 2.0  # the hyperbolic tangent of the softplus, which is log(1 + exp(unit))
    if steep is not None:
        np.multiply(tangent, tangent, out=steep)
        np.subtract(1.0, steep, out=steep)
        steep *= units
        raised /= raised + 1.0
        steep *= raised
        steep += tangent
        steep *= gain
    units *= tangent
    units *= gain
