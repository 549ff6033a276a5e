"""Read the text: a file of lines to a frame as it is laid out, or one error that shows the line which does not fit."""

from __future__ import annotations

import csv
import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, Any

import pandas as pd

from automl.errors import InputError
from automl.table.files.lay_out import (
    GROUPED_OR_WHOLE,
    NEVER_VALUES,
    NOTHING,
    TOPIC,
    WORDS,
    Layout,
    Row,
    encodings_of,
    lay_out,
    rows_of,
    wrong_width,
)
from automl.vocabulary.findings import Finding, Severity

LOOKED_AT, MOST_LOOKED_AT = 65_536, 2**24
"""Bytes at the start of a file from which its layout is told; more of them where lines are long."""
LEAST_LINES = 20
BLOCK = 2**24
PLAIN = ("utf-8", "utf-8-sig", "cp1252", "latin-1")
"""Encodings in which a byte of a separator is one."""
PAGE = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html)\b", re.IGNORECASE)
ENDS = b"\x00\x1a\r\n"
"""What may stand after the last line: old programs fill a block, or mark the end."""
OLD_END = re.compile(r"[^\r\n]*\r(?!\n)")
LEAST_NAMES = 2
DASHES = r"[-=]{2,}"
"""What some programs of databases write below the names."""
TRIED = 200
"""Values that a column's reading is tried on before it is tried on all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user said of a file, "" for what is to be found; `text` names columns to keep as the text they are.

    With `text` None all of them are kept so. Nothing in them counts as missing. `only` names the columns to read.
    """

    encoding: str = ""
    separator: str = ""
    text: Sequence[str] | None = ()
    only: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class _Text:
    """A file's bytes up to its last line, how many lines these are, and what messages call it."""

    name: str
    stream: IO[bytes]
    n_lines: int

    def rows(self, layout: Layout) -> Iterable[Row]:
        """Give the rows below the header, as they stand."""
        self.stream.seek(0)
        lines = TextIOWrapper(self.stream, encoding=layout.encoding, errors="replace")
        try:
            yield from rows_of(lines, layout, layout.above)
        finally:
            lines.detach()


def read_text(name: str, stream: IO[bytes], asked: Asked) -> tuple[pd.DataFrame, Layout]:
    """Return the table and how it is laid out; words such as NA stay as they are where a column holds text."""
    head, whole = _head(stream)
    if PAGE.match(head):
        raise InputError(
            f"The file {name!r} holds a web page (HTML); expected a table. Such a file is often what a download "
            f"gives without signing in: download it again."
        )
    encodings = (asked.encoding,) if asked.encoding else encodings_of(head.rstrip(ENDS))
    is_wide = "16" in encodings[0] or "32" in encodings[0]
    text = _looked_through(name, stream, is_wide=is_wide)
    head = head.rstrip(ENDS) if whole and not is_wide else head
    separator = asked.separator or ("\t" if ".tsv" in Path(name).name.lower() else "")
    for number, encoding in enumerate(encodings):
        try:
            start = getincrementaldecoder(encoding)().decode(head, final=whole)  # the head may end inside a character
            layout = lay_out(name, start, Layout(encoding, separator, guessed=number > 0), whole=whole)
            return _read(_with_newlines(text, encoding) if OLD_END.match(start) else text, layout, asked)
        except UnicodeError:
            if encoding == encodings[-1]:
                raise
    raise AssertionError("unreachable: the last encoding either reads or raises")


def _head(stream: IO[bytes]) -> tuple[bytes, bool]:
    """Return the beginning of a file, of several lines if it has them, and whether that is all."""
    head, wanted = b"", LOOKED_AT
    while len(head) < wanted:
        more = stream.read(wanted - len(head))
        if not more:
            return head, True
        head += more
        if len(head) == wanted and head.count(b"\n") + head.count(b"\r") < LEAST_LINES:
            wanted = min(4 * wanted, MOST_LOOKED_AT)
    return head, False


