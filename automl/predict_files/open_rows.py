"""Open the rows: of a file that is large, and can be read block by block as it would be read at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from automl.predict_files.arrow_rows import arrow_rows
from automl.predict_files.nouns import Block, Model, Reading, Rows, Wanted
from automl.predict_files.predicted_frame import check_wanted
from automl.predictor import rows_at_once
from automl.table.columns.encode_table import encode_table
from automl.table.files.parquet_parts import is_folder_of_parquet, open_parquet
from automl.table.files.read_table import PARQUET_START, as_asked
from automl.table.open_table import named_frame
from automl.table.unread_values import Unread


@dataclass(frozen=True, slots=True)
class OpenRows:
    """A file whose rows come in blocks.

    empty: a table of its columns without rows. types: of its columns in Arrow. styles, unread: in which other styles
    columns of numbers are written, and what of them cannot be read.
    """

    path: Path
    rows: Rows
    empty: pd.DataFrame
    types: Mapping[str, Any] = field(default_factory=dict)
    styles: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)

    @property
    def reading(self) -> Reading:
        """How its blocks are read."""
        return self.rows.reading

    @property
    def n_rows(self) -> float:
        """How many rows there are, as far as that can be told."""
        return self.rows.n_rows

    def blocks(self, n_rows: int) -> Iterator[Block]:
        """Give all rows in their order, so many at a time."""
        return self.rows.blocks(n_rows)


def open_rows(path: Path, model: Model, wanted: Wanted) -> OpenRows | None:
    """Return the rows of a file; None where it is so small, or such, that it is read at once."""
    return _of_parquet(path, model, wanted) if _is_parquet(path) else None


def _is_parquet(path: Path) -> bool:
    if is_folder_of_parquet(path):
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(PARQUET_START)) == PARQUET_START
    except OSError:
        return False


def _of_parquet(path: Path, model: Model, wanted: Wanted) -> OpenRows | None:
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
    empty, _ = rows.reading.read(rows.empty(), schema, task)
    types = {name: parts.schema.field(name).type for name in besides}
    return OpenRows(path, rows, empty, types, rows.reading.styles or {}, rows.unread)
