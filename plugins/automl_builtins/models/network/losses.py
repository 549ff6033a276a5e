"""Losses of the network's outputs, row by row, and their slopes."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array, quantile_of
from automl_builtins.models.network.shape import ALL_LEVELS, LABELS, Shape


def losses_of(outputs: Array, target: Array, shape: Shape) -> Array:
    """Return `(n_members, n_rows)` of outputs `(n_members, n_rows, n_outputs)`."""
    if shape.loss == "classes":
        logs = _log_shares(outputs)
        return np.asarray(-logs[:, np.arange(len(target)), target])
    if shape.loss == LABELS:  # the log loss by the outputs before the sigmoid
        losses = np.maximum(outputs, 0.0) - outputs * target + np.log1p(np.exp(-np.abs(outputs)))
        return np.asarray(losses.mean(axis=2))
    levels, missing = _levels(shape), _missing(outputs, target)
    if levels is not None:  # the pinball loss: what is missing counts so much, what is too much the rest
        return np.asarray(np.maximum(levels * missing, (levels - 1.0) * missing).mean(axis=2))
    return np.asarray((np.abs(missing) if shape.loss == "absolute" else missing**2).mean(axis=2))


def slopes_of(outputs: Array, target: Array, shape: Shape) -> Array:
    """Return `(n_members, n_rows, n_outputs)`: by how much each row's loss changes with each of its outputs."""
    if shape.loss == "classes":
        shares = np.exp(_log_shares(outputs))
        shares[:, np.arange(len(target)), target] -= 1.0
        return np.asarray(shares)
    n_outputs = outputs.shape[2]
    if shape.loss == LABELS:
        return np.asarray((0.5 * np.tanh(0.5 * outputs) + 0.5 - target) / n_outputs)
    levels, missing = _levels(shape), _missing(outputs, target)
    if levels is not None:
        return np.asarray(((missing < 0) - levels).astype(outputs.dtype) / n_outputs)
    found = -np.sign(missing) if shape.loss == "absolute" else -2.0 * missing
    return np.asarray(found / n_outputs)


def loss_of_mean(outputs: Array, target: Array, shape: Shape, least: float) -> Array:
    """Return `(1, n_rows)`, the log losses of the members' mean probability; no share counts as less than `least`."""
    if shape.loss == LABELS:
        shares = (0.5 * np.tanh(0.5 * outputs) + 0.5).mean(axis=0)
        found = np.where(target > 0.5, shares, 1.0 - shares)
        return np.asarray(-np.log(np.maximum(found, np.exp(-100.0))).mean(axis=1)[None])
    shares = np.exp(_log_shares(outputs)).mean(axis=0)
    return np.asarray(-np.log(np.maximum(shares[np.arange(len(target)), target], least))[None])


def _log_shares(outputs: Array) -> Array:
    beyond = outputs - outputs.max(axis=2, keepdims=True)
    return np.asarray(beyond - np.log(np.exp(beyond).sum(axis=2, keepdims=True)))


def _levels(shape: Shape) -> Array | None:
    if shape.loss == ALL_LEVELS:
        return np.asarray(shape.quantiles, dtype=np.float32)
    quantile = quantile_of(shape.loss)
    return None if quantile is None else np.asarray((quantile,), dtype=np.float32)


def _missing(outputs: Array, target: Array) -> Array:
    return np.asarray((target if target.ndim == 2 else target[:, None]) - outputs)
