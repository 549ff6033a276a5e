"""Text rows: blocks of a file of lines, each read as it would be among all rows."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from automl.errors import InputError, error_line
from automl.predict_files.nouns import (
    Block,
    NotAlikeError,
    OtherColumnError,
    OtherEncodingError,
    OtherIdentifierError,
    Seen,
    Taken,
)
from automl.predict_files.settle_columns import Settled
from automl.predictor import CHUNK_ROWS
from automl.table.files.cut_rows import UncuttableError, cells_in_rows, cut_rows
from automl.table.files.lay_out import Layout
from automl.table.files.parse_text import Asked, Text, check_no_names, check_widths, parse
from automl.table.files.read_images import completed
from automl.table.files.read_table import unpacked
from automl.table.read_like import text_columns, without_words
from automl.table.unread_values import count_unread, restyled
from automl.vocabulary.schema import ColumnKind, Schema

NONE, TRUTH, WHOLE, LARGE, NUMBER = "no value", "truth values", "whole numbers", "large whole numbers", "numbers"
"""What a column that is not read as text may hold, and still be read the same block by block."""
HEAD_ROWS = 1_000
EXACT = 2**53
"""Whole numbers below this are the same among numbers with a point."""


@dataclass(frozen=True, slots=True)
class TextReading:
    """How blocks of lines are read.

    name: of the file, for messages. names: the columns that are read. identifier: the one that is copied, None for
    none; as_text: as it is written, whatever its values are. settled: columns of numbers that hold text, and what they
    are as a whole. beside, folder: columns of paths of images in the folder.
    """

    name: str
    layout: Layout
    names: tuple[str, ...]
    identifier: str | None = None
    as_text: bool = True
    settled: Settled = field(default_factory=Settled)
    beside: tuple[str, ...] = ()
    folder: str = ""

    def read(self, block: Block, schema: Schema) -> Taken:
        """Return the rows, what kinds of values they have, and what of them cannot be read."""
        texts = text_columns(schema)
        kept = [*texts, *self.settled.names]
        kept += [self.identifier] if self.identifier and self.identifier not in schema.needed else []
        frame = self.parsed(block, Asked(text=kept, only=self.names))
        self._check(block, frame)
        truths = {column.name for column in schema.of_kind(ColumnKind.BOOLEAN)}  # which are read from text as well
        sure = {*texts, *truths, *self.settled.names}
        kinds = {name: _kind_of(frame[name], self.layout) for name in schema.needed if name not in sure}
        identifier, kind = self._identified(block, frame, kept)
        frame = without_words(completed(frame, Path(self.folder), self.beside), schema)
        frame = self.settled.read(frame)
        unread = {each: n for each, n in count_unread(frame, schema).items() if each not in self.settled.styles}
        return Taken(restyled(frame, self.settled.styles), Seen(kinds, unread, kind), identifier)

    def _text(self, block: Block) -> tuple[Text, Layout]:
        text = Text(self.name, BytesIO(block.data), block.data.count(b"\n"), block.line)
        return text, replace(self.layout, above=0, skipped=0)

    def parsed(self, block: Block, asked: Asked) -> pd.DataFrame:
        """Return some columns of a block as pandas reads them."""
        try:
            return parse(*self._text(block), asked)
        except UnicodeError as error:
            raise OtherEncodingError(f"{block.place} are not in {self.layout.encoding}") from error

    def _check(self, block: Block, frame: pd.DataFrame) -> None:
        """Refuse rows of too few or too many cells, and names among the values."""
        text, layout = self._text(block)
        if (cells_in_rows(block.data, layout.separator.encode()) != layout.width).any():
            check_widths(text, layout)
        check_no_names(text, frame, layout)

    def _identified(self, block: Block, frame: pd.DataFrame, kept: Sequence[str]) -> tuple[pd.Series | None, str]:
        """Return the identifier as it is to be copied, and the kind of its values where it is copied as such."""
        name = self.identifier
        if name is None:
            return None, ""
        written = frame[name] if name in kept else self.parsed(block, Asked(text=[name], only=[name]))[name]
        if self.as_text:
            return written, ""
        values = self.parsed(block, Asked(text=[], only=[name]))[name] if name in kept else frame[name]
        kind = values.dtype.kind if isinstance(values.dtype, np.dtype) else "O"
        if kind not in "iufb" or not (written == values.astype(str)).all():
            raise OtherIdentifierError(f"{name!r} of {block.place} is not written as its values are")
        return values, kind


@dataclass(slots=True)
class TextRows:
    """The rows of a file of lines."""

    path: Path
    reading: TextReading
    _given: int = 0
    _share: float = field(default=0.0)

    @property
    def n_rows(self) -> float:
        """How many rows there are, as those that were given so far and their share of the file say."""
        return self._given / self._share if self._share else float("inf")

    def blocks(self, n_rows: int) -> Generator[Block]:
        """Give the rows as lines."""
        layout, size = self.reading.layout, max(1, self.path.stat().st_size)
        line = layout.above
        try:
            with unpacked(self.path) as file:
                for _ in range(layout.above):
                    file.stream.readline()
                for data, count, n_lines in cut_rows(file.stream, layout.separator.encode(), n_rows):
                    block = Block(self._given, count, data, line)
                    self._given, self._share, line = self._given + count, file.raw.tell() / size, line + n_lines
                    yield block
        except UncuttableError as error:
            raise NotAlikeError(f"below line {line}, {error}") from error
        except InputError:
            raise
        except Exception as error:  # each compression has errors of its own
            raise InputError(
                f"The file {str(self.path)!r} could not be read below line {line}: {error_line(error)}. Check that it "
                f"is whole; it may have been cut off while it was written or copied."
            ) from error

    def texts(self, names: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Give some columns of all rows as they are written."""
        for block in TextRows(self.path, self.reading).blocks(CHUNK_ROWS):
            yield self.reading.parsed(block, Asked(text=names, only=names))

    def head(self) -> Block:
        """Return a block of the first rows."""
        blocks = TextRows(self.path, self.reading).blocks(HEAD_ROWS)
        return next(blocks, Block(0, 0, b""))


def _kind_of(values: pd.Series, layout: Layout) -> str:
    """Return what a column holds; a NotAlikeError for text, which may be read otherwise among other rows."""
    kind = values.dtype.kind if isinstance(values.dtype, np.dtype) else "O"
    if kind == "b" or (kind == "O" and values.dropna().map(type).eq(bool).all() and values.notna().any()):
        return TRUTH
    if kind == "f":
        return NUMBER if values.notna().any() else NONE
    if kind in "iu":
        return LARGE if max(abs(int(values.min())), abs(int(values.max()))) >= EXACT else WHOLE
    found = f"column {values.name!r} holds text among its numbers"
    raise NotAlikeError(found) if layout.decimal != "." else OtherColumnError(found, str(values.name))
