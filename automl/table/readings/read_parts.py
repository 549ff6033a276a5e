"""Read parts: take strings apart, such as "C85", "10.0.3.4" or "ann@corp.de", in further columns of the schema.

A string is unlike most others as a whole, and a new one says nothing; its parts repeat or have an order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from automl.table.readings.normalise_cells import distinct_cells
from automl.table.readings.recognise_forms import FORM_PARTS, find_form
from automl.table.readings.split_codes import are_texts, choose_parts, say_nothing, share_words, take_code
from automl.vocabulary.schema import Column, ColumnKind

FEWEST_CODES = 20
"""A column of fewer distinct values is looked at whole."""
LOOKED_AT = 500
"""Distinct values that tell which parts there are."""
WITH_DIGITS = 0.5
"""Share of the distinct values that must hold a digit for them to be codes."""
REPEATED = 0.5
"""Levels of letters, as a share of the distinct values, up to which they are worth a column."""
ENDS = ("first ", "last 1", "last 2", "last 3")
REPEATED_ENDS = 0.1
"""The same for the first and the last characters, which are cut where they have to say nothing."""
AS_NUMBERS = 0.95
"""Share of a part's values that must be whole numbers for it to be numeric."""
FEWEST_WORDS = 2.0
"""Mean number of recurring words from which the words of addresses and paths are worth a column."""
FEWEST_NAMES = 30
"""A column of fewer categories has rows enough for each of them, whatever it is called."""
DIGITS = re.compile(r"\d{1,15}")
BEFORE_DIGITS = re.compile(r"\D*")
AFTER_DIGITS = re.compile(r"\D*$")
SEPARATORS = " \t/.,-_:#()"


@dataclass(frozen=True, slots=True)
class FoundParts:
    """What was found in a column of strings: how they are written ("" for in no known form), whether they are texts,
    and the parts that vary, as columns to be described, with their values."""

    form: str = ""
    are_texts: bool = False
    parts: tuple[tuple[Column, pd.Series], ...] = ()


def _letters(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0].strip(SEPARATORS) if found else ""


def _number(text: str, place: int) -> float | None:
    found = DIGITS.findall(text)
    return float(found[place]) if found else None


CODE_PARTS: dict[str, tuple[ColumnKind, Callable[[str], Any]]] = {
    "letters": (ColumnKind.CATEGORICAL, lambda text: _letters(BEFORE_DIGITS, text)),
    "number": (ColumnKind.NUMERIC, lambda text: _number(text, 0)),
    "last number": (ColumnKind.NUMERIC, lambda text: _number(text, -1)),
    "ending": (ColumnKind.CATEGORICAL, lambda text: _letters(AFTER_DIGITS, text)),
    "numbers": (ColumnKind.NUMERIC, lambda text: float(len(DIGITS.findall(text)))),
}
"""What is taken from a code: the text before its first digit, its first and last number, the text after its last
digit, and how many numbers there are."""
NAME = "name"
WHOLE: dict[str, tuple[ColumnKind, Callable[[str], Any]]] = {NAME: (ColumnKind.NAME, str)}
"""The string itself, of which words are to be read."""
PARTS = {**CODE_PARTS, **FORM_PARTS, **WHOLE}


@lru_cache(maxsize=1024)
def taker_of(part: str) -> Callable[[str], Any]:
    """Return what takes a part from a string; None stands for one that has no such part."""
    if part in PARTS:
        return PARTS[part][1]
    word, _, place = part.rpartition(" ")
    return lambda text: take_code(word, text, int(place))


def find_parts(values: pd.Series, column: Column, taken: set[str], is_fine: bool = False) -> FoundParts:
    """Return the parts of a column of strings that vary; those called like another column (`taken`) are left out.

    Where nearly all strings are distinct (`is_fine`) they are of no use as a whole, and taken apart in more ways.
    """
    if column.kind is ColumnKind.CATEGORICAL and len(column.categories) < FEWEST_CODES:
        return FoundParts()
    seen = _look_at(values, column)
    form = find_form(seen) if len(seen) >= FEWEST_CODES else None
    if form is None and (column.kind is ColumnKind.TEXT or (is_fine and say_nothing(seen))):
        return FoundParts()
    if form is not None and (form.name != "digits" or is_fine):
        names: Sequence[str] = form.parts
    else:
        names = (*_code_parts(seen), *(choose_parts(seen) if is_fine else ()))
    is_text = form is None and is_fine and are_texts(seen)
    if is_text:
        names = [name for name in names if name != "length" and not name.startswith(ENDS)]
    if not names:
        return FoundParts(are_texts=is_text)
    found = _Found(column, values, taken)
    for name, kind, read in _read_all(found.texts, [name for name in names if _is_worth_it(name, seen)]):
        found.add(name, kind, read)
    return FoundParts("" if form is None else form.name, is_text, tuple(found.parts))


