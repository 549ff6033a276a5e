"""Compare tables: can a model tell the rows to predict from those that it is trained on? (adversarial validation)."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from automl.steps.audit.single_columns import column_skill
from automl.vocabulary.arrays import Array
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.schema import OBJECTS

MOST_ROWS = 4_000
"""Rows of each table that are told apart."""
MOST_COLUMNS = 50
"""Columns that the model sees: those that tell most alone."""
LEAST_ROWS = 20
SHIFTED = 0.7
"""Area under the curve from which the tables differ enough to doubt the score."""
N_NAMED = 5
TELLING = 0.02
ADVICE = "Leave out columns that only tell when or where a row was taken, or validate with time_column or groups."


def compare_tables(dataset: Dataset, unlabeled: pd.DataFrame, rng: np.random.Generator, ends: float) -> list[Finding]:
    """Return one finding: the cross-validated area under the curve of telling the tables apart, and by which columns.

    Extremely randomised trees (Geurts et al., 2006) on numbers, dates and category codes; 0.5 means that the tables
    look alike. `ends` is the monotonic time after which no more is looked at.
    """
    columns = [each for each in dataset.schema.columns if each.kind not in OBJECTS]
    columns = [column for column in columns if column.name in dataset.features.columns]
    if min(len(unlabeled), dataset.n_rows) < LEAST_ROWS:
        return [_not_compared(f"fewer than {LEAST_ROWS} rows")]
    if not columns:
        return [_not_compared("no numbers, dates or categories")]
    rows = [rng.permutation(len(frame))[:MOST_ROWS] for frame in (dataset.features, unlabeled)]
    is_new = np.repeat([0, 1], [len(each) for each in rows])
    shared: dict[str, float] = {}
    for column in columns:
        if time.monotonic() > ends:
            break
        values = _both(dataset.features, unlabeled, column.name, rows)
        shared[column.name] = column_skill(values, column, is_new[:, None].astype(np.float64), rng)
    if time.monotonic() > ends:
        return [_not_compared("no time; allow more")]
    ranked = sorted(shared, key=lambda name: -shared[name])
    matrix = np.column_stack([_both(dataset.features, unlabeled, name, rows) for name in ranked[:MOST_COLUMNS]])
    area = max(0.5, _area(matrix, is_new, int(rng.integers(2**31 - 1))))
    telling = [name for name in ranked[:N_NAMED] if shared[name] > TELLING] if area > 0.55 else []
    return [_judged(area, telling, shared)]


def _judged(area: float, telling: list[str], shared: dict[str, float]) -> Finding:
    listed = ", ".join(f"{name!r} ({shared[name]:.0%})" for name in telling)
    shifted = area >= SHIFTED
    return Finding(
        Severity.WARNING if shifted else Severity.NOTE,
        "shift",
        telling[0] if telling and shifted else "",
        f"rows to predict are told from those to train on with an area under the curve of {area:.3f} (0.5: alike)"
        + (f"; alone tell most: {listed}" if listed else ""),
        "nothing; the score is of rows like those to train on",
        ADVICE if shifted else "",
    )


def _not_compared(why: str) -> Finding:
    found = f"the rows to predict were not compared with those to train on: {why}"
    return Finding(Severity.NOTE, "shift", "", found, "nothing")


def _both(old: pd.DataFrame, new: pd.DataFrame, name: str, rows: list[Array]) -> Array:
    return np.concatenate([frame[name].to_numpy()[each] for frame, each in zip((old, new), rows, strict=True)])


def _area(features: Array, is_new: Array, seed: int) -> float:
    """Return the cross-validated area under the curve; the tables weigh alike."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    features = np.asarray(features, dtype=np.float64)
    below = np.min(np.append(features[np.isfinite(features)], 0.0)) - 1.0
    trees = ExtraTreesClassifier(
        40, max_depth=8, min_samples_leaf=5, class_weight="balanced", random_state=seed, n_jobs=1
    )
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    filled = np.where(np.isfinite(features), features, below)
    found = cross_val_predict(trees, filled, is_new, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(is_new, found))
