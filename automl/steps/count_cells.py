"""Count the cells: whether some row of a text file has too few of them or too many, from its bytes alone."""

from __future__ import annotations

from typing import IO, Any

import numpy as np

from automl.steps.lay_out import Layout

BLOCK = 2**23
NEWLINE, RETURN, QUOTE = 10, 13, 34
BLANK = -1


def may_have_odd_rows(stream: IO[bytes], layout: Layout) -> bool:
    """Tell whether some row may have another number of cells than the table: False is sure, True is not.

    Which separators stand inside of quotes is told by the number of quotes before them.
    """
    is_plain = layout.encoding in ("utf-8", "utf-8-sig", "cp1252", "latin-1") and layout.escape is None
    if not is_plain or len(layout.separator) > 1:
        return True
    stream.seek(0)
    rest, n_lines = b"", 0
    while len(rest) <= 4 * BLOCK:
        block = stream.read(BLOCK)
        data = np.frombuffer(rest + block, dtype=np.uint8)
        counts, used = _separators(data, ord(layout.separator), last=not block)
        below = counts[max(0, layout.above - n_lines) :]
        if ((below != layout.width - 1) & (below != BLANK)).any():
            return True
        if not block:
            return False
        n_lines += len(counts)
        rest = data[used:].tobytes()
    return True  # a quote that is never closed, or a line of many megabytes


def _separators(data: Any, separator: int, *, last: bool) -> tuple[Any, int]:
    """Return the number of separators in each whole line, `BLANK` for one of nothing, and where the next one begins."""
    is_end, is_separator, quotes = data == NEWLINE, data == separator, data == QUOTE
    returns = np.flatnonzero(data == RETURN)
    if len(returns):
        alone = returns[data[np.minimum(returns + 1, len(data) - 1)] != NEWLINE]
        is_end[alone] = True
    if quotes.any():
        outside = ~np.logical_xor.accumulate(quotes)
        is_end, is_separator = is_end & outside, is_separator & outside
    ends = np.flatnonzero(is_end)
    if last:
        ends = np.append(ends, len(data))
    if not len(ends):
        return np.empty(0, dtype=np.int64), 0
    starts = np.concatenate([[0], ends[:-1] + 1])
    before = np.searchsorted(np.flatnonzero(is_separator), np.stack([starts, ends]))
    counts = before[1] - before[0]
    lengths = ends - starts
    is_blank = lengths == 0
    is_blank[lengths == 1] = data[starts[lengths == 1]] == RETURN
    counts[is_blank] = BLANK
    return counts, int(ends[-1]) + 1
