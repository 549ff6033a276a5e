"""Open the rows: of a file that is large, and can be read block by block as it would be read at once."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from automl.predict_files.arrow_rows import arrow_rows, has_hours
from automl.predict_files.nouns import Block, Model, Reading, Rows, Wanted
from automl.predict_files.predicted_frame import check_wanted
from automl.predict_files.settle_columns import Settled, settle
from automl.predict_files.text_rows import TextReading, TextRows
from automl.predictor import rows_at_once
from automl.table.columns.encode_table import encode_table
from automl.table.files.lay_out import Layout
from automl.table.files.parquet_parts import is_folder_of_parquet, open_parquet
from automl.table.files.parse_text import Asked
from automl.table.files.read_images import lying_beside
from automl.table.files.read_sentences import is_conll
from automl.table.files.read_table import PARQUET_START, as_asked, guessed, unpacked
from automl.table.files.read_text import OLD_END, PLAIN, beginning_of
from automl.table.open_table import named_frame
from automl.table.read_like import text_columns
from automl.table.unread_values import Unread
from automl.vocabulary.findings import Finding

SMALL, SMALL_PACKED = 2**25, 2**22
"""Bytes of a file of lines below which it is read at once, as it lies there and packed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What late rows have told of a text: which of the encodings that it may have, whether the identifier is copied as
    it is written, and which columns hold text among their numbers."""

    encoding: int = 0
    identifier: bool = True
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenRows:
    """A file whose rows come in blocks.

    empty: a table of its columns without rows. types: of its columns in Arrow. styles, unread: in which other styles
    columns of numbers are written, and what of them cannot be read. findings: what else is in doubt.
    moments: columns of dates that are written with their hours.
    """

    path: Path
    rows: Rows
    empty: pd.DataFrame
    types: Mapping[str, Any] = field(default_factory=dict)
    styles: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    moments: frozenset[str] = frozenset()

    @property
    def reading(self) -> Reading:
        """How its blocks are read."""
        return self.rows.reading

    @property
    def n_rows(self) -> float:
        """How many rows there are, as far as that can be told."""
        return self.rows.n_rows

    def blocks(self, n_rows: int) -> Generator[Block]:
        """Give all rows in their order, so many at a time."""
        return self.rows.blocks(n_rows)


def open_rows(path: Path, model: Model, wanted: Wanted, told: Told) -> OpenRows | None:
    """Return the rows of a file; None where it is so small, or such, that it is read at once."""
    if _is_parquet(path):
        return _of_parquet(path, model, wanted, told)
    if is_conll(path) or not path.is_file():
        return None
    return _of_text(path, model, wanted, told)


def _of_text(path: Path, model: Model, wanted: Wanted, told: Told) -> OpenRows | None:
    schema = model.schema_
    layout = _layout_of(path, told.encoding)
    if layout is None or not _is_plain(layout):
        return None
    frame = pd.DataFrame({name: pd.Series(dtype=object) for name in layout.names})
    check_wanted(model.task_, frame.columns, wanted)
    encode_table(frame, schema)  # tells of what is lacking
    names = tuple(dict.fromkeys((*schema.needed, *([] if wanted.identifier is None else [wanted.identifier]))))
    if not names:
        return None
    folder = str(path.resolve().parent)
    plain = TextReading(str(path), layout, names, wanted.identifier, told.identifier, folder=folder)
    rows = TextRows(path, plain)
    texts = [name for name in names if name in text_columns(schema)]
    head = plain.parsed(rows.head(), Asked(text=texts, only=texts)) if texts else frame
    settled = settle(rows.texts(told.columns), told.columns, schema, layout) if told.columns else Settled()
    read = TextRows(path, replace(plain, beside=lying_beside(head, Path(folder)), settled=settled))
    findings = (*layout.findings, *guessed(layout))
    return OpenRows(path, read, frame, {}, settled.styles, settled.unread, findings)


def _layout_of(path: Path, encoding: int) -> Layout | None:
    """Return how a large file of lines is laid out; None for a small one, and where the usual reader is to tell."""
    try:
        with unpacked(path) as file:
            if path.stat().st_size < (SMALL_PACKED if file.packed else SMALL):
                return None
            beginning = beginning_of(str(path), file.stream, Asked())
            is_one = not OLD_END.match(beginning.text(encoding))
            return beginning.layout(str(path), encoding) if is_one else None
    except UnicodeError:
        return _layout_of(path, encoding + 1)
    except Exception:  # what it is, the usual reader tells
        return None


def _is_plain(layout: Layout) -> bool:
    """Tell whether rows end where lines do, and cells where a byte says so."""
    is_cut = len(layout.separator) == 1 and layout.separator.isascii() and layout.escape is None
    return bool(layout.width) and is_cut and not layout.is_folded and layout.encoding in PLAIN


def _is_parquet(path: Path) -> bool:
    if is_folder_of_parquet(path):
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(PARQUET_START)) == PARQUET_START
    except OSError:
        return False


def _of_parquet(path: Path, model: Model, wanted: Wanted, told: Told) -> OpenRows | None:
    schema, task = model.schema_, model.task_
    besides = [] if wanted.identifier is None else [wanted.identifier]
    try:
        parts = open_parquet(path)
        n_rows = parts.n_rows
    except (OSError, ValueError):  # the usual reader tells
        return None
    if n_rows <= rows_at_once(schema, task.n_outputs) or len(set(parts.schema.names)) < len(parts.schema.names):
        return None
    names = tuple(dict.fromkeys((*schema.needed, *besides)))
    if not names or any(name not in parts.schema.names for name in names):
        empty = named_frame(as_asked(parts.schema.empty_table().to_pandas(), ()))
        check_wanted(task, empty.columns, wanted)
        encode_table(empty, schema)  # tells of what is lacking
        return None  # an index that is not stored, or names that are no text
    rows = arrow_rows(parts, names, schema)
    empty = rows.reading.read(rows.empty(), schema).frame
    types = {name: parts.schema.field(name).type for name in besides}
    moments = frozenset(name for name in besides if told.identifier and has_hours(parts, name))
    return OpenRows(path, rows, empty, types, rows.reading.styles or {}, rows.unread, moments=moments)
