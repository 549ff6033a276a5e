"""How much of an image looks like each of many small patches, learnt without labels (Coates, Lee and Ng, 2011)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from automl.plugin_api import Array

MOST_PATCHES, PATCHES_EACH = 50_000, 60
"""Patches that filters are learnt from, in all and of an image."""
ROUNDS = 6
BLOCK = 4_000
CONTRAST = 10.0
"""Added to the variance of a patch, of brightness from 0 to 255, so that noise is not raised to the level of edges."""
N_COLOURS = 3 * 3 * 3 + 3
WHITEN = 0.1
"""Added to the variances of the patches' main axes before they are made equal."""


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """How many filters to learn and of which kind; what the fields but `count` mean is told by `PatchFilters`."""

    count: int
    size: int = 6
    grid: int = 3
    threshold: float = 0.25
    mirror: bool = True


@dataclass(frozen=True, slots=True)
class PatchFilters:
    """What patches are compared with, and how comparisons become features.

    weights: `(size * size * 3, n_filters)`; a patch of mean 0 and spread 1 times these, plus `offset`, is the likeness.
    Likenesses and their negatives beyond `threshold` are averaged over each of grid x grid parts of the image.
    mirror: whether the second half of the filters are the first half mirrored; each image then has the features of its
    mirror image, too, as far as both are alike.
    """

    weights: Array
    offset: Array
    size: int
    grid: int
    threshold: float
    mirror: bool

    @property
    def n_features(self) -> int:
        """Features of an image."""
        n_filters = int(self.weights.shape[1]) // (2 if self.mirror else 1)
        return self.grid**2 * 2 * n_filters + N_COLOURS

    def features(self, image: Array) -> Array:
        """Return `(n_features,)` float32 of one `(side, side, 3)` uint8 image."""
        pooled = self._pooled(image.astype(np.float32))
        colours = _colours(image)
        if self.mirror:
            half = self.weights.shape[1] // 2
            pooled = 0.5 * (pooled[..., :half] + pooled[:, ::-1, :, half:])
            colours = 0.5 * (colours + _colours(image[:, ::-1]))
        return np.concatenate([pooled.ravel(), colours])

    def _pooled(self, image: Array) -> Array:
        """Return `(grid, grid, 2, n_filters)`; a strip of rows at a time, which stays in the processor's cache."""
        patches = np.lib.stride_tricks.sliding_window_view(image, (self.size, self.size), axis=(0, 1))
        height, width = patches.shape[:2]
        down, across = (np.linspace(0, n, self.grid + 1).astype(np.int64) for n in (height, width))
        pooled = np.empty((self.grid, self.grid, 2, self.weights.shape[1]), dtype=np.float32)
        for row, (top, bottom) in enumerate(pairwise(down)):
            strip = patches[top:bottom].reshape(-1, self.weights.shape[0])
            likeness = strip @ self.weights
            likeness /= _spread(strip)[:, None]
            likeness += self.offset
            mean = _means_of_columns(across, bottom - top)
            pooled[row, :, 0] = mean @ np.maximum(likeness - self.threshold, 0.0)
            pooled[row, :, 1] = mean @ np.maximum(-self.threshold - likeness, 0.0)
        return pooled


def _colours(image: Array) -> Array:
    """Return the mean colours of 3 x 3 parts and the spread of each colour: patches have lost their brightness."""
    shares = image.astype(np.float32) / 255.0
    cuts = np.linspace(0, image.shape[0], 4).astype(np.int64)[:-1]
    sums = np.add.reduceat(np.add.reduceat(shares, cuts, axis=0), cuts, axis=1)
    sizes = np.diff(np.append(cuts, image.shape[0])).astype(np.float32)
    means = sums / (sizes[:, None, None] * sizes[None, :, None])
    return np.concatenate([means.ravel(), shares.std(axis=(0, 1))]).astype(np.float32)


def learn_filters(pixels: Array, settings: FilterSettings, rng: np.random.Generator) -> PatchFilters:
    """Learn filters from patches at random places: whitened, then grouped by their direction (spherical k-means)."""
    size, mirror = settings.size, settings.mirror
    patches = _draw(pixels, size, rng)
    centre = patches.mean(axis=0)
    centred = patches - centre
    values, vectors = np.linalg.eigh((centred.T @ centred / len(centred)).astype(np.float64))
    whiten = ((vectors / np.sqrt(np.maximum(values, 0.0) + WHITEN)) @ vectors.T).astype(np.float32)
    directions = _directions(centred @ whiten, settings.count // 2 if mirror else settings.count, rng)
    weights = whiten @ directions.T
    offset = -(centre @ weights)
    if mirror:
        turned = np.arange(3 * size * size).reshape(3, size, size)[:, :, ::-1].ravel()
        weights, offset = np.concatenate([weights, weights[turned]], axis=1), np.concatenate([offset, offset])
    weights = weights - weights.mean(axis=0)  # takes the mean out of a patch
    return PatchFilters(
        np.ascontiguousarray(weights, dtype=np.float32),
        offset.astype(np.float32), size, settings.grid, settings.threshold, mirror,
    )  # fmt: skip


def _draw(pixels: Array, size: int, rng: np.random.Generator) -> Array:
    """Return patches of mean 0 and spread 1 or less, `(n, 3 * size * size)`, colour by colour."""
    room, count = pixels.shape[1] - size + 1, min(MOST_PATCHES, PATCHES_EACH * len(pixels))
    image = rng.integers(0, len(pixels), count)
    top, left = rng.integers(0, room, count), rng.integers(0, room, count)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (size, size), axis=(1, 2))
    patches = windows[image, top, left].reshape(count, -1).astype(np.float32)
    spread = _spread(patches)
    return np.asarray((patches - patches.mean(axis=1, keepdims=True)) / spread[:, None])


def _spread(patches: Array) -> Array:
    mean = patches.mean(axis=1)
    square = np.einsum("ij,ij->i", patches, patches) / patches.shape[1]
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0.0) + CONTRAST))


def _directions(patches: Array, count: int, rng: np.random.Generator) -> Array:
    """Return `(count, n)` unit vectors: each the sum of the patches that point most along it, or against it."""
    found = patches[rng.choice(len(patches), count, replace=len(patches) < count)].copy()
    for _ in range(ROUNDS):
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
        total = np.zeros_like(found)
        for start in range(0, len(patches), BLOCK):
            block = patches[start : start + BLOCK]
            along = block @ found.T
            nearest = np.abs(along).argmax(axis=1)
            chosen = np.zeros_like(along)
            rows = np.arange(len(block))
            chosen[rows, nearest] = along[rows, nearest]
            total += chosen.T @ block
        idle = np.linalg.norm(total, axis=1) < 1e-3
        total[idle] = patches[rng.choice(len(patches), int(idle.sum()))]
        found = total
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6))


def _means_of_columns(cuts: Array, n_rows: int) -> Array:
    """Return `(grid, n_rows * width)`: what averages the patches of a strip over each part of its width."""
    width = int(cuts[-1])
    part = np.searchsorted(cuts, np.arange(width), side="right") - 1
    member = np.tile(part, n_rows)[None, :] == np.arange(len(cuts) - 1)[:, None]
    return np.asarray((member / member.sum(axis=1, keepdims=True)).astype(np.float32))
