"""Find the described text: where classes are described by texts, one column of a short table too is text."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from automl.table.columns.count_words import words_in
from automl.vocabulary.readings import Reading
from automl.vocabulary.schema import ColumnKind

MOST_ROWS = 1_000
"""Rows that are looked at."""
FEWEST_WORDS = 1.5
"""Mean number of words: most values have more than one, as no codes do."""
MOSTLY_DISTINCT = 0.5


def find_described_text(
    features: pd.DataFrame, readings: Mapping[str, Reading], told: Mapping[str, ColumnKind]
) -> dict[str, ColumnKind]:
    """Return the column of strings with the most words as text, or nothing where some column is text as it is.

    Few or short texts look like categories, and would be read as such: descriptions say that there is a text.
    `told` are the kinds of columns that are known, which stay as they are.
    """
    kinds = {name: told.get(name, readings[name].kind if name in readings else None) for name in features.columns}
    if ColumnKind.TEXT in kinds.values():
        return {}
    words = {
        name: _words(features[name])
        for name, kind in kinds.items()
        if kind is ColumnKind.CATEGORICAL and name not in told
    }
    longest = max(words, key=lambda name: words[name], default=None)
    return {} if longest is None or words[longest] < FEWEST_WORDS else {longest: ColumnKind.TEXT}


def _words(values: pd.Series) -> float:
    """Return the mean number of words of strings that are mostly distinct, else 0."""
    known = values.dropna().iloc[:MOST_ROWS].astype(str)
    if known.nunique() <= MOSTLY_DISTINCT * len(known):
        return 0.0
    return float(np.mean([words_in(text) for text in known]))
