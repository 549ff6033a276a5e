"""Count words: how long the texts of a table are, which decides what is text and what reading it costs."""

from __future__ import annotations

import re

import pandas as pd

from automl.vocabulary.schema import ColumnKind, Schema

ROWS = 1_000
"""Rows that are looked at."""
SIGNS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
"""Han and kana, of which two make a word on average."""
LETTERS = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9ff]")
"""Thai, Lao, Tibetan, Burmese, Khmer and their kin, of which four do."""
SIGNS_A_WORD, LETTERS_A_WORD = 2, 4


def count_words(stored: pd.DataFrame, schema: Schema) -> float:
    """Return the mean number of words in all texts of a row; 0 without a text column."""
    columns = [column.name for column in schema.of_kind(ColumnKind.TEXT)]
    if not columns or not len(stored):
        return 0.0
    seen = stored[columns].iloc[:: max(1, len(stored) // ROWS)]
    return sum(words_in(text) for name in columns for text in seen[name]) / len(seen)


def words_in(text: str) -> float:
    """Return about how many words a text has, also where its script puts no spaces between them."""
    parted = text.split()
    if text.isascii():
        return float(len(parted))
    signs, letters = len(SIGNS.findall(text)), len(LETTERS.findall(text))
    if not signs and not letters:
        return float(len(parted))
    spaced = len(LETTERS.sub("", SIGNS.sub("", text)).split())
    return max(float(len(parted)), spaced + signs / SIGNS_A_WORD + letters / LETTERS_A_WORD)