def _looked_through(name: str, stream: IO[bytes], *, is_wide: bool) -> _Text:
    """Look once through all bytes: a file of none is refused, and one with a zero in it, which no text has."""
    stream.seek(0)
    at = end = n_lines = 0
    zero = line = -1
    while block := stream.read(BLOCK):
        if zero < 0 and not is_wide and (found := block.find(0)) >= 0:
            zero, line = at + found, n_lines + block[:found].count(b"\n") + 1
        n_lines += block.count(b"\n")
        kept = len(block) if is_wide else len(block.rstrip(ENDS))
        end = at + kept if kept else end
        at += len(block)
    if not end:
        raise InputError(f"The file {name!r} is empty; expected a line of names, and rows. Check how it was written.")
    if 0 <= zero < end:
        raise InputError(
            f"Line {line} of {name!r} has a byte of 0, which no text has; the file is damaged, or of another kind. "
            f"Write it anew, or load it with pandas and pass the frame."
        )
    stream.seek(end)
    if not stream.read(BLOCK).strip(b"\r\n"):
        return _Text(name, stream, n_lines)
    stream.seek(0)
    return _Text(name, BytesIO(stream.read(end)), n_lines)


def _with_newlines(text: _Text, encoding: str) -> _Text:
    """Return a text whose lines end as those of old Macs did with ends that pandas knows wherever a row begins."""
    text.stream.seek(0)
    lines = re.sub("\r(?!\n)", "\n", text.stream.read().decode(encoding))
    return replace(text, stream=BytesIO(lines.encode(encoding)), n_lines=lines.count("\n"))


def _read(text: _Text, layout: Layout, asked: Asked) -> tuple[pd.DataFrame, Layout]:
    frame = _parse(text, layout, asked)
    if not layout.width:
        return frame, layout
    if asked.only is None:
        if layout.width > 1 and _is_missing(frame.iloc[:, -1]).any() and _may_have_short_rows(text, frame, layout):
            _check_widths(text, layout)
        frame = _without_empty_cells(text, frame, layout)
    if asked.text is None:
        return frame, layout
    frame, layout = _with_words(text, frame, layout, asked)
    _check_no_names(text, frame, layout)
    findings = (*_swallowed_rows(text, frame, layout), *layout.findings)
    if layout.decimal == ",":
        frame, more = _with_thousands(frame, asked)
        findings = (*findings, *more)
    return frame, replace(layout, findings=findings)


def _parse(text: _Text, layout: Layout, asked: Asked) -> pd.DataFrame:
    text.stream.seek(0)
    kept = layout.names if asked.text is None else asked.text
    options: dict[str, Any] = {"dtype": str if asked.text is None else dict.fromkeys(kept, str)}
    if layout.width:
        names = _all_names(layout)
        usecols = None if asked.only is None else [name for name in names if name in set(asked.only)]
        never = {place: list(NOTHING if place in layout.numeric else NEVER_VALUES) for place in range(len(names))}
        as_text: dict[int, list[str]] = {place: [] for place, name in enumerate(names) if name in set(kept)}
        above = 0 if layout.is_folded else layout.above
        options |= {"header": None, "names": names, "skiprows": above, "index_col": False, "usecols": usecols}
        options |= {"na_values": {**never, **as_text}}
    below = _below_names(text, layout) if layout.is_folded else None
    try:
        return pd.read_csv(
            below or text.stream,
            sep=layout.separator,
            encoding=layout.encoding,
            decimal=layout.decimal,
            escapechar=layout.escape,
            keep_default_na=False,
            low_memory=False,
            **options,
        )
    except pd.errors.ParserError as error:
        _check_widths(text, layout)
        raise _unreadable(text, layout, error) from error
    finally:
        if below is not None:
            below.detach()


def _below_names(text: _Text, layout: Layout) -> TextIOWrapper:
    """Return a text from its first row on: pandas counts line breaks inside of names in a way of its own."""
    below = TextIOWrapper(text.stream, encoding=layout.encoding, newline="")
    for _ in range(layout.above):
        below.readline()
    return below


def _all_names(layout: Layout) -> list[str]:
    """Return a name for every cell of a row; those that are to be empty get one that nobody gives."""
    return [*layout.names, *(f"\x00{place}" for place in range(len(layout.names), layout.width))]


