"""Read benchmark tables: a folder with one folder for each, holding data.csv[.gz] and meta.json.

meta.json names the `target`, the `metric`, and the columns to `drop`. Nothing else is asked of a table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Table:
    """A table with what is to be predicted, and by which metric that is judged."""

    name: str
    frame: pd.DataFrame
    target: str
    metric: str
    is_classification: bool


def find_tables(folder, names=(), kinds=("tabular",)):
    """Return the folders of the tables of some kinds, all or the named ones, in order of name."""
    found = sorted(path.parent for path in Path(folder).glob("*/meta.json"))
    wanted = [path for path in found if not names or path.name in names]
    found = [path for path in wanted if read_meta(path).get("kind", "tabular") in kinds]
    if not found:
        raise SystemExit(f"No table in {folder}: expected folders with data.csv and meta.json.")
    return found


def read_meta(folder):
    """Return what a table's folder says of it."""
    return json.loads((folder / "meta.json").read_text())


def read_table(folder, rows=None, seed=0):
    """Return the table in a folder, at most `rows` of its rows drawn at random."""
    meta = read_meta(folder)
    path = next(p for p in (folder / "data.csv", folder / "data.csv.gz") if p.exists())
    frame = pd.read_csv(path, low_memory=False)
    frame = frame.drop(columns=[name for name in meta.get("drop", []) if name in frame])
    frame = frame[frame[meta["target"]].notna()].reset_index(drop=True)
    if rows and len(frame) > rows:
        kept = np.sort(np.random.default_rng(seed).choice(len(frame), rows, replace=False))
        frame = frame.iloc[kept].reset_index(drop=True)
    is_classification = meta["task"] != "regression"
    if is_classification:
        frame[meta["target"]] = frame[meta["target"]].astype(str)
    return Table(folder.name, frame, meta["target"], meta["metric"], is_classification)


def split_rows(table, seed):
    """Return the table's training and test rows, 80 to 20, stratified by class."""
    rng = np.random.RandomState(seed)
    target = table.frame[table.target]
    groups = target.groupby(target).indices.values() if table.is_classification else [np.arange(len(target))]
    is_test = np.zeros(len(target), dtype=bool)
    for rows in groups:
        shuffled = rng.permutation(rows)
        is_test[shuffled[: round(0.2 * len(shuffled))]] = True
    return table.frame[~is_test].reset_index(drop=True), table.frame[is_test].reset_index(drop=True)
