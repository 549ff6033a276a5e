"""Text statistics: what can be counted about a text without reading it."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

from automl.plugin_api import Array, ColumnKind

STATISTICS = (
    ("log_length", ColumnKind.NUMERIC),
    ("log_words", ColumnKind.NUMERIC),
    ("word_length", ColumnKind.NUMERIC),
    ("digits", ColumnKind.NUMERIC),
    ("capitals", ColumnKind.NUMERIC),
    ("punctuation", ColumnKind.NUMERIC),
    ("missing", ColumnKind.BOOLEAN),
)
"""What is counted, in order: log(1 + characters), log(1 + words), mean characters of a word, the shares of digits,
capitals and punctuation among the characters, and whether there is no text at all."""
KNOWN_CHARACTERS = 0x3000
"""Characters from here on are no digits, capitals or punctuation to us; below lie nearly all scripts that have them."""
CHUNK_ROWS = 1024
"""Rows counted at a time, which bounds the memory for their characters."""


def text_statistics(texts: list[str]) -> Array:
    """Return `(n_rows, len(STATISTICS))` float32."""
    made = np.empty((len(texts), len(STATISTICS)), dtype=np.float32)
    for start in range(0, len(texts), CHUNK_ROWS):
        made[start : start + CHUNK_ROWS] = _count(texts[start : start + CHUNK_ROWS])
    return made


def _count(texts: list[str]) -> Array:
    lengths = np.array([len(text) for text in texts])
    words = np.array([len(text.split()) for text in texts])
    shares = _character_counts(texts, lengths) / np.maximum(lengths, 1)[:, None]
    blanks = shares[:, 3] * lengths
    return np.column_stack(
        [
            np.log1p(lengths),
            np.log1p(words),
            (lengths - blanks) / np.maximum(words, 1),
            shares[:, :3],
            words == 0,
        ]
    )


def _character_counts(texts: list[str], lengths: Array) -> Array:
    """Return `(n_rows, 4)`: how many digits, capitals, punctuation marks and blanks each text has."""
    data = "".join(texts).encode("utf-32-le", "surrogatepass")
    characters = np.minimum(np.frombuffer(data, dtype=np.uint32), KNOWN_CHARACTERS)
    classes = _character_classes()[characters]
    ends = np.cumsum(lengths)
    counts = np.zeros((len(texts), 4))
    for each in range(4):
        upto = np.concatenate([[0], np.cumsum(classes == each + 1)])
        counts[:, each] = upto[ends] - upto[ends - lengths]
    return counts


@cache
def _character_classes() -> Array:
    """Return the class of each character: 1 digit, 2 capital, 3 punctuation, 4 blank, 0 any other."""
    return np.array([*(_class_of(chr(code)) for code in range(KNOWN_CHARACTERS)), 0], dtype=np.uint8)


def _class_of(character: str) -> int:
    if character.isdigit():
        return 1
    if character.isupper():
        return 2
    if unicodedata.category(character)[0] in "PS":
        return 3
    return 4 if character.isspace() else 0
