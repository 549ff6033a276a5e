"""Settle columns: what columns of numbers are as a whole that hold text somewhere, told without keeping their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from automl.predict_files.nouns import NotAlikeError
from automl.table.files.lay_out import NEVER_VALUES, WORDS, Layout
from automl.table.unread_values import Unread, count_unread, of_plain_numbers, other_styles
from automl.vocabulary.schema import Schema

EXACT = 2.0**53
"""Whole numbers below this are the same among numbers with a point."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What columns are that hold text among their numbers.

    names: all of them. numbers: those that are numbers but for words such as NA; the others are text. styles, unread:
    in which other styles text is written that was to be plain numbers, and what of these columns cannot be read.
    """

    names: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    styles: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)

    def read(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame with these columns, which it holds as they are written, as what they are."""
        found = {name: _read(frame[name], is_number=name in self.numbers) for name in self.names}
        return frame.assign(**found) if found else frame


def settle(texts: Iterable[pd.DataFrame], names: Sequence[str], schema: Schema, layout: Layout) -> Settled:
    """Return what some columns are, whose cells of all rows are given as they are written, some rows at a time.

    As where all rows are read at once, text is that of numbers where all but words for missing values is, and where
    the first rows of the file have not shown that it is one.
    """
    alone = Schema(tuple(column for column in of_plain_numbers(schema) if column.name in names))
    has_words, is_number = dict.fromkeys(names, False), dict.fromkeys(names, True)
    unread: dict[str, Unread] = {}
    distinct = {name: pd.Series(dtype=object) for name in names}
    for frame in texts:
        for name in names:
            values = _read(frame[name], is_number=False)
            known = values[values.notna() & ~values.isin(WORDS)]
            has_words[name] |= bool(values.isin(WORDS).any())
            is_number[name] &= _are_numbers(known)
            if name in alone.names:
                counts = count_unread(values.to_frame(name), alone)[name]
                unread[name] = unread[name].and_then(counts) if name in unread else counts
                distinct[name] = pd.concat([distinct[name], known.astype(object).drop_duplicates()]).drop_duplicates()
    head = {layout.names[place] for place in layout.numeric if place < len(layout.names)}
    numbers = frozenset(name for name in names if is_number[name] and has_words[name] and name not in head)
    styles: dict[str, str] = {}
    for column in alone.columns:
        if column.name not in numbers:
            styles |= other_styles(distinct[column.name].to_frame(column.name), Schema((column,)), unread)
    return Settled(tuple(names), numbers, styles, {name: unread[name] for name in styles})


def _read(values: pd.Series, *, is_number: bool) -> pd.Series:
    """Return cells as they are written as text, or as numbers: what is never a value is missing."""
    texts = values.mask(values.isin(NEVER_VALUES))
    return pd.to_numeric(texts.mask(texts.isin(WORDS)), errors="coerce") if is_number else texts


def _are_numbers(known: pd.Series) -> bool:
    """Tell whether all cells are numbers; a NotAlikeError where these are too large to be the same in any column."""
    numbers = pd.to_numeric(known, errors="coerce")
    if numbers.isna().any():
        return False
    if len(numbers) and float(np.abs(numbers.to_numpy(dtype=np.float64)).max()) >= EXACT:
        raise NotAlikeError(f"column {known.name!r} holds large numbers and words")
    return True
