"""Tiny generated pictures with a signal in them, for tests of image models."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.plugin_api import Column, ColumnKind, Dataset, Schema, Task, TaskKind

SIDE = 32


def pictures(n_rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures with stripes that lie, stand or fall, in any colours, and which of the three it is."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 3, n_rows)
    down, across = np.mgrid[:SIDE, :SIDE]
    cells = np.empty(n_rows, dtype=object)
    for row, kind in enumerate(kinds):
        along = (down, across, down + across)[kind] + rng.integers(0, 6)
        stripes = (along // 3 % 2)[:, :, None] * rng.integers(60, 150, 3)
        cells[row] = (stripes + rng.integers(0, 60, (SIDE, SIDE, 3))).astype(np.uint8)
    return cells, kinds


def picture_table(n_rows: int = 150, seed: int = 0, kind: TaskKind = TaskKind.MULTICLASS) -> Dataset:
    """Return a stored table with an image column, a number and a target that follows from the image alone."""
    cells, kinds = pictures(n_rows, seed)
    rng = np.random.default_rng([seed, 1])
    columns = (Column("size", ColumnKind.NUMERIC), Column("photo", ColumnKind.IMAGE, side=SIDE))
    frame = pd.DataFrame({"size": rng.normal(size=n_rows).astype(np.float32), "photo": cells})
    classes = ("lying", "standing", "falling")
    if kind is TaskKind.REGRESSION:
        task, target = Task(kind, "y"), 10.0 + 5.0 * kinds
    else:
        task, target = Task(kind, "y", classes), kinds.astype(np.int64)
    return Dataset(frame, target, Schema(columns), task, np.arange(n_rows), fingerprint=f"pictures/{seed}/{kind}")
