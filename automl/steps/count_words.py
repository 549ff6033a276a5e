"""Count words: how long the texts of a table are, which decides what reading them costs."""

from __future__ import annotations

import pandas as pd

from automl.vocabulary.schema import ColumnKind, Schema

ROWS = 1_000
"""Rows that are looked at."""


def count_words(stored: pd.DataFrame, schema: Schema) -> float:
    """Return the mean number of words in all texts of a row; 0 without a text column."""
    columns = [column.name for column in schema.of_kind(ColumnKind.TEXT)]
    if not columns or not len(stored):
        return 0.0
    seen = stored[columns].iloc[:: max(1, len(stored) // ROWS)]
    return sum(len(text.split()) for name in columns for text in seen[name]) / len(seen)
