"""The raw numeric columns as a matrix for stacking: missing values filled, scaled, and bounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.plugin_api import Array, Features, Rows

BOUND = 5.0
"""Standard deviations beyond which a scaled value counts as this many: rows far out shall not rule a prediction."""


@dataclass(frozen=True, slots=True)
class RawFeatures:
    """What was learnt of the columns: their names, medians, means and standard deviations."""

    names: tuple[str, ...]
    fill: Array
    centre: Array
    scale: Array

    def matrix(self, features: Features) -> Array:
        """Return `(n_rows, n_names)` float64, standardised and without missing values."""
        values = _values(features, self.names)
        values = np.where(np.isfinite(values), values, self.fill)
        return np.clip((values - self.centre) / self.scale, -BOUND, BOUND)


def learn_raw_features(features: Features, rows: Rows, relevance_to: Array, most: int) -> RawFeatures:
    """Learn from the given rows of the stored frame.

    Numbers and booleans are its float32 columns; all others are left out. Of those that vary, the `most` with the
    strongest correlation with `relevance_to`, `(len(rows), n_anything)`, are kept.
    """
    names = tuple(name for name, kind in zip(features.columns, features.dtypes, strict=True) if kind == np.float32)
    values = _values(features.iloc[rows], names)
    known = np.isfinite(values)
    values = np.where(known, values, np.nan)
    seen = np.flatnonzero(known.any(axis=0))
    values, fill = values[:, seen], np.nanmedian(values[:, seen], axis=0) if len(seen) else np.zeros(0)
    values = np.where(np.isfinite(values), values, fill)
    centre, scale = values.mean(axis=0), values.std(axis=0)
    vary = np.flatnonzero(scale > 1e-9 * (1.0 + np.abs(centre)))
    scaled = np.clip((values[:, vary] - centre[vary]) / scale[vary], -BOUND, BOUND)
    relevance = np.abs(scaled.T @ (relevance_to - relevance_to.mean(axis=0))).max(axis=1, initial=0.0)
    kept = vary[np.sort(np.argsort(-relevance, kind="stable")[:most])]
    return RawFeatures(tuple(names[column] for column in seen[kept]), fill[kept], centre[kept], scale[kept])


def _values(features: Features, names: tuple[str, ...]) -> Array:
    return np.asarray(features[list(names)].to_numpy(dtype=np.float64))
