"""Lay out the text: from the beginning of a file to its encoding, separator and names, and the lines above them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from automl.errors import InputError
from automl.vocabulary.findings import Finding, Severity

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SPACES = r"\s+"
MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
FALLBACKS = ("cp1252", "latin-1")
"""Encodings of what is not UTF-8: that of Windows, and the one that can read any byte."""
LOOKED_AT_LINES = 20
MOST_PREAMBLE = 10
"""Lines above a header that are looked for."""
SHOWN = 80
"""Characters of a line that an error shows."""
TOPIC = "file"
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
NOTHING = frozenset(
    {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "NaN", "nan",
     "NA", "N/A", "n/a", "None", "NULL", "null"}
)  # fmt: skip
"""What pandas reads as missing."""
WORDS = frozenset({"NA", "N/A", "n/a", "None", "NULL", "null"})
"""Those of it that may be values: a class, a country, nothing of a kind."""
NEVER_VALUES = NOTHING - WORDS
COMMENTS = ("#", "//", "%")
NUMBER = re.compile(r"\s*[-+]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?\s*")
FRACTION = re.compile(r"\s*[-+]?\d*[.,]\d+([eE][-+]?\d+)?\s*")
COMMA_NUMBER = re.compile(r"\s*[-+]?\d+,\d+\s*")
GROUPED = re.compile(r"\s*[-+]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?\s*")
"""A number whose points may stand between thousands."""
GROUPED_OR_WHOLE = r"\s*[-+]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)\s*"
POINT_NUMBER = re.compile(r"\s*[-+]?\d+\.\d+\s*")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is laid out; `guessed` where its encoding could not be told for sure.

    skipped: lines above the header; above: those above the first row; is_folded: a name has several lines. names: the
    columns, those without one as pandas calls them, "Unnamed: 0". width: cells of a row; those beyond the names are to
    be empty. numeric: positions of the columns that look like numbers or truth values. findings: what is unusual enough
    to be told.
    """

    encoding: str = "utf-8"
    separator: str = ","
    decimal: str = "."
    guessed: bool = False
    skipped: int = 0
    names: tuple[str, ...] = ()
    above: int = 0
    is_folded: bool = False
    width: int = 0
    escape: str | None = None
    numeric: frozenset[int] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def told(self) -> str:
        """In words what is unusual about it, "" where nothing is."""
        told = []
        if self.encoding not in ("utf-8", "utf-8-sig"):
            told.append(f"as {self.encoding}" + (", as it is not UTF-8" if self.guessed else ""))
        if self.separator != ",":
            told.append(f"separated by {'spaces' if self.separator == SPACES else _called(self.separator)}")
        if self.decimal != ".":
            told.append("with decimal commas")
        if self.skipped:
            told.append(f"below line {self.skipped}")
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, and the numbers of its first and its last line, counted from 1."""

    line: int
    cells: list[str]
    last: int

    @property
    def text(self) -> str:
        """It in short, to be shown."""
        whole = repr(" | ".join(self.cells))
        return whole if len(whole) <= SHOWN else whole[:SHOWN] + "..."


def encodings_of(head: bytes) -> tuple[str, ...]:
    """Return the encodings to try, the likeliest first."""
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return (encoding,)
    if head.count(0) > len(head) // 4:  # every other byte of European text in UTF-16 is 0
        return ("utf-16-le",) if head[1::2].count(0) > head[::2].count(0) else ("utf-16-be",)
    return ("utf-8", *FALLBACKS)


def lay_out(name: str, text: str, layout: Layout, *, whole: bool) -> Layout:
    """Return the layout with what the text says; `whole` where it is all of the file, not its beginning.

    An InputError shows the line where header and rows cannot belong together.
    """
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = SEPARATOR_LINE.fullmatch(lines[0].strip())
    skipped = 1 if found else 0
    separator = layout.separator or (found[1] if found else _separator(lines[: LOOKED_AT_LINES * 2]))
    layout = replace(layout, separator=separator)
    rows, escape = _read_rows(lines, layout, skipped)
    rows = rows if whole else rows[:-1]
    if not rows:
        return layout
    rows, findings = _below_preamble(rows)
    decimal, mixed = _decimal(rows[1:], separator)
    layout, findings = replace(layout, escape=escape, decimal=decimal), (*findings, *mixed)
    _check_names(name, rows[0])
    names, width, more = _name_columns(name, rows)
    _check_widths(name, rows[1:], len(names), width)
    numeric = frozenset(place for place in range(width) if _is_numeric(_cells(rows[1:], place)))
    return replace(
        layout,
        skipped=rows[0].line - 1 if findings or found else 0,
        names=tuple(each or f"Unnamed: {place}" for place, each in enumerate(names)),
        above=rows[0].last,
        is_folded=rows[0].last > rows[0].line,
        width=width,
        numeric=numeric,
        findings=(*findings, *more, *_header_in_doubt(rows)),
    )


def rows_of(lines: Iterator[str], layout: Layout, first: int = 0) -> Iterator[Row]:
    """Give the rows of a text by its lines, without blank ones; `first` lines are passed over."""
    if layout.separator == SPACES:
        for number, line in enumerate(lines, start=1):
            if number > first and line.strip():
                yield Row(number, line.split(), number)
        return
    for _ in range(first):
        next(lines, None)
    reader = csv.reader(lines, delimiter=layout.separator, escapechar=layout.escape)
    before = first
    for cells in reader:
        if len(cells) > 1 or (cells and cells[0]):
            yield Row(before + 1, cells, first + reader.line_num)
        before = first + reader.line_num


def wrong_width(name: str, row: Row, width: int) -> InputError:
    """Return the error for a row with too few or too many cells."""
    hint = " A quote in it may not be closed." if any("\n" in cell for cell in row.cells) else ""
    return InputError(
        f"Line {row.line} of {name!r} has {len(row.cells)} cells, and the table has {width} columns: {row.text}."
        f"{hint} Expected as many in each line: mend that line, put quotes around cells that hold the separator, or "
        f"load the file with pandas.read_csv and pass the frame."
    )


def _read_rows(lines: list[str], layout: Layout, skipped: int) -> tuple[list[Row], str | None]:
    """Return the rows; quotes may be escaped by a backslash, where that alone makes rows of equal length."""
    rows = list(_safe_rows(lines, layout, skipped))
    if not any('\\"' in line for line in lines) or len({len(row.cells) for row in rows[:-1]}) <= 1:
        return rows, None
    again = list(_safe_rows(lines, replace(layout, escape="\\"), skipped))
    return (again, "\\") if len({len(row.cells) for row in again[:-1]}) == 1 else (rows, None)


def _safe_rows(lines: list[str], layout: Layout, skipped: int) -> Iterator[Row]:
    try:
        yield from rows_of((f"{line}\n" for line in lines), layout, skipped)
    except csv.Error:  # a cell of more than 131,072 characters
        return


def _separator(lines: Sequence[str]) -> str:
    """Return what gives most lines as many cells, more than one; a comma where nothing does."""
    best, most = ",", (0.0, 0)
    for each in SEPARATORS:
        widths = Counter(len(row.cells) for row in _safe_rows(list(lines), Layout(separator=each), 0))
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
        rated = (count / widths.total(), width)
        if width > 1 and rated > most:
            best, most = each, rated
    return SPACES if not most[1] and _is_spaced(lines) else best


def _is_spaced(lines: Sequence[str]) -> bool:
    """Tell whether spaces separate: each line has as many words, and below the first some column is of numbers."""
    rows = [line.split() for line in lines[:-1] if line.strip()]
    if len(rows) < 3 or len(rows[0]) < 2 or len({len(row) for row in rows}) > 1:
        return False
    columns = list(zip(*rows[1:], strict=True))
    return any(all(NUMBER.fullmatch(cell) for cell in column) for column in columns)


def _decimal(rows: Sequence[Row], separator: str) -> tuple[str, tuple[Finding, ...]]:
    """Return the decimal sign: a comma where some column has it, and every point may stand between thousands."""
    if separator == ",":
        return ".", ()
    cells = [cell for row in rows for cell in row.cells]
    comma = next((cell for cell in cells if COMMA_NUMBER.fullmatch(cell)), None)
    if comma is None:
        return ".", ()
    point = next((cell for cell in cells if POINT_NUMBER.fullmatch(cell) and not GROUPED.fullmatch(cell)), None)
    if point is None:
        return ",", ()
    found = f"some numbers have a decimal comma, such as {comma.strip()!r}, and some a point, such as {point.strip()!r}"
    done = "numbers with a point are read as they stand, those with a comma by what their column holds"
    return ".", (Finding(Severity.WARNING, TOPIC, "", found, done, "Write all of them with a decimal point."),)


def _cells(rows: Sequence[Row], place: int) -> list[str]:
    return [row.cells[place] for row in rows if place < len(row.cells)]


# --- the header


def _below_preamble(rows: list[Row]) -> tuple[list[Row], tuple[Finding, ...]]:
    """Return the rows from the header on: the first that names every column, above rows that hold numbers there."""
    width = _usual_width(rows)
    if width < 2 and not rows[0].cells[0].lstrip().startswith(COMMENTS):
        return rows, ()
    for place, row in enumerate(rows[:MOST_PREAMBLE]):
        in_doubt = row.cells[0].startswith(COMMENTS) or len(row.cells) < width
        if _names_all(row, width) and not (in_doubt and _stands_above(rows, place, width)):
            break
        is_full = len(row.cells) == width and _n_filled(row) > width // 2
        if is_full and not row.cells[0].startswith(COMMENTS):
            return rows, ()
    else:
        return rows, ()
    if place == 0 or not _hold_numbers(rows[place + 1 :]):
        return rows, ()
    found = f"the first {row.line - 1} lines, such as {rows[0].text}, are above the names of the columns"
    advice = "If they are part of the table, give every column a name in the first line."
    return rows[place:], (Finding(Severity.WARNING, TOPIC, "", found, "passed over", advice),)


def _stands_above(rows: list[Row], place: int, width: int) -> bool:
    """Tell whether a line that could be a comment or a title stands above the names, and is not these themselves."""
    below = rows[place + 1] if place + 1 < len(rows) else rows[place]
    names_more = _n_filled(below) > _n_filled(rows[place]) or rows[place].cells[0].startswith(COMMENTS)
    return names_more and _names_all(below, width) and _hold_numbers(rows[place + 2 :])


def _n_filled(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row.cells)


def _usual_width(rows: Sequence[Row]) -> int:
    counts = Counter(len(row.cells) for row in rows[1:] or rows)
    return max(counts.items(), key=lambda pair: (pair[1], pair[0]))[0]


def _names_all(row: Row, width: int) -> bool:
    """Tell whether each of the cells, but perhaps that of an index, could be a column's name."""
    cells = [cell.strip() for cell in row.cells]
    named = cells[1:] if not cells[0] else cells
    named = named[:-1] if len(named) > 1 and not named[-1] else named
    return width - 1 <= len(cells) <= width and all(cell and not NUMBER.fullmatch(cell) for cell in named)


