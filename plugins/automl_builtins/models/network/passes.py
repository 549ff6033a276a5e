"""Passes: what a network puts out, and by how much its loss would change with each of its parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models.network.activations import Dropout, activate
from automl_builtins.models.network.shape import Rows, Shape

CHUNK = 512
"""Rows that are predicted at once, which bounds the memory."""
TURN = 2.0 * math.pi
Values: TypeAlias = Mapping[str, Array]
"""Parameters of all members by their name, the first axis of each is the members'."""


@dataclass(slots=True)
class Trace:
    """What the pass backward needs of the one forward, of all members each.

    angles and waves: of the numbers, `(n_members, n_numbers, n_rows, n_frequencies)`. inputs: before they are scaled,
    `(n_members, n_rows, n_inputs)`. given: what each layer is given, the outputs' last. steep: what a small change of
    a layer's units becomes in what the next is given.
    """

    angles: Array | None = None
    waves: Array | None = None
    inputs: Array | None = None
    given: list[Array] = field(default_factory=list)
    steep: list[Array] = field(default_factory=list)


def outputs_of(values: Values, rows: Rows, shape: Shape) -> Array:
    """Return the outputs `(n_members, n_rows, n_outputs)`, of the values' precision."""
    starts = range(0, len(rows.plain), CHUNK)
    parts = [forward(values, rows.take(slice(start, start + CHUNK)), shape) for start in starts]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(values["scale"]), 0, shape.n_outputs))


def forward(
    values: Values, rows: Rows, shape: Shape, trace: Trace | None = None, dropout: Dropout | None = None
) -> Array:
    """Return the outputs of a few rows. trace: is filled for `backward`."""
    inputs = _inputs(values, rows, shape, trace)
    hidden = inputs * (values["scale"] * _gain(inputs))[:, None]
    if trace is not None:
        trace.inputs = inputs
        trace.given.append(hidden)
    for number in range(shape.layers):
        hidden = _linear(hidden, values[f"w_{number}"], values[f"bias_{number}"])
        steep = None if trace is None else np.empty_like(hidden)
        activate(hidden, shape.loss, _gain(hidden), steep, dropout)
        if trace is not None and steep is not None:
            trace.given.append(hidden)
            trace.steep.append(steep)
    return _linear(hidden, values["w_out"], values["bias_out"])


def backward(values: Values, rows: Rows, shape: Shape, trace: Trace, slopes: Array, into: Values) -> None:
    """Write each parameter's slope of the loss into the array of its name.

    slopes: `(n_members, n_rows, n_outputs)`, those of the loss by the outputs.
    """
    assert trace.inputs is not None
    behind = _linear_slopes(trace.given[-1], values["w_out"], slopes, into["w_out"], into["bias_out"])
    for number in reversed(range(shape.layers)):
        behind *= trace.steep[number]
        weight = values[f"w_{number}"]
        behind = _linear_slopes(trace.given[number], weight, behind, into[f"w_{number}"], into[f"bias_{number}"])
    behind *= _gain(behind)
    np.einsum("mri,mri->mi", behind, trace.inputs, out=into["scale"])
    behind *= values["scale"][:, None]
    if shape.n_numbers:
        _waves_slopes(values, rows, trace, behind[:, :, shape.of_waves], into)
    for number, place in enumerate(shape.of_embeddings):
        _embedding_slopes(rows.embedded[:, number], behind[:, :, place], into[f"embedding_{number}"])


def _gain(given: Array) -> float:
    """Return what a layer's inputs are multiplied by, so that unit normal weights keep their variance."""
    return 1.0 / math.sqrt(given.shape[2])


def _inputs(values: Values, rows: Rows, shape: Shape, trace: Trace | None) -> Array:
    """Return what the first layer is given before it is scaled: other inputs, numbers, their waves and embeddings."""
    count, n_rows = len(values["scale"]), len(rows.plain)
    made = np.empty((count, n_rows, shape.n_inputs), dtype=values["scale"].dtype)
    made[:, :, : shape.n_plain] = rows.plain
    if shape.n_numbers:
        made[:, :, shape.n_plain : shape.of_waves.start] = rows.numbers
        angles = _by_number(rows) * (TURN * values["period_w"])[:, :, None] + values["period_b"][:, :, None]
        waves = np.cos(angles)
        found = waves @ values["period_out"] + values["period_bias"][:, :, None]
        made[:, :, shape.of_waves] = found.transpose(0, 2, 1, 3).reshape(count, n_rows, -1)
        if trace is not None:
            trace.angles, trace.waves = angles, waves
    for number, place in enumerate(shape.of_embeddings):
        made[:, :, place] = values[f"embedding_{number}"][:, rows.embedded[:, number]]
    return made


def _waves_slopes(values: Values, rows: Rows, trace: Trace, slopes: Array, into: Values) -> None:
    assert trace.angles is not None
    assert trace.waves is not None
    count, n_rows = slopes.shape[:2]
    weight = values["period_out"]
    found = np.ascontiguousarray(slopes.reshape(count, n_rows, *weight.shape[1::2]).transpose(0, 2, 1, 3))
    found.sum(axis=2, out=into["period_bias"])
    np.matmul(trace.waves.transpose(0, 1, 3, 2), found, out=into["period_out"])
    turned = found @ weight.transpose(0, 1, 3, 2)
    turned *= np.sin(trace.angles)
    np.negative(turned.sum(axis=2), out=into["period_b"])
    np.multiply((_by_number(rows).transpose(0, 2, 1) @ turned)[:, :, 0], -TURN, out=into["period_w"])


def _by_number(rows: Rows) -> Array:
    """Return the numbers as `(n_numbers, n_rows, 1)`."""
    return np.ascontiguousarray(rows.numbers.T)[:, :, None]


def _embedding_slopes(levels: Array, slopes: Array, into: Array) -> None:
    order = np.argsort(levels, kind="stable")
    found, starts = np.unique(levels[order], return_index=True)
    into[...] = 0.0
    into[:, found] = np.add.reduceat(slopes[:, order], starts, axis=1)


def _linear(given: Array, weight: Array, bias: Array) -> Array:
    made = given @ weight
    made += bias[:, None]
    return np.asarray(made)


def _linear_slopes(given: Array, weight: Array, slopes: Array, into: Array, into_bias: Array) -> Array:
    """Write the slopes of a layer's weights and bias, and return those of what it is given."""
    slopes.sum(axis=1, out=into_bias)
    np.matmul(given.transpose(0, 2, 1), slopes, out=into)
    return np.asarray(slopes @ weight.transpose(0, 2, 1))