def _without_empty_cells(text: _Text, frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Return the columns that have a name, and those without one that hold something."""
    n_names = len(layout.names)
    if not all(_is_missing(frame.iloc[:, place]).all() for place in range(n_names, frame.shape[1])):
        _check_widths(text, layout)
    frame = frame.iloc[:, :n_names]
    unnamed = [name for place, name in enumerate(frame.columns) if place and name == f"Unnamed: {place}"]
    empty = [name for name in unnamed if len(frame) and _is_missing(frame[name]).all()]
    return frame.drop(columns=empty) if empty else frame


def _is_missing(values: pd.Series) -> pd.Series:
    return values.isna() | (values == "") if _holds_strings(values) else values.isna()


def _may_have_short_rows(text: _Text, frame: pd.DataFrame, layout: Layout) -> bool:
    """Tell whether a row may have too few cells, which pandas fills: False is sure.

    The file then has fewer separators than its rows ask for, without those above the rows and inside of cells.
    """
    if layout.encoding not in PLAIN or layout.escape is not None or len(layout.separator) > 1:
        return True
    separator = layout.separator.encode()
    text.stream.seek(0)
    for _ in range(layout.above):
        text.stream.readline()
    below = n_quotes = 0
    while block := text.stream.read(BLOCK):
        below += block.count(separator)
        n_quotes += block.count(b'"')
    inside = sum(_count_inside(frame[name], layout.separator) for name in frame.columns) if n_quotes else 0
    return below - inside < (layout.width - 1) * len(frame)


def _count_inside(values: pd.Series, separator: str) -> int:
    """Return how many separators a column's cells hold."""
    if not _holds_strings(values):
        return 0
    holding = values[values.str.contains(separator, regex=False, na=False)]
    return int(holding.str.count(re.escape(separator)).sum())


def _check_widths(text: _Text, layout: Layout) -> None:
    """Refuse a row with too few cells, or with more than there are names for."""
    least = len(layout.names)
    try:
        for row in text.rows(layout):
            if not least <= len(row.cells) <= layout.width or any(map(str.strip, row.cells[least:])):
                raise wrong_width(text.name, row, least)
    except csv.Error:  # a cell of more than 131,072 characters
        return


def _unreadable(text: _Text, layout: Layout, error: Exception) -> InputError:
    """Return the error for what cannot be parsed, with the line where that begins."""
    last = None
    try:
        for row in text.rows(layout):
            last = row
    except csv.Error:
        pass
    if "EOF inside string" not in str(error) or last is None:
        return InputError(f"The file {text.name!r} cannot be read as a table: {error}. Load it with pandas instead.")
    return InputError(
        f"Line {last.line} of {text.name!r} has a quote that is never closed: {last.text}. Close it, or double it if "
        f"it is part of the text."
    )


def _check_no_names(text: _Text, frame: pd.DataFrame, layout: Layout) -> None:
    """Refuse rows that repeat the names, as files put one below the other have, and a line of dashes below them.

    They make text of every column, and a class of the target's name.
    """
    names = [name for place, name in enumerate(layout.names) if name != f"Unnamed: {place}" and name in frame]
    if len(names) < LEAST_NAMES or not all(_holds_strings(frame[name]) for name in names):
        return
    is_name = frame[names[0]].str.strip() == names[0].strip()
    is_dashes = frame[names[0]].head(1).str.fullmatch(DASHES).fillna(value=False)
    places = [*frame.index[is_name], *is_dashes.index[is_dashes]]
    for place in places[:TRIED]:
        cells = [str(cell).strip() for cell in frame.loc[place, names]]
        if cells == [name.strip() for name in names] or all(re.fullmatch(DASHES, cell) for cell in cells):
            row = next((row for number, row in enumerate(text.rows(layout)) if number == place), None)
            line = f"Line {row.line}" if row is not None else f"Row {place}"
            raise InputError(
                f"{line} of {text.name!r} has {cells} in place of values; expected the names of the columns once, in "
                f"the first line. Take that line out, and all others like it."
            )


# --- what pandas guesses, looked at again


def _with_words(text: _Text, frame: pd.DataFrame, layout: Layout, asked: Asked) -> tuple[pd.DataFrame, Layout]:
    """Return columns of text with the words that they hold, and as numbers those that are numbers but for words."""
    names, kept = list(layout.names), set(asked.text or ())
    lost = [
        name
        for place, name in enumerate(names)
        if place in layout.numeric and name in frame and name not in kept and _holds_strings(frame[name])
    ]
    if lost:  # of numbers as far as the first rows tell, and of text further on
        layout = replace(layout, numeric=layout.numeric - {names.index(name) for name in lost})
        again = _parse(text, layout, replace(asked, only=lost))
        frame = frame.assign(**{name: again[name] for name in lost})
    found = {}
    for place, name in enumerate(names):
        if place not in layout.numeric and name in frame and name not in kept and _holds_strings(frame[name]):
            numbers = _as_numbers(frame[name])
            if numbers is not None:
                found[name] = numbers
    return (frame.assign(**found) if found else frame), layout


def _holds_strings(values: pd.Series) -> bool:
    is_object = values.dtype == object
    return isinstance(values.dtype, pd.StringDtype) or (is_object and pd.api.types.infer_dtype(values) == "string")


def _as_numbers(values: pd.Series) -> pd.Series | None:
    """Return a column of text as numbers where all but words for missing values are some."""
    first = values.head(TRIED).dropna()
    if pd.to_numeric(first[~first.isin(WORDS)], errors="coerce").isna().any():
        return None
    is_word = values.isin(WORDS)
    known = values[~is_word & values.notna()] if is_word.any() else values.head(0)
    if known.empty or pd.to_numeric(known.head(TRIED), errors="coerce").isna().any():
        return None
    numbers = pd.to_numeric(values.where(~is_word), errors="coerce")
    return None if numbers.isna().sum() > (is_word | values.isna()).sum() else numbers


def _with_thousands(frame: pd.DataFrame, asked: Asked) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Write whole numbers with points between thousands so that they can be read in one way: the file has commas."""
    found, told = {}, []
    for name in frame.columns:
        values = frame[name]
        if name in set(asked.text or ()) or not _holds_strings(values):
            continue
        known = values.dropna()
        known = known[~known.isin(WORDS)]
        if known.empty or not known.head(TRIED).str.fullmatch(GROUPED_OR_WHOLE).all():
            continue
        grouped = known[known.str.contains(".", regex=False)]
        if grouped.empty or not known.str.fullmatch(GROUPED_OR_WHOLE).all():
            continue
        found[name] = values.where(~values.index.isin(grouped.index), values + ",0")
        example = str(grouped.iloc[0]).strip()
        told.append(
            Finding(
                Severity.WARNING, TOPIC, name,
                f"numbers such as {example!r} have a point, and others of the file a decimal comma",
                f"{example!r} is read as {example.replace('.', '')}",
                "If the point is a decimal sign, write it as in the other columns.",
            )
        )  # fmt: skip
    return (frame.assign(**found) if found else frame), tuple(told)


def _swallowed_rows(text: _Text, frame: pd.DataFrame, layout: Layout) -> list[Finding]:
    """Tell of cells that hold whole rows: a quote that was never closed takes in all lines up to the next one."""
    if text.n_lines <= len(frame) + layout.above + 1 or layout.width < 2 or len(layout.separator) > 1:
        return []
    for name in frame.columns:
        if not _holds_strings(frame[name]):
            continue
        cells = frame[name][frame[name].str.contains("\n", regex=False, na=False)]
        for cell in cells.head(TRIED):
            inner = str(cell).split("\n")[1:-1]
            if inner and all(line.count(layout.separator) == layout.width - 1 for line in inner):
                found = f"a cell holds {len(inner)} whole lines that look like rows, such as {inner[0][:60]!r}"
                advice = "Look for a quote that is not closed above it."
                return [Finding(Severity.WARNING, TOPIC, str(name), found, "kept as the text of one cell", advice)]
    return []
