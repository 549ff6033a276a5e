"""Image preprocessor: colours and directions of edges, as numbers for models that take no images."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.plugin_api import (
    Array,
    Column,
    ColumnKind,
    Dataset,
    DefaultFor,
    Features,
    FitContext,
    PreprocessorSpec,
    PreprocessRequest,
    hookimpl,
    stack_images,
)
from automl_builtins.preprocessors._frames import float_frame, name_index, named_columns

SIDE, GRID, CELL = 32, 4, 4
BINS = 9
CLIP = 0.2
"""A histogram's share of one direction is cut at this, so that one strong edge does not hide all others."""
N_COLOURS = GRID * GRID * 3 + 3
CHUNK = 128
LEAST_VARIANCE = 1e-6


class ImageFeatures:
    """Mean colours of 4 x 4 parts, the spread of each colour, and histograms of edges, reduced by their main axes.

    The histograms are those of oriented gradients (Dalal and Triggs, CVPR 2005) of the image at 32 x 32 pixels; of
    their 1764 numbers the axes of most variance over the training rows are kept. Params: `components` (96), how many. A
    row without an image has missing values.
    """

    def __init__(self, request: PreprocessRequest) -> None:
        """Keep the columns and params; nothing is fitted yet."""
        self._columns = request.columns
        self._components = int(request.params.get("components", 96))
        self._centres: list[Array] = []
        self._bases: list[Array] = []
        self._outputs: tuple[Column, ...] = ()
        self._names: Any = None

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  nothing is drawn
        """Learn the main axes, and return the rows as a dense frame."""
        self._centres, self._bases, blocks, names = [], [], [], []
        for i, column in enumerate(self._columns):
            colours, edges, known = described(data.features.iloc[:, i].to_numpy())
            centre, basis = main_axes(edges[known], self._components)
            self._centres.append(centre)
            self._bases.append(basis)
            blocks.append(_with_holes(colours, (edges - centre) @ basis, known))
            names += [f"{column.name}.colour_{k}" for k in range(N_COLOURS)]
            names += [f"{column.name}.edges_{k}" for k in range(basis.shape[1])]
        self._outputs = named_columns((name, ColumnKind.NUMERIC) for name in names)
        self._names = name_index(self._outputs)
        return self._frame(blocks, data.n_rows)

    def transform(self, features: Features) -> Features:
        """Return other rows, by the axes of the training rows."""
        blocks = []
        for i, (centre, basis) in enumerate(zip(self._centres, self._bases, strict=True)):
            colours, edges, known = described(features.iloc[:, i].to_numpy())
            # in float64 a row gets the same alone and among others
            reduced = (edges.astype(np.float64) - centre) @ basis.astype(np.float64)
            blocks.append(_with_holes(colours, reduced, known))
        return self._frame(blocks, len(features))

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the features: "<column>.colour_<number>", then "<column>.edges_<number>", for each column."""
        return self._outputs

    def _frame(self, blocks: list[Array], n_rows: int) -> Features:
        made = np.empty((n_rows, len(self._outputs)), dtype=np.float32)
        if blocks:
            np.concatenate(blocks, axis=1, out=made, casting="same_kind")
        return float_frame(made, self._names)


def described(cells: Array) -> tuple[Array, Array, Array]:
    """Return colours `(n, 51)`, edges `(n, 1764)`, and which rows have an image, of a stored column."""
    pixels, known = stack_images(cells, SIDE)
    colours = np.zeros((len(cells), N_COLOURS), dtype=np.float32)
    edges = np.zeros((len(cells), (SIDE // CELL - 1) ** 2 * 4 * BINS), dtype=np.float32)
    for start in range(0, len(cells), CHUNK):
        part = slice(start, start + CHUNK)
        shares = pixels[part].astype(np.float32) / 255.0
        n_rows, width = len(shares), SIDE // GRID
        parts = shares.reshape(n_rows, GRID, width, GRID, width, 3).mean(axis=(2, 4)).reshape(n_rows, -1)
        colours[part] = np.concatenate([parts, shares.std(axis=(1, 2))], axis=1)
        edges[part] = edge_histograms(shares.mean(axis=3))
    return colours, edges, known


def edge_histograms(grey: Array) -> Array:
    """Return histograms of oriented gradients, `(n, 1764)`, of `(n, 32, 32)` shades of grey from 0 to 1."""
    padded = np.pad(grey, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    strength = np.hypot(across, down)
    direction = np.mod(np.arctan2(down, across), np.pi) * (BINS / np.pi)
    n_cells = SIDE // CELL
    cells = np.empty((len(grey), n_cells, n_cells, BINS), dtype=np.float32)
    for number in range(BINS):
        away = np.abs(direction - number)
        near = np.maximum(0.0, 1.0 - np.minimum(away, BINS - away)) * strength
        cells[..., number] = near.reshape(len(grey), n_cells, CELL, n_cells, CELL).sum(axis=(2, 4))
    blocks = np.concatenate([cells[:, :-1, :-1], cells[:, 1:, :-1], cells[:, :-1, 1:], cells[:, 1:, 1:]], axis=3)
    for _ in range(2):  # scaled, cut, and scaled again
        length = np.sqrt(np.square(blocks).sum(axis=3, keepdims=True) + 1e-4)
        blocks = np.minimum(blocks / length, CLIP)
    return blocks.reshape(len(grey), -1)


def main_axes(rows: Array, most: int) -> tuple[Array, Array]:
    """Return the mean and `(n_columns, at most `most`)`, the axes of most variance that is not rounding."""
    from scipy.linalg import eigh

    if len(rows) < 2:
        return np.zeros(rows.shape[1], dtype=np.float32), np.zeros((rows.shape[1], 0), dtype=np.float32)
    centre = rows.mean(axis=0)
    centred = rows - centre
    few = len(rows) < rows.shape[1]
    square = centred @ centred.T if few else centred.T @ centred
    last = len(square) - 1
    values, vectors = eigh(square, subset_by_index=(max(0, last - most + 1), last), check_finite=False)
    chosen = np.flatnonzero(values > LEAST_VARIANCE * len(rows))[::-1]
    axes = centred.T @ vectors[:, chosen] / np.sqrt(values[chosen]) if few else vectors[:, chosen]
    return centre, np.ascontiguousarray(axes, dtype=np.float32)


def _with_holes(colours: Array, edges: Array, known: Array) -> Array:
    joined = np.concatenate([colours, edges], axis=1).astype(np.float32)
    joined[~known] = np.nan
    return joined


IMAGES = frozenset({ColumnKind.IMAGE})
IMAGE_FEATURES = PreprocessorSpec(
    "image_features",
    ImageFeatures,
    handles=IMAGES,
    requires=("scipy",),
    default_for=(DefaultFor(IMAGES, accepted=False),),
)


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer features of images."""
    return [IMAGE_FEATURES]