def _look_at(values: pd.Series, column: Column) -> list[str]:
    """Return some of the distinct strings of a column."""
    strings: Sequence[str] = column.categories
    if not strings:
        known = values.dropna()
        strings = [str(value) for value in known.iloc[:: max(1, len(known) // LOOKED_AT)]]
    return list(dict.fromkeys(text.strip() for text in strings[:: max(1, len(strings) // LOOKED_AT)]))


def _is_worth_it(part: str, seen: Sequence[str]) -> bool:
    """Tell whether a part is not the same in all strings that are looked at; words have to recur in some."""
    read = [taker_of(part)(text) for text in seen]
    if part in PARTS and PARTS[part][0] is ColumnKind.TEXT:
        return _words_recur(read)
    return any(each != read[0] for each in read)


def find_name(column: Column, taken: Collection[str]) -> Column | None:
    """Return a column for what the categories of another are called, where many of them share words with others."""
    name = f"{column.name} {NAME}"
    if len(column.categories) < FEWEST_NAMES or column.ordered or name in taken or not share_words(column.categories):
        return None
    return Column(name, ColumnKind.NAME, len(column.categories), column.missing_fraction, source=column.name, part=NAME)


def read_parts(values: pd.Series, columns: Sequence[Column]) -> dict[str, pd.Series]:
    """Return parts of each value by the parts' names, missing where it is; a string is looked at once for all."""
    codes, levels = factorized(values)
    takers = [taker_of(column.part) for column in columns]
    read = [[take(text) for take in takers] for text in map(str, levels)]
    made = zip(*read, strict=True) if read else ([] for _ in columns)
    return {
        column.name: _spread(list(part), codes, values.index, column)
        for column, part in zip(columns, made, strict=True)
    }


def factorized(values: pd.Series) -> tuple[Any, Any]:
    """Return the number of each value, -1 for missing, and the distinct values."""
    return distinct_cells(values.astype(object))


def described(part: Column, as_typed: Column) -> Column:
    """Return a part as its values were typed, with where it comes from."""
    return replace(as_typed, source=part.source, part=part.part)


class _Found:
    """Gathers the parts that vary, repeat enough, and are no others' copies."""

    def __init__(self, column: Column, values: pd.Series, taken: set[str]) -> None:
        self.parts: list[tuple[Column, pd.Series]] = []
        self._codes, levels = factorized(values)
        self.texts = [str(level) for level in levels]
        self._column, self._index, self._taken = column, values.index, taken
        self._seen: set[tuple[ColumnKind, bytes]] = set()

    def add(self, name: str, kind: ColumnKind, read: list[Any]) -> None:
        part = Column(f"{self._column.name} {name}", kind, source=self._column.name, part=name)
        if kind is ColumnKind.NUMERIC:
            read = [as_number(each) for each in read]
            codes, levels = pd.factorize(np.asarray(read, dtype=np.float64))
        else:
            codes, levels = pd.factorize(np.asarray([*read, None], dtype=object))
            codes = codes[:-1]
        repeated = REPEATED_ENDS if name.startswith(ENDS) else REPEATED
        too_fine = kind is ColumnKind.CATEGORICAL and len(levels) > repeated * len(read)
        varies = len(levels) > 1 or (len(levels) == 1 and bool((codes < 0).any()))
        split = (kind, np.asarray(read).tobytes() if kind is ColumnKind.NUMERIC else codes.tobytes())
        if varies and not too_fine and part.name not in self._taken and split not in self._seen:
            self._seen.add(split)
            self.parts.append((part, _spread(read, self._codes, self._index, part)))


def _read_all(texts: list[str], names: Sequence[str]) -> list[tuple[str, ColumnKind, list[Any]]]:
    """Return each part's name, kind and values, one for each string."""
    takers = [taker_of(name) for name in names]
    rows = [[take(text) for take in takers] for text in texts]
    found = []
    for name, column in zip(names, zip(*rows, strict=True), strict=False):
        read = list(column)
        found.append((name, PARTS[name][0] if name in PARTS else _kind_of(read), read))
    return found


def _kind_of(read: list[Any]) -> ColumnKind:
    known = [each for each in read if each is not None]
    whole = sum(each.isdecimal() and len(each) <= 15 for each in known)
    padded = any(len(each) > 1 and each.startswith("0") for each in known)
    is_number = len(known) and whole >= AS_NUMBERS * len(known) and not (padded and len(set(map(len, known))) > 1)
    return ColumnKind.NUMERIC if is_number and len(set(known)) > FEWEST_CODES else ColumnKind.CATEGORICAL


def _words_recur(texts: Sequence[str]) -> bool:
    """Tell whether texts have words that stand in some others but not in more than half of them."""
    seen = [set(text.lower().split()) for text in texts]
    counts: dict[str, int] = {}
    for words in seen:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    telling = {word for word, n in counts.items() if 3 <= n <= len(seen) / 2}
    return sum(len(words & telling) for words in seen) >= FEWEST_WORDS * len(seen)


def _code_parts(levels: Sequence[str]) -> tuple[str, ...]:
    """Return the parts of codes, where most strings hold digits and not all are digits alone."""
    with_digits = sum(any(sign.isdigit() for sign in text) for text in levels)
    if with_digits < WITH_DIGITS * len(levels) or all(text.isdigit() for text in levels):
        return ()
    return tuple(CODE_PARTS)


def _spread(read: list[Any], codes: Any, index: Any, column: Column) -> pd.Series:
    """Return a part of each row from that of each distinct value."""
    parts = np.empty(len(read) + 1, dtype=object)
    parts[:-1] = read
    parts[-1] = None
    if column.kind is ColumnKind.NUMERIC:
        numbers = np.array([as_number(each) for each in parts], dtype=np.float64)
        return pd.Series(numbers[codes], index=index, name=column.name)
    return pd.Series(parts[codes], index=index, name=column.name, dtype=object)


def as_number(part: Any) -> float:
    """Return a part as a number; None, and text that is no number, such as a piece of an odd code, is missing."""
    if part is None:
        return np.nan
    if isinstance(part, str):
        return float(part) if part.isdecimal() and len(part) <= 15 else np.nan
    return float(part)
