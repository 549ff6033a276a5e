"""Parquet parts: a file, or a folder of files, of Parquet, whose rows are read a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from automl.errors import InputError, error_line

PAGES_AT_ONCE = 2**20
"""Bytes of a column that are fetched at once: a row group may be as large as the file."""


@dataclass(frozen=True)
class ParquetParts:
    """What is in a file or folder of Parquet.

    schema: the Arrow schema of all parts, with the names of folders such as "year=2024" as columns. parts: each file
    with the values of its folders' names.
    """

    path: Path
    schema: Any
    parts: tuple[tuple[Path, dict[str, Any]], ...]

    @cached_property
    def footers(self) -> tuple[Any, ...]:
        """What each part says of its row groups."""
        import pyarrow.parquet as pq

        return tuple(pq.read_metadata(path) for path, _ in self.parts)

    @property
    def n_rows(self) -> int:
        """The number of all rows."""
        return sum(footer.num_rows for footer in self.footers)

    @property
    def n_bytes(self) -> int:
        """Bytes of all cells, before they were compressed."""
        groups = [(footer, group) for footer in self.footers for group in range(footer.num_row_groups)]
        return sum(footer.row_group(group).total_byte_size for footer, group in groups)

    def tables(self, names: Sequence[str], n_rows: int) -> Iterator[Any]:
        """Give some columns of all rows, in their order, as Arrow tables of `n_rows` each; the last may have fewer."""
        import pyarrow as pa

        kept: list[Any] = []
        held = 0
        for table in self._pieces(names, n_rows):
            kept, held = [*kept, table], held + table.num_rows
            while held >= n_rows:
                whole = pa.concat_tables(kept)
                yield whole.slice(0, n_rows)
                kept, held = [whole.slice(n_rows)], held - n_rows
        if held:
            yield pa.concat_tables(kept)

    def with_gaps(self, names: Iterable[str]) -> frozenset[str]:
        """Return which of some columns of whole numbers and truth values have missing cells, in whatever part.

        pandas makes other columns of them: of numbers with a point, and of objects.
        """
        import pyarrow.types as types

        asked = [name for name in names if _is(self.schema.field(name).type, types.is_integer, types.is_boolean)]
        counted = {name: [_n_missing(footer, name) for footer in self.footers] for name in asked}
        found = {name for name, counts in counted.items() if any(counts)}
        unknown = [name for name, counts in counted.items() if name not in found and None in counts]
        for table in self.tables(unknown, 10 * PAGES_AT_ONCE // max(1, len(unknown))) if unknown else ():
            found |= {name for name in unknown if table.column(name).null_count}
        return frozenset(found)

    def _pieces(self, names: Sequence[str], n_rows: int) -> Iterator[Any]:
        import pyarrow.parquet as pq

        for path, keys in self.parts:
            try:
                with pq.ParquetFile(path, buffer_size=PAGES_AT_ONCE, pre_buffer=False) as file:
                    own = [name for name in names if name in file.schema_arrow.names and name not in keys]
                    for group in range(file.num_row_groups):
                        yield from self._of_group(file, group, (own, names), keys, n_rows)
            except (OSError, ValueError) as error:  # what Arrow raises
                if isinstance(error, InputError):
                    raise
                raise InputError(_broken(str(path), error)) from error

    def _of_group(
        self, file: Any, group: int, names: tuple[Sequence[str], Sequence[str]], keys: dict[str, Any], n_rows: int
    ) -> Iterator[Any]:
        import pyarrow as pa

        own, wanted = names
        left = file.metadata.row_group(group).num_rows
        try:
            for batch in file.iter_batches(n_rows, row_groups=[group], columns=own):
                left -= batch.num_rows
                yield self._arranged(pa.Table.from_batches([batch]), wanted, keys, batch.num_rows)
        except (OSError, ValueError, NotImplementedError) as error:
            place = f"row group {group + 1} of {file.num_row_groups} of {str(self.path)!r}"
            raise InputError(_broken(place, error)) from error
        if left and not own:  # no column of the file itself is asked for
            yield self._arranged(None, wanted, keys, left)

    def _arranged(self, table: Any, names: Sequence[str], keys: dict[str, Any], n_rows: int) -> Any:
        """Return the columns of all parts, whatever this part has of them, with their types."""
        import pyarrow as pa

        columns = []
        for name in names:
            kind = self.schema.field(name).type
            if name in keys:
                columns.append(pa.array([keys[name]] * n_rows).cast(_plain(kind)).dictionary_encode().cast(kind))
            elif table is None or name not in table.column_names:
                columns.append(pa.nulls(n_rows, kind))
            else:
                found = table.column(name)
                columns.append(found if found.type == kind else found.cast(kind))
        fields = [self.schema.field(name) for name in names]
        return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=self.schema.metadata))


def open_parquet(path: Path) -> ParquetParts:
    """Return what is in a file, or in a folder and those below it."""
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    whole = pq.ParquetDataset(path)
    parts = tuple((Path(each.path), dict(ds.get_partition_keys(each.partition_expression))) for each in whole.fragments)
    return ParquetParts(path, whole.schema, parts)


def is_folder_of_parquet(path: Path) -> bool:
    """Tell whether a path is a folder that holds files of Parquet."""
    return path.is_dir() and next(path.rglob("*.parquet"), None) is not None


def _n_missing(footer: Any, name: str) -> int | None:
    """Return how many cells of a column are missing in a part; None where it does not say, 1 without the column."""
    places = {footer.schema.column(place).path: place for place in range(footer.num_columns)}
    if name not in places:
        return 1
    found = 0
    for group in range(footer.num_row_groups):
        told = footer.row_group(group).column(places[name]).statistics
        if told is None or not told.has_null_count:
            return None
        found += told.null_count
    return found


def _is(kind: Any, *tests: Any) -> bool:
    return any(test(kind) for test in tests)


def _plain(kind: Any) -> Any:
    return getattr(kind, "value_type", kind)


def _broken(place: str, error: Exception) -> str:
    return (
        f"{place[:1].upper()}{place[1:]} cannot be read: {error_line(error)}. Check that the file is whole; it may "
        f"have been cut off while it was written or copied."
    )
