"""Read the labels: the cells of a target, as text, to values that come back from a prediction as they are written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import pandas as pd

from automl.table.files.lay_out import NEVER_VALUES, TOPIC, WORDS
from automl.vocabulary.findings import Finding, Severity

PADDED = r"\s*[-+]?0\d+\s*"
WHOLE = r"\s*[-+]?\d+\s*"
LARGEST = {"int64": 2**63 - 1, "uint64": 2**64 - 1}


def read_labels(
    texts: pd.Series,
    standing_for_missing: Callable[[], Collection[str]] = tuple,
    decimal: str = ".",
    known: Collection[str] = (),
) -> tuple[pd.Series, list[Finding]]:
    """Return the values of a target and what there is to tell of them.

    Numbers are numbers and True is a truth value where all cells are such; "02" and "TRUE" stay the text that they are.
    A word such as None is missing among numbers, and among labels where it stands for missing numbers elsewhere in the
    file while no cell of the target is empty; it is a label in any case where it is among those that are `known`.
    """
    texts = texts.astype(object)
    never = [each for each in NEVER_VALUES if each not in known]
    is_never, is_word = texts.isna() | texts.isin(never), texts.isin(WORDS)
    values = _values(texts[~is_never & ~is_word], decimal)
    is_text = values.dtype == object and len(values) > 0
    words = set(texts[is_word].unique()) - set(known)
    if not is_text:
        missing = words
    elif words and not is_never.any():
        missing = words & set(standing_for_missing())
    else:
        missing = set()
    if set(texts[is_word].unique()) != missing:
        values = texts[~is_never & ~texts.isin(missing)]
    said = words | (set(texts[is_never].dropna().unique()) - {""} if is_text else set())
    counts = texts[texts.isin(said)].value_counts()
    told = [
        _told(str(texts.name), str(word), int(count), len(texts), missing=word not in words or word in missing)
        for word, count in counts.items()
    ]
    return _filled(values, texts), told


def _values(known: pd.Series, decimal: str) -> pd.Series:
    """Return known cells as whole numbers, numbers or truth values where all of them are such, else as text."""
    levels = pd.Series(known.unique(), dtype=object)
    if levels.empty:
        return known
    if set(levels) <= {"True", "False"}:
        return known == "True"
    if levels.str.fullmatch(PADDED).any():
        return known
    if levels.str.fullmatch(WHOLE).all():
        return _whole(known, [int(level) for level in levels])
    numbers = pd.to_numeric(levels.str.replace(decimal, ".", regex=False), errors="coerce")
    if numbers.isna().any():
        return known
    return known.map(dict(zip(levels, numbers.astype(np.float64), strict=True))).astype(np.float64)


def _whole(known: pd.Series, levels: Sequence[int]) -> pd.Series:
    low, high = min(levels), max(levels)
    for dtype, largest in LARGEST.items():
        if high <= largest and low >= (-(2**63) if dtype == "int64" else 0):
            return known.map(int).astype(dtype)
    return known  # no type of numbers holds them


def _filled(values: pd.Series, texts: pd.Series) -> pd.Series:
    """Return values at their rows of all; where some are missing whole numbers stay such."""
    if len(values) == len(texts):
        return values
    if values.dtype.kind in "iu":
        return values.astype(values.dtype.name.replace("i", "I").replace("u", "U", 1)).reindex(texts.index)
    return values.astype(object if values.dtype == bool else values.dtype).reindex(texts.index)


def _told(name: str, word: str, count: int, n_rows: int, *, missing: bool) -> Finding:
    found = f"{count:,} of {n_rows:,} cells of the target are {word!r}"
    if missing:
        advice = "If it is a class, write another word, or give a frame in which it is text."
        return Finding(Severity.WARNING, TOPIC, name, found, "taken for missing", advice)
    advice = "If it stands for a missing value, leave these rows out, or read the file with pandas and pass the frame."
    return Finding(Severity.WARNING, TOPIC, name, found, "taken for a class as the others are", advice)
