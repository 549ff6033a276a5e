"""Schemes of tags: IOB2, IOBES and BILOU, with types or plain, and the spans that tags of a scheme stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from automl.plugin_api import Array

OUTSIDE, BEGIN, INSIDE, END, SINGLE = range(5)
"""What a tag says of its token: it is in no span, or which part of one."""
PARTS = {"B": BEGIN, "I": INSIDE, "E": END, "L": END, "S": SINGLE, "U": SINGLE, "W": SINGLE}
"""By the letter that a tag begins with; BILOU has L(ast) and U(nit), others E(nd) and S(ingle) or W(hole)."""
TAG = re.compile(r"([BIELSUW])(?:[-_](.+))?", re.DOTALL)
NONE, IO, IOB2, IOBES = "none", "IO", "IOB2", "IOBES"
"""Without a scheme; spans without a sign where they begin; spans that begin; spans that begin and end."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """The parts and types of some labels.

    parts, types: `(n_labels,)` whole numbers, in the order of the labels. The type of a label outside is -1. names:
    what the types are called.
    """

    name: str
    parts: Array
    types: Array
    names: tuple[str, ...]

    @property
    def is_one(self) -> bool:
        """Whether labels have a scheme at all."""
        return self.name != NONE

    def follows(self) -> Array:
        """Return `(n_labels + 1, n_labels + 1)` booleans: whether the second may follow the first.

        The last one of each stands for the border of a sentence.
        """
        before, after = np.append(self.parts, OUTSIDE), np.append(self.parts, OUTSIDE)
        same = np.append(self.types, -1)[:, None] == np.append(self.types, -1)[None, :]
        is_open = np.isin(before, (BEGIN, INSIDE))[:, None]
        goes_on = np.isin(after, (INSIDE, END))[None, :]
        if self.name == IOB2:
            return np.asarray(~goes_on | (is_open & same))
        if self.name == IOBES:
            return np.asarray((is_open & goes_on & same) | (~is_open & ~goes_on))
        return np.ones((len(before), len(before)), dtype=bool)


def scheme_of(labels: Sequence[Any]) -> Scheme:
    """Return the scheme of all labels that there are."""
    return _scheme_of(tuple(labels))


@lru_cache(maxsize=64)
def _scheme_of(labels: tuple[Any, ...]) -> Scheme:
    read = [_read(label) for label in labels]
    parts = {part for part, _ in read if part is not None}
    known = all(part is not None for part, _ in read) and bool(parts - {OUTSIDE})
    if not known or (OUTSIDE not in parts and BEGIN not in parts):  # tags of speech such as "I" and "W"
        return _without(labels)
    name = IOBES if parts & {END, SINGLE} else IOB2 if BEGIN in parts else IO
    names = tuple(sorted({kind for part, kind in read if part}))
    types = np.array([names.index(kind) if part else -1 for part, kind in read], dtype=np.int64)
    return Scheme(name, np.array([part for part, _ in read], dtype=np.int64), types, names)


def _without(labels: tuple[Any, ...]) -> Scheme:
    """Return labels that are each a type of its own, whose spans are runs of one label; "O" is outside."""
    names = tuple(str(label) for label in labels if label != "O")
    parts = np.array([OUTSIDE if label == "O" else INSIDE for label in labels], dtype=np.int64)
    types = np.array([-1 if label == "O" else names.index(str(label)) for label in labels], dtype=np.int64)
    return Scheme(NONE, parts, types, names)


def _read(label: Any) -> tuple[int | None, str]:
    """Return the part and the type of a label; no part where it is of no scheme."""
    if label == "O":
        return OUTSIDE, ""
    found = TAG.fullmatch(label) if isinstance(label, str) else None
    return (None, "") if found is None else (PARTS[found[1]], found[2] or "")


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of rows, sorted by group: first and last row, both counted there, and the number of the type."""

    first: Array
    last: Array
    kind: Array

    def keys(self, n_rows: int) -> Array:
        """Return one number for each span, the same for the same span, `(n_spans,)`."""
        return (self.kind * (n_rows + 1) + self.first) * (n_rows + 1) + self.last


def spans_of(numbers: Array, scheme: Scheme, is_first: Array) -> Spans:
    """Return the spans of label numbers `(n_rows,)` of one group after another; `is_first` marks where groups begin.

    As strictly as seqeval counts in the mode "strict": a span begins as its scheme says and, in IOBES, ends so; an I-
    of no B- belongs to none.
    """
    if not len(numbers):
        return Spans(*(np.empty(0, dtype=np.int64) for _ in range(3)))
    parts, types = scheme.parts[numbers], scheme.types[numbers]
    before, kind_before = np.append(OUTSIDE, parts[:-1]), np.append(-1, types[:-1])
    goes_on = np.isin(parts, (INSIDE, END)) & np.isin(before, (BEGIN, INSIDE)) & (types == kind_before) & ~is_first
    first = np.flatnonzero(~goes_on)
    last = np.append(first[1:], len(parts)) - 1
    if scheme.name == IOBES:
        whole = ((parts[first] == BEGIN) & (parts[last] == END)) | (parts[first] == SINGLE)
    elif scheme.name == IOB2:
        whole = parts[first] == BEGIN
    else:
        whole = parts[first] == INSIDE
    return Spans(first[whole], last[whole], types[first][whole])


def count_stray(numbers: Array, scheme: Scheme, is_first: Array) -> int:
    """Return how many rows have a label that may not follow the one before it in the group."""
    if not len(numbers):
        return 0
    border = len(scheme.parts)
    before = np.where(is_first, border, np.append(border, numbers[:-1]))
    return int((~scheme.follows()[before, numbers]).sum())


def by_group(groups: Array) -> tuple[Array, Array]:
    """Return the order of rows in which those of a group follow each other as they came, and where groups begin."""
    order = np.argsort(groups, kind="stable")
    sorted_groups = np.asarray(groups)[order]
    return order, np.append(True, sorted_groups[1:] != sorted_groups[:-1])[: len(order)]
