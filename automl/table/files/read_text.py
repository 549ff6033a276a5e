"""Read the text: a file of lines to a frame as it is laid out, or one error that shows the line which does not fit."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO

import pandas as pd

from automl.errors import InputError
from automl.table.files.lay_out import (
    GROUPED_OR_WHOLE,
    TOPIC,
    WORDS,
    Layout,
    encodings_of,
    lay_out,
)
from automl.table.files.parse_text import (
    TRIED,
    Text,
    check_no_names,
    check_widths,
    holds_strings,
    parse,
    swallowed_rows,
)
from automl.table.files.parse_text import Asked as Asked
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


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first bytes of a file, whether these are all, and the encodings and the separator that it may have.

    separator: "" where it is to be found.
    """

    head: bytes
    whole: bool
    encodings: tuple[str, ...]
    separator: str

    @property
    def is_wide(self) -> bool:
        """Whether a character has several bytes whatever it is."""
        return "16" in self.encodings[0] or "32" in self.encodings[0]

    def text(self, number: int) -> str:
        """Return it in one of the encodings; raises UnicodeError where it is not in that."""
        head = self.head.rstrip(ENDS) if self.whole and not self.is_wide else self.head
        return getincrementaldecoder(self.encodings[number])().decode(head, final=self.whole)  # may end in a character

    def layout(self, name: str, number: int) -> Layout:
        """Return how the file is laid out in one of the encodings."""
        plain = Layout(self.encodings[number], self.separator, guessed=number > 0)
        return lay_out(name, self.text(number), plain, whole=self.whole)


def beginning_of(name: str, stream: IO[bytes], asked: Asked) -> Beginning:
    """Return how a file begins; a web page is refused."""
    head, whole = _head(stream)
    if PAGE.match(head):
        raise InputError(
            f"The file {name!r} holds a web page (HTML); expected a table. Such a file is often what a download "
            f"gives without signing in: download it again."
        )
    encodings = (asked.encoding,) if asked.encoding else encodings_of(head.rstrip(ENDS))
    separator = asked.separator or ("\t" if ".tsv" in Path(name).name.lower() else "")
    return Beginning(head, whole, encodings, separator)


def read_text(name: str, stream: IO[bytes], asked: Asked) -> tuple[pd.DataFrame, Layout]:
    """Return the table and how it is laid out; words such as NA stay as they are where a column holds text."""
    beginning = beginning_of(name, stream, asked)
    text = _looked_through(name, stream, is_wide=beginning.is_wide)
    for number, encoding in enumerate(beginning.encodings):
        try:
            layout = beginning.layout(name, number)
            is_old = OLD_END.match(beginning.text(number))
            return _read(_with_newlines(text, encoding) if is_old else text, layout, asked)
        except UnicodeError:
            if encoding == beginning.encodings[-1]:
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


def _looked_through(name: str, stream: IO[bytes], *, is_wide: bool) -> Text:
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
        return Text(name, stream, n_lines)
    stream.seek(0)
    return Text(name, BytesIO(stream.read(end)), n_lines)


def _with_newlines(text: Text, encoding: str) -> Text:
    """Return a text whose lines end as those of old Macs did with ends that pandas knows wherever a row begins."""
    text.stream.seek(0)
    lines = re.sub("\r(?!\n)", "\n", text.stream.read().decode(encoding))
    return replace(text, stream=BytesIO(lines.encode(encoding)), n_lines=lines.count("\n"))


def _read(text: Text, layout: Layout, asked: Asked) -> tuple[pd.DataFrame, Layout]:
    frame = parse(text, layout, asked)
    if not layout.width:
        return frame, layout
    if asked.only is None:
        if layout.width > 1 and _is_missing(frame.iloc[:, -1]).any() and _may_have_short_rows(text, frame, layout):
            check_widths(text, layout)
        frame = _without_empty_cells(text, frame, layout)
    if asked.text is None:
        return frame, layout
    frame, layout = _with_words(text, frame, layout, asked)
    check_no_names(text, frame, layout)
    findings = (*swallowed_rows(text, frame, layout), *layout.findings)
    if layout.decimal == ",":
        frame, more = _with_thousands(frame, asked)
        findings = (*findings, *more)
    return frame, replace(layout, findings=findings)


def _without_empty_cells(text: Text, frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Return the columns that have a name, and those without one that hold something."""
    n_names = len(layout.names)
    if not all(_is_missing(frame.iloc[:, place]).all() for place in range(n_names, frame.shape[1])):
        check_widths(text, layout)
    frame = frame.iloc[:, :n_names]
    unnamed = [name for place, name in enumerate(frame.columns) if place and name == f"Unnamed: {place}"]
    empty = [name for name in unnamed if len(frame) and _is_missing(frame[name]).all()]
    return frame.drop(columns=empty) if empty else frame


def _is_missing(values: pd.Series) -> pd.Series:
    return values.isna() | (values == "") if holds_strings(values) else values.isna()


def _may_have_short_rows(text: Text, frame: pd.DataFrame, layout: Layout) -> bool:
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
    if not holds_strings(values):
        return 0
    holding = values[values.str.contains(separator, regex=False, na=False)]
    return int(holding.str.count(re.escape(separator)).sum())


# --- what pandas guesses, looked at again


def _with_words(text: Text, frame: pd.DataFrame, layout: Layout, asked: Asked) -> tuple[pd.DataFrame, Layout]:
    """Return columns of text with the words that they hold, and as numbers those that are numbers but for words."""
    names, kept = list(layout.names), set(asked.text or ())
    lost = [
        name
        for place, name in enumerate(names)
        if place in layout.numeric and name in frame and name not in kept and holds_strings(frame[name])
    ]
    if lost:  # of numbers as far as the first rows tell, and of text further on
        layout = replace(layout, numeric=layout.numeric - {names.index(name) for name in lost})
        again = parse(text, layout, replace(asked, only=lost))
        frame = frame.assign(**{name: again[name] for name in lost})
    found = {}
    for place, name in enumerate(names):
        if place not in layout.numeric and name in frame and name not in kept and holds_strings(frame[name]):
            numbers = _as_numbers(frame[name])
            if numbers is not None:
                found[name] = numbers
    return (frame.assign(**found) if found else frame), layout


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
        if name in set(asked.text or ()) or not holds_strings(values):
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
