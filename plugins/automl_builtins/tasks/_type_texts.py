"""Type texts that recur: the same question stands beside each of its answers, and is a text all the same."""

from __future__ import annotations

from typing import Any

from automl.plugin_api import ColumnKind

FEWEST_WORDS, FEWEST_TEXTS = 3.0, 10
"""Mean number of words of the different strings of a column, and how many there are, from which they are texts."""
LEAST_LETTERS = 0.5
"""Share of what is written that are letters, lest lists of numbers and codes are taken for texts."""
LOOKED_AT = 2_000


def recurring_texts(features: Any) -> dict[str, ColumnKind]:
    """Return the columns of strings, `features` being a frame, whose different values are texts of several words."""
    found = {}
    for name in features.columns:
        values = features[name]
        if str(values.dtype) not in ("object", "str", "string") and not str(values.dtype).startswith("string"):
            continue
        if not isinstance(next(iter(values.dropna()), None), str):
            continue
        texts = [each for each in values.drop_duplicates().head(LOOKED_AT) if isinstance(each, str)]
        if len(texts) < FEWEST_TEXTS:
            continue
        words = sum(len(text.split()) for text in texts) / len(texts)
        whole = "".join(texts)
        letters = sum(sign.isalpha() for sign in whole) / max(1, sum(not sign.isspace() for sign in whole))
        if words >= FEWEST_WORDS and letters >= LEAST_LETTERS:
            found[str(name)] = ColumnKind.TEXT
    return found
