"""Parse the text: rows below a header to a frame as they are laid out, and what in them cannot be right."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import TextIOWrapper
from typing import IO, Any

import pandas as pd

from automl.errors import InputError
from automl.table.files.lay_out import NEVER_VALUES, NOTHING, TOPIC, Layout, Row, rows_of, wrong_width
from automl.vocabulary.findings import Finding, Severity

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
class Text:
    """A file's bytes up to its last line, how many lines these are, and what messages call it.

    above: lines of the file that stand before them.
    """

    name: str
    stream: IO[bytes]
    n_lines: int
    above: int = 0

    def rows(self, layout: Layout) -> Iterable[Row]:
        """Give the rows below the header, as they stand."""
        self.stream.seek(0)
        lines = TextIOWrapper(self.stream, encoding=layout.encoding, errors="replace")
        try:
            for row in rows_of(lines, layout, layout.above):
                yield replace(row, line=row.line + self.above) if self.above else row
        finally:
            lines.detach()


def parse(text: Text, layout: Layout, asked: Asked) -> pd.DataFrame:
    """Return the rows as pandas reads them; an InputError shows the line that does not fit."""
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
        check_widths(text, layout)
        raise _unreadable(text, layout, error) from error
    finally:
        if below is not None:
            below.detach()


def _below_names(text: Text, layout: Layout) -> TextIOWrapper:
    """Return a text from its first row on: pandas counts line breaks inside of names in a way of its own."""
    below = TextIOWrapper(text.stream, encoding=layout.encoding, newline="")
    for _ in range(layout.above):
        below.readline()
    return below


def _all_names(layout: Layout) -> list[str]:
    """Return a name for every cell of a row; those that are to be empty get one that nobody gives."""
    return [*layout.names, *(f"\x00{place}" for place in range(len(layout.names), layout.width))]


def check_widths(text: Text, layout: Layout) -> None:
    """Refuse a row with too few cells, or with more than there are names for."""
    least = len(layout.names)
    try:
        for row in text.rows(layout):
            if not least <= len(row.cells) <= layout.width or any(map(str.strip, row.cells[least:])):
                raise wrong_width(text.name, row, least)
    except csv.Error:  # a cell of more than 131,072 characters
        return


def _unreadable(text: Text, layout: Layout, error: Exception) -> InputError:
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


def check_no_names(text: Text, frame: pd.DataFrame, layout: Layout) -> None:
    """Refuse rows that repeat the names, as files put one below the other have, and a line of dashes below them.

    They make text of every column, and a class of the target's name.
    """
    names = [name for place, name in enumerate(layout.names) if name != f"Unnamed: {place}" and name in frame]
    if len(names) < LEAST_NAMES or not all(holds_strings(frame[name]) for name in names):
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


def swallowed_rows(text: Text, frame: pd.DataFrame, layout: Layout) -> list[Finding]:
    """Tell of cells that hold whole rows: a quote that was never closed takes in all lines up to the next one."""
    if text.n_lines <= len(frame) + layout.above + 1 or layout.width < 2 or len(layout.separator) > 1:
        return []
    for name in frame.columns:
        if not holds_strings(frame[name]):
            continue
        cells = frame[name][frame[name].str.contains("\n", regex=False, na=False)]
        for cell in cells.head(TRIED):
            inner = str(cell).split("\n")[1:-1]
            if inner and all(line.count(layout.separator) == layout.width - 1 for line in inner):
                found = f"a cell holds {len(inner)} whole lines that look like rows, such as {inner[0][:60]!r}"
                advice = "Look for a quote that is not closed above it."
                return [Finding(Severity.WARNING, TOPIC, str(name), found, "kept as the text of one cell", advice)]
    return []


def holds_strings(values: pd.Series) -> bool:
    """Tell whether a column's known values are all text."""
    is_object = values.dtype == object
    return isinstance(values.dtype, pd.StringDtype) or (is_object and pd.api.types.infer_dtype(values) == "string")