def _hold_numbers(rows: Sequence[Row]) -> bool:
    """Tell whether some column is one of numbers."""
    if not rows:
        return False
    width = len(rows[0].cells)
    columns = [[row.cells[place] for row in rows if len(row.cells) == width] for place in range(width)]
    return any(_is_numeric(column) for column in columns)


def _is_numeric(cells: Sequence[str]) -> bool:
    """Tell whether the cells are numbers or truth values, beside what stands for a missing one."""
    known = [cell for cell in cells if cell.strip() not in NOTHING]
    return bool(known) and (all(map(NUMBER.fullmatch, known)) or {cell.lower() for cell in known} <= {"true", "false"})


def _check_names(name: str, header: Row) -> None:
    """Refuse names that stand twice: pandas would call the second of them another name."""
    counts = Counter(cell.strip() for cell in header.cells)
    twice = sorted(cell for cell, count in counts.items() if cell and count > 1)
    if twice:
        raise InputError(
            f"The first line of {name!r} has the names {twice[:10]} more than once; expected each column's name "
            f"once. Rename them, or add a line of names where there is none."
        )


def _name_columns(name: str, rows: list[Row]) -> tuple[tuple[str, ...], int, tuple[Finding, ...]]:
    """Return the names, "" for an index that has none, and the number of cells in a row."""
    header, below = rows[0].cells, rows[1:]
    if not below:
        return tuple(header), len(header), ()
    width = _usual_width(below)
    if width == len(header):
        return tuple(header), width, ()
    if width < len(header):
        if any(cell.strip() for cell in header[width:]):
            raise wrong_width(name, next(row for row in below if len(row.cells) == width), len(header))
        return tuple(header[:width]), width, ()
    if all(not cell.strip() for row in below for cell in row.cells[len(header) :]):
        return tuple(header), width, ()
    if width == len(header) + 1 and _is_index([row.cells[0] for row in below if len(row.cells) == width]):
        first = below[0].cells[0]
        found = (
            f"each line has one cell more than the first line has names; its first cell, such as {first!r}, has none"
        )
        done, advice = (
            "taken for the names of the rows",
            "If that is wrong, give every column a name in the first line.",
        )
        return ("", *header), width, (Finding(Severity.NOTE, TOPIC, "", found, done, advice),)
    raise wrong_width(name, next(row for row in below if any(map(str.strip, row.cells[len(header) :]))), len(header))


