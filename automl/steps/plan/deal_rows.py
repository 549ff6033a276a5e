"""Deal rows: put rows into folds of about as many of each class, in one pass."""

from __future__ import annotations

import numpy as np

from automl.vocabulary.arrays import Array, Rows


def deal_rows(labels: Array, n_folds: int, rng: np.random.Generator) -> Rows:
    """Return each row's fold: the rows of a class, shuffled, are dealt out in turn, the next class going on.

    As rows are shuffled within a class, rounds that go on over its border do no harm.
    """
    dealt = np.empty(len(labels), dtype=np.int64)
    shuffled = rng.permutation(len(labels))
    dealt[shuffled[np.argsort(labels[shuffled], kind="stable")]] = np.arange(len(labels)) % n_folds
    return dealt
