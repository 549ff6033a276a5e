"""Features of words: letters, beginnings, endings and shape, and those of their neighbours, as texts or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from automl.plugin_api import Array
from automl_builtins.tagging.sentences import Words

ENDS = (1, 2, 3, 4)
"""Lengths of beginnings and endings."""
NEAR = (-2, -1, 1, 2)
"""Neighbours that are looked at."""
LONGEST = 12
BORDER = "<>"
"""In place of a neighbour beyond the border of a sentence."""


def shape_of(word: str) -> str:
    """Return capitals as X, small letters as x, digits as 0, all else as it is."""
    return "".join("X" if c.isupper() else "x" if c.islower() else "0" if c.isdigit() else c for c in word)


def short_shape_of(word: str) -> str:
    """Return the shape with each run of one sign as a single one."""
    shape = shape_of(word)
    return "".join(sign for place, sign in enumerate(shape) if place == 0 or shape[place - 1] != sign)


def own_features(fields: Sequence[str]) -> list[str]:
    """Return what is told of a word by itself, and by the fields beside it."""
    word = fields[0]
    small = word.lower()
    found = [f"w={small}", f"s={shape_of(word)}", f"b={short_shape_of(word)}", f"n={min(len(word), LONGEST)}"]
    found += [f"p={small[:size]}" for size in ENDS if len(word) > size]
    found += [f"e={small[-size:]}" for size in ENDS if len(word) > size]
    signs = {
        "upper": word.isupper(),
        "title": word.istitle(),
        "digit": any(c.isdigit() for c in word),
        "alone": word.isdigit(),
        "hyphen": "-" in word,
        "mixed": small != word and not word.istitle() and not word.isupper(),
    }
    found += [f"is={name}" for name, there in signs.items() if there]
    return found + [f"f{number}={value}" for number, value in enumerate(fields[1:], 1)]


def near_features(fields: Sequence[str]) -> list[str]:
    """Return what is told of a word to its neighbours."""
    word = fields[0]
    found = [f"w={word.lower()}", f"b={short_shape_of(word)}", f"e={word.lower()[-3:]}"]
    return found + [f"f{number}={value}" for number, value in enumerate(fields[1:], 1)]


@dataclass(slots=True)
class WordTexts:
    """Features as texts, which are made once for each different word."""

    _own: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    _near: dict[tuple[int, tuple[str, ...]], list[str]] = field(default_factory=dict)

    def of(self, words: Words) -> list[list[str]]:
        """Return the features of each word of a sentence."""
        last = len(words) - 1
        small = [fields[0].lower() for fields in words]
        made = []
        for place, fields in enumerate(words):
            found = list(self._of_word(fields))
            for step in NEAR:
                if 0 <= place + step <= last:
                    found += self._of_neighbour(step, words[place + step])
            found.append(f"-1|0={small[place - 1] if place else BORDER}|{small[place]}")
            found.append(f"0|1={small[place]}|{small[place + 1] if place < last else BORDER}")
            made.append(found)
        return made

    def _of_word(self, fields: tuple[str, ...]) -> list[str]:
        if fields not in self._own:
            self._own[fields] = ["bias", *own_features(fields)]
        return self._own[fields]

    def _of_neighbour(self, step: int, fields: tuple[str, ...]) -> list[str]:
        key = (step, fields)
        if key not in self._near:
            self._near[key] = [f"{step}{each}" for each in near_features(fields)]
        return self._near[key]


def hashed_features(sentences: Sequence[Words]) -> Array:
    """Return features of all words, sentence after sentence, as numbers `(n_words, n_features)` uint64; 0 for none.

    A feature has the same number wherever it occurs; there are so many that two of one number are no matter.
    """
    words = [fields for sentence in sentences for fields in sentence]
    numbers: dict[tuple[str, ...], int] = {}
    which = np.array([numbers.setdefault(fields, len(numbers)) for fields in words], dtype=np.int64)
    distinct = list(numbers)
    own = _hashed([own_features(fields) for fields in distinct])
    near = _hashed([near_features(fields) for fields in distinct])
    first = np.zeros(len(words), dtype=bool)
    lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
    first[np.cumsum(lengths) - lengths] = True
    sentence = np.cumsum(first)
    blocks = [own[which]]
    for step in NEAR:
        there, taken = _neighbours(which, sentence, step)
        turned = near[taken] * np.uint64(2 * (step + 3) + 1) * np.uint64(0x9E3779B97F4A7C15)
        blocks.append(np.where(there[:, None] & (near[taken] != 0), turned, np.uint64(0)))
        if abs(step) == 1:
            low, high = (taken, which) if step < 0 else (which, taken)
            pair = near[low, 0] * np.uint64(0xD1B54A32D192ED03) + near[high, 0]
            blocks.append(np.where(there, pair, near[which, 0] + np.uint64(step + 5))[:, None])
    return np.concatenate(blocks, axis=1)


def _neighbours(which: Array, sentence: Array, step: int) -> tuple[Array, Array]:
    """Return whether there is a neighbour in the same sentence, and which word it is."""
    place = np.arange(len(which)) + step
    inside = (place >= 0) & (place < len(which))
    place = np.where(inside, place, 0)
    return inside & (sentence[place] == sentence), which[place]


def _hashed(features: Sequence[Sequence[str]]) -> Array:
    """Return features as numbers, a row of as many columns as the longest has; 0 for none."""
    import pandas as pd

    width = max((len(each) for each in features), default=0)
    texts = np.full((len(features), width), "", dtype=object)
    for row, each in enumerate(features):
        texts[row, : len(each)] = each
    codes, distinct = pd.factorize(texts.ravel())
    hashes = pd.util.hash_array(np.asarray(distinct, dtype=object)).astype(np.uint64) | np.uint64(1)
    hashes[np.asarray(distinct) == ""] = 0
    return np.asarray(hashes[codes].reshape(texts.shape))