def _is_index(cells: Sequence[str]) -> bool:
    """Tell whether cells name rows: each another, and words, or whole numbers that count on."""
    if len(set(cells)) < len(cells) or len(cells) < 2:
        return False
    if all(cell.strip().isdecimal() for cell in cells):
        numbers = [int(cell) for cell in cells]
        return all(after - before == 1 for before, after in pairwise(numbers))
    return not any(NUMBER.fullmatch(cell) for cell in cells) and all(cells)


def _check_widths(name: str, rows: Sequence[Row], least: int, width: int) -> None:
    for row in rows:
        if not least <= len(row.cells) <= width:
            raise wrong_width(name, row, least)


def _header_in_doubt(rows: list[Row]) -> tuple[Finding, ...]:
    """Tell of a first line that looks like values: it has fractions above others, in no order."""
    header = rows[0].cells
    places = [place for place, cell in enumerate(header) if FRACTION.fullmatch(cell)]
    numbers = [float(header[place].replace(",", ".")) for place in places]
    is_ordered = len(numbers) > 1 and numbers == sorted(numbers)
    below = [_cells(rows[1:], place) for place in places]
    if not places or is_ordered or not all(map(_is_numeric, below)):
        return ()
    found = f"the first line looks like values, not like the names of columns: {rows[0].text}"
    return (
        Finding(Severity.WARNING, TOPIC, "", found, "taken for names", "Add a line of names above it if it is a row."),
    )


def _called(separator: str) -> str:
    return SEPARATORS.get(separator, repr(separator))
