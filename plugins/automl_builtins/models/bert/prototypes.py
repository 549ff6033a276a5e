"""Prototypes: a point for each class among sentence embeddings, and probabilities by how near a text is to each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models._shared.ridge import softmax
from automl_builtins.models._shared.row_products import row_products

TEMPERATURE = 0.06
"""Where no rows tell it: cosines of sentences differ by a few tenths."""
TEMPERATURES = (0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2)
DRAWN = (0.0, 0.5, 1.0, 2.0, 4.0)
"""How many rows the middle of all classes counts for in each of them."""


@dataclass(frozen=True, slots=True)
class Prototypes:
    """Points of length 1, `(n_classes, width)`, with the log of each class's share, `(n_classes,)`.

    A text is of the class whose point is nearest, by the cosine over the temperature (Snell et al., "Prototypical
    networks for few-shot learning", NeurIPS 2017).
    """

    points: Array
    log_shares: Array
    temperature: float
    told: bool = True
    """Whether rows told the temperature."""

    def probabilities(self, embedded: Array) -> Array:
        """Return `(n_rows, n_classes)` of embeddings of length 1."""
        cosines = row_products(embedded.astype(np.float64), self.points)
        return softmax(cosines / self.temperature + self.log_shares)


def fit_prototypes(embedded: Array, target: Array, weights: Array, shares: Array) -> Prototypes:
    """Return the prototypes of rows: means of their classes, drawn toward the middle of all classes.

    embedded `(n_rows, width)`; target `(n_rows,)` class numbers; weights `(n_rows,)`; shares `(n_classes,)`. How far
    means are drawn, and the temperature, are chosen by the log loss of each row by prototypes without it; where classes
    have a single row, such as a description, nothing tells and nothing is drawn.
    """
    sums, counts = _sums(embedded, target, weights, len(shares))
    log_shares = np.log(shares)
    means = sums / np.maximum(counts, 1e-12)[:, None]
    middle = means[counts > 0].mean(axis=0)
    several = np.bincount(target, minlength=len(shares))[target] > 1
    if not several.any():
        return Prototypes(_of_length_one(sums), log_shares, TEMPERATURE, told=False)
    best: tuple[float, float, float] | None = None
    for drawn in DRAWN:
        cosines = _without_itself(embedded, target, weights, (sums + drawn * middle, several))
        for temperature in TEMPERATURES:
            likely = softmax(cosines / temperature + log_shares)[np.arange(len(cosines)), target[several]]
            loss = -float(np.average(np.log(np.maximum(likely, 1e-15)), weights=weights[several]))
            if best is None or loss < best[0]:
                best = (loss, drawn, temperature)
    assert best is not None
    return Prototypes(_of_length_one(sums + best[1] * middle), log_shares, best[2])


def _sums(embedded: Array, target: Array, weights: Array, n_classes: int) -> tuple[Array, Array]:
    """Return the weighted sum of each class's rows, and of their weights."""
    sums = np.zeros((n_classes, embedded.shape[1]))
    np.add.at(sums, target, embedded * weights[:, None])
    return sums, np.bincount(target, weights, minlength=n_classes)


def _without_itself(embedded: Array, target: Array, weights: Array, drawn: tuple[Array, Array]) -> Array:
    """Return the cosines of some rows with all prototypes, that of their own class made without them.

    `drawn` holds the sums of the classes, and which rows.
    """
    sums, chosen = drawn
    rows, own = embedded[chosen].astype(np.float64), target[chosen]
    cosines = rows @ _of_length_one(sums).T
    left = _of_length_one(sums[own] - rows * weights[chosen][:, None])
    cosines[np.arange(len(rows)), own] = np.einsum("ij,ij->i", rows, left)
    return cosines


def _of_length_one(points: Array) -> Array:
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12))
