"""Held-out rows whose noise is known, for the tests of what is calibrated on them."""

import numpy as np
import pandas as pd

from automl.steps.review.held_out import HeldOut
from automl.vocabulary.schema import Column, ColumnKind, Schema


def noisy(n_rows, seed=0, *, louder=4.0, skewed=False, n_idle=0, **more):
    """Predictions of numbers whose noise is `louder` times as strong in one half of the rows, as a column tells."""
    rng = np.random.default_rng(seed)
    is_loud = rng.random(n_rows) < 0.5
    noise = rng.exponential(size=n_rows) if skewed else rng.normal(size=n_rows)
    predicted = rng.normal(size=n_rows) * 10
    names = ["loud", *(f"idle {number}" for number in range(n_idle))]
    stored = pd.DataFrame(rng.normal(size=(n_rows, len(names))).astype("float32"), columns=names)
    stored["loud"] = is_loud.astype("float32")
    return HeldOut(
        target=predicted + noise * np.where(is_loud, louder, 1.0),
        outputs=predicted[:, None],
        decided=np.zeros(n_rows, dtype=np.int64),
        stored=stored,
        schema=Schema(tuple(Column(name, ColumnKind.NUMERIC) for name in names)),
        **more,
    )


def classes(n_rows, n_classes=3, seed=0, **more):
    """True classes drawn by the probabilities that are predicted."""
    rng = np.random.default_rng(seed)
    outputs = rng.dirichlet(np.full(n_classes, 0.5), n_rows)
    target = (rng.random((n_rows, 1)) > outputs.cumsum(axis=1)).sum(axis=1).clip(max=n_classes - 1)
    stored, schema = pd.DataFrame(index=range(n_rows)), Schema(())
    return HeldOut(target, outputs, outputs.argmax(axis=1), stored, schema, **more)
