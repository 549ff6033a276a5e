"""Settle the words: whether NA, None, null and the like in a column of text are missing values or values."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container

import pandas as pd

from automl.table.files.lay_out import NEVER_VALUES, TOPIC, WORDS
from automl.table.files.parse_text import TRIED
from automl.vocabulary.findings import Finding, Severity

WITH_NUMBERS = re.compile(r"\W*\d")
"""How dates, numbers in disguise and codes begin: a word among them is no further one."""
EMPTY = ""
LOOKED_AT = 5_000
"""Rows at the start of a column whose other values tell what words among them are."""


def words_in(values: pd.Series) -> dict[str, int]:
    """Return the words in a column that may be missing values or values, and how often each is there."""
    if not (values.dtype == object or isinstance(values.dtype, pd.StringDtype)):
        return {}
    found = values[values.isin(WORDS)]
    return {str(word): int(count) for word, count in found.value_counts().items()} if len(found) else {}


def words_among_numbers(texts: pd.DataFrame) -> frozenset[str]:
    """Return what stands for missing values in columns of numbers that are given as text; "" for an empty cell."""
    found: set[str] = set()
    for name in texts.columns:
        values = texts[name]
        found |= {str(each) for each in values[values.isin(WORDS | {EMPTY})].unique()}
    return frozenset(found)


def settle_words(
    frame: pd.DataFrame, standing_for_missing: Callable[[], Collection[str]], besides: Container[str] = ()
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a frame whose words that stand for missing values are missing, and what was decided.

    A word is a missing value where it is one among the numbers of the same file, and beside dates and codes; else it is
    a value.
    """
    masked, findings, standing = {}, [], None
    for name in frame.columns:
        held = {} if name in besides else words_in(frame[name])
        if not held:
            continue
        first = frame[name].head(LOOKED_AT).dropna()
        known = first[~first.isin(WORDS)].head(TRIED)
        standing = set(standing_for_missing()) if standing is None else standing
        missing = set(held) & standing
        is_alone = sum(held.values()) == frame[name].count()
        if is_alone or (len(known) > 0 and known.astype(str).str.match(WITH_NUMBERS).all()):
            missing = set(held)
        if missing:
            masked[name] = frame[name].mask(frame[name].isin(missing))
        findings += [_told(str(name), word, held[word], len(frame)) for word in held if word not in missing]
    return (frame.assign(**masked) if masked else frame), findings


def mask_words(values: pd.Series, known: Container[str]) -> pd.Series:
    """Return a column without the words that are missing values, as all but the known ones are; "" is one."""
    unknown = [word for word in WORDS | NEVER_VALUES if word not in known]
    is_word = values.isin(unknown)
    return values.mask(is_word) if is_word.any() else values


def _told(name: str, word: str, count: int, n_rows: int) -> Finding:
    return Finding(
        Severity.NOTE, TOPIC, name,
        f"{count:,} of {n_rows:,} cells are {word!r}, which nothing in the file says to stand for a missing value",
        "taken for a value as the others are",
        "If it stands for one, read the file with pandas.read_csv, which takes it so, and pass the frame.",
    )  # fmt: skip
