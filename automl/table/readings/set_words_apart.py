"""Set words apart: a word such as "unknown" or "00.00.0000" among numbers or dates stands for a missing one."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from automl.table.readings.find_readings import Strings, hold_values
from automl.vocabulary.schema import ColumnKind

NO_DATE = r"0{2,4}[-/.]00[-/.]0{2,4}(?:[ T]00:00(?::00(?:\.0+)?)?)?"
"""What databases and books write for no date."""
MOST_WORDS, SHARE_OF_WORDS, LEAST_BESIDE = 5, 0.1, 20
"""Different words at most, and their share, as which of several it is may tell something; different values beside."""


def without_words(
    sample: pd.Series, kind_of: Callable[[pd.Series], ColumnKind], every: Callable[[], pd.Series]
) -> Strings | None:
    """Return what is left beside a few words, where that is numbers or dates; None for other strings.

    `kind_of` tells the kind that strings suggest, `every` gives all of them.
    """
    is_word = _are_words(sample)
    rest, words = sample[~is_word], sample[is_word]
    most = len(rest) if words.nunique() == 1 else SHARE_OF_WORDS * len(sample)
    if not 0 < len(words) <= most or words.nunique() > MOST_WORDS or rest.nunique() < LEAST_BESIDE:
        return None
    kind = kind_of(rest)
    if not hold_values(rest, kind):
        return None
    told = f"{len(words)} of {len(sample)} values looked at, such as {words.iloc[0]!r}, are taken for missing ones"
    return Strings(kind, rest, lambda: _left(every()), told)


def _left(texts: pd.Series) -> pd.Series:
    return texts[~_are_words(texts)]


def _are_words(texts: pd.Series) -> pd.Series:
    """Tell which strings hold no digit, or a date of zeros alone."""
    return ~texts.str.contains(r"\d", regex=True) | texts.str.fullmatch(NO_DATE)
