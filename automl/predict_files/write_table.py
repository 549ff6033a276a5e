"""Write the table: a file of predictions, all at once or block by block, which has its name once it is whole."""

from __future__ import annotations

import gzip
import io
import os
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import pandas as pd

from automl.errors import AutoMLError, InputError, OptionError
from automl.plugin_api.write_whole import PART
from automl.table.files.parquet_parts import is_folder_of_parquet

WRITTEN = (".csv", ".csv.gz", ".csv.zip", ".parquet")
"""How the names of the files that are written end."""
NOT_ARROW = (ValueError, TypeError, OverflowError, NotImplementedError)
"""What Arrow raises for values that it has no type for."""
MOMENT = "%Y-%m-%d %H:%M:%S"
ROWS_OF_GROUP = 200_000
"""Of a row group that is written, at least."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of what is written: a file of Parquet or of text.

    as_text: whether objects are written as the text that they are. moments: columns of dates of which some have hours,
    which pandas would leave out of rows where all are 0.
    """

    is_parquet: bool
    as_text: bool = False
    moments: frozenset[str] = frozenset()

    def pack(self, table: pd.DataFrame, *, names: bool = False) -> bytes:
        """Return rows as they travel, and are written; names: whether lines of text begin with the columns' names."""
        if not self.is_parquet:
            found = {name: table[name].dt.strftime(MOMENT) for name in self.moments if name in table.columns}
            return str((table.assign(**found) if found else table).to_csv(index=False, header=names)).encode()
        import pyarrow as pa

        found = pa.Table.from_pandas(_as_text(table) if self.as_text else table, preserve_index=False)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, found.schema) as writer:
            writer.write_table(found)
        return bytes(sink.getvalue())


class Output(Protocol):
    """A file that is being written."""

    def add(self, packed: bytes) -> None:
        """Write packed rows below those before."""


def check_output(output: Path, *read: Path) -> None:
    """Refuse to write over what is read, and kinds of files that are not written."""
    if not output.name.lower().endswith(WRITTEN):
        raise OptionError(
            f"Found the output {str(output)!r}; expected a name that ends in one of {', '.join(WRITTEN)}. Choose "
            f"another by --output."
        )
    for path in read:
        place, inside = path.resolve(), is_folder_of_parquet(path) and output.suffix.lower() == ".parquet"
        if path.exists() and (output.resolve() == place or (inside and place in output.resolve().parents)):
            raise OptionError(f"{str(output)!r} would be written over what is read. Choose another place by --output.")


def write_table(table: pd.DataFrame, output: Path) -> None:
    """Write CSV, or Parquet where the file's name ends in .parquet."""
    with in_place_of(output) as part, _told(output):
        if is_parquet(output):
            _as_parquet(table, part)
            return
        with _text_stream(part, output) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="") as text:
            table.to_csv(text, index=False)


def is_parquet(output: Path) -> bool:
    """Tell whether a file is to be one of Parquet."""
    return output.suffix.lower() == ".parquet"


@contextmanager
def opened(output: Path, form: Form, *, names: bytes, types: Mapping[str, Any]) -> Iterator[Output]:
    """Give a file to write packed rows to; it is there under its name once all went well, and else not at all.

    names: packed rows without any. types: what columns are in Parquet, where the first rows cannot tell it.
    """
    with in_place_of(output) as part:
        with _told(output):
            file = _ParquetOutput(part, output, types) if form.is_parquet else _TextOutput(part, output)
        try:
            file.begin(names)
            yield file
        except BaseException:
            with suppress(Exception):
                file.abandon()
            raise
        with _told(output):
            file.close()


@contextmanager
def in_place_of(output: Path) -> Iterator[Path]:
    """Give a name beside a file's for what is to take its place; nothing is left there where that is not finished."""
    output = output.resolve()
    part = output.with_name(f"{output.name}.{uuid.uuid4().hex}{PART}")
    try:
        with _told(output):
            output.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with _told(output):
            os.replace(part, output)
    except BaseException:  # Ctrl-C too
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


class _TextOutput:
    """A file of lines."""

    def __init__(self, part: Path, output: Path) -> None:
        self._output, self._stack = output, ExitStack()
        self._stream = self._stack.enter_context(_text_stream(part, output))

    def begin(self, names: bytes) -> None:
        self.add(names)

    def add(self, packed: bytes) -> None:
        with _told(self._output):
            self._stream.write(packed)

    def close(self) -> None:
        self._stack.close()

    abandon = close


class _ParquetOutput:
    """A file of Parquet, whose types are those of its first rows; rows are kept until they are many."""

    def __init__(self, part: Path, output: Path, types: Mapping[str, Any]) -> None:
        self._part, self._output, self._types = part, output, types
        self._names = b""
        self._kept: list[Any] = []
        self._held = 0
        self._writer: Any = None

    def begin(self, names: bytes) -> None:
        self._names = names

    def add(self, packed: bytes) -> None:
        table = _unpacked(packed)
        self._kept.append(table)
        self._held += table.num_rows
        if self._held >= ROWS_OF_GROUP:
            with _told(self._output):
                self._flush()

    def close(self) -> None:
        if self._writer is None and not self._kept:
            self._kept = [_unpacked(self._names)]
        self._flush()
        self.abandon()

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self._kept:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._part, _schema(self._kept[0].schema, self._types))
        schema = self._writer.schema
        self._writer.write_table(pa.concat_tables([each.cast(schema) for each in self._kept]))
        self._kept, self._held = [], 0


def _schema(first: Any, types: Mapping[str, Any]) -> Any:
    """Return a schema with those types that the first rows cannot tell: of no value, and of exact fractions."""
    import pyarrow as pa

    fields = [
        field.with_type(types[field.name]) if field.name in types and not _is_sure(field.type) else field
        for field in first
    ]
    return pa.schema(fields, metadata=first.metadata)


def _is_sure(kind: Any) -> bool:
    import pyarrow.types as types

    return not (types.is_null(kind) or types.is_decimal(kind) or types.is_nested(kind) or types.is_dictionary(kind))


def _unpacked(packed: bytes) -> Any:
    import pyarrow as pa

    with pa.ipc.open_stream(packed) as stream:
        return stream.read_all()


@contextmanager
def _text_stream(part: Path, output: Path) -> Iterator[IO[bytes]]:
    """Open a file for lines, packed as the output's name says."""
    suffix, inner = output.suffix.lower(), output.name[: -len(output.suffix)]
    with ExitStack() as stack:
        file: Any = stack.enter_context(part.open("wb"))
        if suffix == ".gz":
            file = stack.enter_context(gzip.GzipFile(inner, "wb", fileobj=file))
        elif suffix == ".zip":
            archive = stack.enter_context(zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED))
            file = stack.enter_context(archive.open(inner, "w", force_zip64=True))
        yield file


def _as_parquet(table: pd.DataFrame, part: Path) -> None:
    """Write Parquet; labels that it has no type for, such as intervals, as text."""
    try:
        table.to_parquet(part, index=False)
    except NOT_ARROW:
        _as_text(table).to_parquet(part, index=False)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: table[name].map(str) for name in table.columns if table[name].dtype == object})


@contextmanager
def _told(output: Path) -> Iterator[None]:
    """Tell of a disk that is full, or of a folder that cannot be written to, as one error of the domain."""
    try:
        yield
    except AutoMLError:
        raise
    except OSError as error:
        raise InputError(f"{str(output)!r} cannot be written: {error}. Choose another place with --output.") from error
