"""Cut rows: the bytes of a text file into pieces of so many rows each, without reading what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import numpy as np

from automl.vocabulary.arrays import Array, Rows

PIECE = 2**22
"""Bytes that are read at once."""
LONGEST = 2**28
"""Bytes of a row beyond which a quote is taken for one that is never closed."""
ENDS = b"\x00\x1a\r\n"
NEWLINE, RETURN, QUOTE, ZERO = 10, 13, 34, 0
BLANK = (9, 10, 13, 32)


class UncuttableError(Exception):
    """Where rows end cannot be told from the bytes; the message says why."""


def cut_rows(stream: IO[bytes], separator: bytes, n_rows: int) -> Iterator[tuple[bytes, int, int]]:
    """Give pieces of `n_rows` rows, the last of fewer: bytes, rows, and lines, blank ones among them.

    A row ends with a line where as many quotes have been opened as closed. A quote that stands within a cell without
    quotes around it may mislead; whoever reads the piece then finds other rows, or a quote that is not closed.
    """
    rest, held, count = b"", b"", 0
    while True:
        more = stream.read(PIECE)
        data = rest + more if more else rest.rstrip(ENDS)
        if not more and data:
            data += b"\n"
        ends = _ends(data, separator)
        start = 0
        while count + len(ends) >= n_rows:
            cut = int(ends[n_rows - count - 1])
            piece = held + data[start:cut]
            yield piece, n_rows, piece.count(b"\n")
            held, start, ends, count = b"", cut, ends[n_rows - count :], 0
        cut = int(ends[-1]) if len(ends) else start
        held, count, rest = held + data[start:cut], count + len(ends), data[cut:]
        if not more:
            break
        if len(rest) > LONGEST:
            raise UncuttableError("a quote is not closed, or a row is very long")
    if rest.strip(ENDS):
        raise UncuttableError("a quote is not closed")
    if count:
        yield held, count, held.count(b"\n")


def cells_in_rows(data: bytes, separator: bytes) -> Rows:
    """Return how many cells each row that is not blank has, by the separators outside of quotes, `(n_rows,)`."""
    bytes_ = np.frombuffer(data, np.uint8)
    ends, starts = _lines(bytes_)
    places = np.flatnonzero(bytes_ == separator[0])
    quotes = np.flatnonzero(bytes_ == QUOTE)
    if len(quotes):
        places = places[np.searchsorted(quotes, places) % 2 == 0]
    counts = np.searchsorted(places, ends) - np.searchsorted(places, starts) + 1
    return np.asarray(counts[~_are_blank(data, bytes_, starts, ends, separator)])


def _ends(data: bytes, separator: bytes) -> Rows:
    """Return the places behind the rows that end in some bytes, which begin with a row; blank lines end none."""
    bytes_ = np.frombuffer(data, np.uint8)
    ends, starts = _lines(bytes_)
    if not len(ends):
        return ends
    known = data[: int(ends[-1])]
    if ZERO in known:
        raise UncuttableError("there is a byte of 0")
    if known.count(b"\r") != known.count(b"\r\n"):
        raise UncuttableError("some lines end as on old Macs")
    return np.asarray(ends[~_are_blank(data, bytes_, starts, ends, separator)])


def _lines(bytes_: Array) -> tuple[Rows, Rows]:
    """Return where lines end, behind the sign for that, and where they begin; those within quotes are one."""
    ends = np.flatnonzero(bytes_ == NEWLINE) + 1
    quotes = np.flatnonzero(bytes_ == QUOTE)
    if len(quotes):
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return ends, np.concatenate([np.zeros(min(1, len(ends)), dtype=ends.dtype), ends[:-1]])


def _are_blank(data: bytes, bytes_: Array, starts: Rows, ends: Rows, separator: bytes) -> Array:
    """Return which lines hold nothing but blanks, which are none of the separator."""
    blank = bytes(each for each in BLANK if each != separator[0])
    found = np.isin(bytes_[starts], np.frombuffer(blank, np.uint8))
    for place in np.flatnonzero(found):
        found[place] = not data[starts[place] : ends[place]].strip(blank)
    return found
