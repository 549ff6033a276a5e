"""Deal fold models: how many of its fold models each member predicts with, and which, by its share of the weight."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from automl.vocabulary.arrays import Array

FOLD_MODELS = 12
"""Fold models that an ensemble predicts with, about. All of them, often sixty, are 0.10 % more accurate over seventeen
tables (standard error 0.04 %) and take twice as long; six lose 0.21 %. See `benchmarks/README.md`."""
ROUNDING = 1e-9


def count_fold_models(weights: Array, available: Sequence[int], most: float = FOLD_MODELS) -> list[int]:
    """Return how many fold models each member predicts with: its share of `most`, at least 1, at most all it has.

    weights: `(n_members,)`, of any scale. What a mean of several fold models wins is the smaller spread of each, and
    that enters the ensemble with the square of the weight: a light member is as good with few.
    """
    heavy = np.abs(np.asarray(weights, dtype=np.float64))
    shares = heavy / heavy.sum() if heavy.sum() > 0 else np.full(len(heavy), 1.0)
    wanted = [math.ceil(share * most - ROUNDING) for share in shares.tolist()]
    return [max(1, min(count, there)) for count, there in zip(wanted, available, strict=True)]


def deal_folds(weights: Array, available: Sequence[int], most: float = FOLD_MODELS) -> list[tuple[int, ...]]:
    """Return the positions of the fold models that each member predicts with, in order.

    They are dealt out in turn, to the heaviest member first, so that members differ in their training rows and
    together have seen all of them.
    """
    counts = count_fold_models(weights, available, most)
    dealt: list[tuple[int, ...]] = [()] * len(counts)
    at = 0
    for place in np.argsort(-np.abs(np.asarray(weights)), kind="stable").tolist():
        dealt[place] = tuple(sorted((at + step) % available[place] for step in range(counts[place])))
        at += counts[place]
    return dealt


def deal_generations(
    weights: Array, available: Sequence[int], whole: Sequence[bool], generations: int, most: float = FOLD_MODELS
) -> list[tuple[int, ...]]:
    """Return the positions of the models that each member predicts with, where the folds are in order of time.

    whole: whether a member's last model is one of all rows, which is then its newest; next come the fold models as
    they stand, newest first. Each member has so many generations, a light one fewer of them.
    """
    counts = count_fold_models(weights, [min(generations, there) for there in available], most)
    newest = [
        (there - 1, *range(there - 1)) if last else tuple(range(there))
        for there, last in zip(available, whole, strict=True)
    ]
    return [tuple(sorted(each[:count])) for each, count in zip(newest, counts, strict=True)]
