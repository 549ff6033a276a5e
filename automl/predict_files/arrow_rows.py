"""Arrow rows: blocks of a file or folder of Parquet, each read as it would be among all rows."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.predict_files.nouns import Block, Seen, Taken
from automl.table.files.parquet_parts import ParquetParts
from automl.table.files.read_images import completed, lying_beside
from automl.table.files.read_table import as_asked
from automl.table.read_like import text_columns, without_words
from automl.table.unread_values import Unread, count_unread, of_plain_numbers, other_styles, restyled
from automl.vocabulary.schema import ColumnKind, Schema

LOOKED_AT_ROWS = 1_000
SECOND, DAY_SECONDS = 1_000_000, 86_400
AT_ONCE = 1_000_000
"""Rows of one column that are looked through at once."""


@dataclass(frozen=True, slots=True)
class ArrowReading:
    """How blocks of Arrow data are read.

    gaps: columns of whole numbers or truth values of which some are missing somewhere in the file. styles: how columns
    of strings are written that are plain numbers otherwise. beside, folder: columns of paths of images in the folder.
    """

    gaps: frozenset[str] = frozenset()
    styles: Mapping[str, str] | None = None
    beside: tuple[str, ...] = ()
    folder: str = ""

    def read(self, block: Block, schema: Schema) -> Taken:
        """Return the rows, and what of them cannot be read."""
        import pyarrow as pa

        with pa.ipc.open_stream(block.data) as stream:
            frame = self._frame(stream.read_all(), schema)
        unread = {name: each for name, each in count_unread(frame, schema).items() if name not in (self.styles or {})}
        return Taken(restyled(frame, self.styles or {}), Seen(unread=unread))

    def _frame(self, table: Any, schema: Schema) -> pd.DataFrame:
        frame = table.to_pandas()
        types = {
            name: float if frame[name].dtype.kind in "iu" else object for name in self.gaps if _is_whole(frame, name)
        }
        frame = frame.astype(types) if types else frame
        frame = completed(as_asked(frame, tuple(text_columns(schema))), Path(self.folder), self.beside)
        return without_words(frame, schema)


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """The rows of Parquet with the columns that are needed, and how they are read.

    unread: what cannot be read of the columns of `reading.styles`.
    """

    parts: ParquetParts
    names: tuple[str, ...]
    reading: ArrowReading
    unread: Mapping[str, Unread]

    @property
    def n_rows(self) -> float:
        """How many rows there are."""
        return float(self.parts.n_rows)

    def blocks(self, n_rows: int) -> Generator[Block]:
        """Give the rows as Arrow streams; those of no column at all as one that counts them."""
        first = 0
        for table in self.parts.tables(self.names, n_rows):
            yield Block(first, table.num_rows, _stream(table))
            first += table.num_rows

    def empty(self) -> Block:
        """Return a block without rows, of the same columns."""
        return Block(0, 0, _stream(_without_rows(self.parts, self.names)))


def arrow_rows(parts: ParquetParts, names: Sequence[str], schema: Schema) -> ArrowRows:
    """Return the rows with some columns, once what depends on all of them has been found."""
    plain = ArrowReading(parts.with_gaps(names), folder=str(parts.path.resolve().parent))
    beside: tuple[str, ...] = ()
    if schema.of_kind(ColumnKind.IMAGE, ColumnKind.TEXT, ColumnKind.CATEGORICAL):
        first = next(parts.tables(names, LOOKED_AT_ROWS), None)
        beside = () if first is None else lying_beside(plain._frame(first, schema), Path(plain.folder))
    styles, unread = _styles(parts, plain, schema, names)
    return ArrowRows(parts, tuple(names), ArrowReading(plain.gaps, styles, beside, plain.folder), unread)


def _styles(
    parts: ParquetParts, reading: ArrowReading, schema: Schema, names: Sequence[str]
) -> tuple[dict[str, str], dict[str, Unread]]:
    """Return in which styles columns of strings are written that were plain numbers, and what of them is not read."""
    styles: dict[str, str] = {}
    found: dict[str, Unread] = {}
    for column in of_plain_numbers(schema):
        if column.name not in names or not _is_string(parts.schema.field(column.name).type):
            continue
        alone, counts, distinct = Schema((column,)), Unread(0, 0, ""), pd.Series(dtype=object)
        for table in parts.tables([column.name], AT_ONCE):
            frame = reading._frame(table, schema)
            for each in count_unread(frame, alone).values():
                counts = counts.and_then(each)
            distinct = pd.concat([distinct, frame[column.name].drop_duplicates()]).drop_duplicates()
        styles |= other_styles(distinct.to_frame(column.name), alone, {column.name: counts})
        found[column.name] = counts
    return styles, {name: each for name, each in found.items() if name in styles}


def has_hours(parts: ParquetParts, name: str) -> bool:
    """Tell whether a column is one of dates without a zone, in whole seconds, of which some are not at midnight."""
    import pyarrow.types as types

    kind = parts.schema.field(name).type
    if not types.is_timestamp(kind) or kind.tz is not None:
        return False
    found = False
    for table in parts.tables([name], AT_ONCE):
        micros = table.column(name).drop_null().to_numpy().astype("datetime64[us]").astype(np.int64)
        if (micros % SECOND != 0).any():
            return False
        found = found or bool((micros % (DAY_SECONDS * SECOND) != 0).any())
    return found


def _stream(table: Any) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.unify_dictionaries())
    return bytes(sink.getvalue())


def _without_rows(parts: ParquetParts, names: Sequence[str]) -> Any:
    import pyarrow as pa

    fields = [parts.schema.field(name) for name in names]
    return pa.schema(fields, metadata=parts.schema.metadata).empty_table()


def _is_whole(frame: pd.DataFrame, name: str) -> bool:
    """Tell whether a column is one of NumPy's whole numbers or truth values."""
    return name in frame.columns and isinstance(frame[name].dtype, np.dtype) and frame[name].dtype.kind in "iub"


def _is_string(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_string(kind) or types.is_large_string(kind))
