"""Read the table: a CSV or Parquet file, packed or not, to a pandas frame, and how it was laid out."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import IO, Any

import pandas as pd

from automl.errors import InputError
from automl.steps.read_images import with_images_beside

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
PACKED = {".gz": b"\x1f\x8b", ".zip": b"PK\x03\x04", ".bz2": b"BZh", ".xz": b"\xfd7zXZ\x00"}
"""How the names of packed files end, and what such files begin with, whatever their names."""
PARQUET_START = b"PAR1"
EXAMPLES = (".csv", ".csv.gz", ".csv.zip", ".tsv", ".parquet")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
FALLBACKS = ("cp1252", "latin-1")
"""Encodings of what is not UTF-8: that of Windows, and the one that can read any byte."""
LOOKED_AT = 65_536
"""Bytes at the start of a file from which separator and encoding are told."""
LOOKED_AT_LINES = 20
MOST_NAMES = 5_000
"""Columns up to which names that stand twice are looked for."""
PAGE = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html)\b", re.IGNORECASE)
COMMA_NUMBER, POINT_NUMBER = re.compile(r"\s*[-+]?\d+,\d+\s*"), re.compile(r"\s*[-+]?\d+\.\d+\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user said of a file, "" for what is to be found; `text` names columns to keep as the text they are.

    With `text` None all of them are kept so, and nothing in them counts as missing.
    """

    encoding: str = ""
    separator: str = ""
    text: Sequence[str] | None = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is laid out; `guessed` where its encoding could not be told for sure."""

    encoding: str = "utf-8"
    separator: str = ","
    decimal: str = "."
    guessed: bool = False

    @property
    def told(self) -> str:
        """In words what is unusual about it, "" where nothing is."""
        told = []
        if self.encoding not in ("utf-8", "utf-8-sig"):
            told.append(f"as {self.encoding}" + (", as it is not UTF-8" if self.guessed else ""))
        if self.separator != ",":
            told.append(f"separated by {SEPARATORS.get(self.separator, repr(self.separator))}")
        if self.decimal != ".":
            told.append("with decimal commas")
        return ", ".join(told)


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV (separated by comma, tab, semicolon or bar) or Parquet file, packed or not.

    Text that is not UTF-8 is read as that of Windows, with a warning.
    """
    frame, layout = read_file(path)
    if layout.guessed:
        warnings.warn(
            f"{str(path)!r} was read {layout.told}; save it as UTF-8 if that is wrong.", UserWarning, stacklevel=2
        )
    return frame


def read_file(path: str | Path, asked: Asked | None = None) -> tuple[pd.DataFrame, Layout]:
    """Return a file's table and how it was laid out."""
    path, asked = Path(path), asked or Asked()
    _check_name(path)
    if not path.exists():
        raise InputError(f"There is no file {str(path)!r}. Check the path; it is taken relative to {Path.cwd()}.")
    try:
        with _unpacked(path) as (stream, packed):
            if stream.read(len(PARQUET_START)) == PARQUET_START:
                frame, layout = _read_parquet(path, packed, stream, asked), Layout()
            else:
                stream.seek(0)
                frame, layout = _read_text(path, stream, asked)
    except InputError:
        raise
    except Exception as error:  # each compression and format has errors of its own
        raise InputError(
            f"The file {str(path)!r} could not be read as a table: {type(error).__name__}: {error}. Check that it is "
            f"whole and what its name says, or load it with pandas and pass the frame."
        ) from error
    return with_images_beside(frame, path.resolve().parent), layout


def _check_name(path: Path) -> None:
    name = path.name.lower()
    if not name.endswith((*TEXT_SUFFIXES, *PARQUET_SUFFIXES, *PACKED)):
        raise InputError(
            f"The file {str(path)!r} is of no known kind; expected a name that ends in one of {', '.join(EXAMPLES)}."
        )


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[IO[bytes], bool]]:
    """Give a file's content to read, and whether it was packed."""
    with path.open("rb") as file:
        start = file.read(8)
    packed = next((suffix for suffix, begin in PACKED.items() if start.startswith(begin)), "")
    suffix = path.suffix.lower()
    if suffix in PACKED and packed != suffix:
        raise ValueError(f"its name says {suffix}, and its content does not")
    if packed == ".zip":
        with _only_member(path) as stream:
            yield stream, True
        return
    with _opener(packed)(path, "rb") as stream:
        yield stream, bool(packed)


def _opener(packed: str) -> Any:
    import bz2
    import gzip
    import lzma

    return {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}.get(packed, open)


@contextmanager
def _only_member(path: Path) -> Iterator[IO[bytes]]:
    from zipfile import ZipFile

    with ZipFile(path) as archive:
        names = [
            name
            for name in archive.namelist()
            if not name.endswith("/") and not Path(name).name.startswith(".") and not name.startswith("__MACOSX/")
        ]
        if len(names) != 1 or "[Content_Types].xml" in names:
            raise InputError(
                f"The file {str(path)!r} holds {', '.join(names[:6]) or 'nothing'}; expected one table in it. Unpack "
                f"it and give the file that is meant."
            )
        with archive.open(names[0]) as stream:
            yield stream


def _read_parquet(path: Path, packed: bool, stream: IO[bytes], asked: Asked) -> pd.DataFrame:
    if packed:
        stream.seek(0)
    frame = pd.read_parquet(BytesIO(stream.read()) if packed else path)
    names = frame.columns if asked.text is None else [name for name in asked.text if name in frame.columns]
    return frame.assign(**{name: frame[name].astype(str).where(frame[name].notna(), "") for name in names})


def _read_text(path: Path, stream: IO[bytes], asked: Asked) -> tuple[pd.DataFrame, Layout]:
    head = stream.read(LOOKED_AT)
    if PAGE.match(head):
        raise InputError(
            f"The file {str(path)!r} holds a web page (HTML); expected a table. Such a file is often what a download "
            f"gives without signing in: download it again."
        )
    found = _encodings(head)
    encodings = (asked.encoding,) if asked.encoding else found
    for number, encoding in enumerate(encodings):
        separator = asked.separator or ("\t" if ".tsv" in path.name.lower() else "")
        layout = _lay_out(head, encoding, separator, guessed=number > 0)
        _check_header(path, head.decode(encoding, errors="ignore"), layout)
        stream.seek(0)
        try:
            return _parse(stream, layout, asked), layout
        except UnicodeError:
            if encoding == encodings[-1]:
                raise
    raise AssertionError("unreachable: the last encoding either reads or raises")


def _check_header(path: Path, text: str, layout: Layout) -> None:
    """Refuse names that stand twice in the first line: pandas would call the second of them another name."""
    rows = csv.reader(StringIO(text), delimiter=layout.separator)
    names = [name.strip() for name in next((row for row in rows if row), [])]
    twice = sorted({name for name in names if name and names.count(name) > 1}) if len(names) <= MOST_NAMES else []
    if twice:
        raise InputError(
            f"The first line of {str(path)!r} has the names {twice[:10]} more than once; expected each column's name "
            f"once. Rename them, or add a line of names where there is none."
        )


def _encodings(head: bytes) -> tuple[str, ...]:
    """Return the encodings to try, the likeliest first."""
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return (encoding,)
    if head.count(0) > len(head) // 4:  # every other byte of European text in UTF-16 is 0
        return ("utf-16-le",) if head[1::2].count(0) > head[::2].count(0) else ("utf-16-be",)
    return ("utf-8", *FALLBACKS)


def _lay_out(head: bytes, encoding: str, separator: str, *, guessed: bool) -> Layout:
    lines = head.decode(encoding, errors="ignore").splitlines()
    lines = (lines if len(head) < LOOKED_AT else lines[:-1])[:LOOKED_AT_LINES]
    separator = separator or _separator(lines)
    if separator == ",":
        return Layout(encoding, separator, guessed=guessed)
    cells = [cell for row in csv.reader(lines[1:], delimiter=separator) for cell in row]
    has_commas = any(COMMA_NUMBER.fullmatch(cell) for cell in cells)
    has_points = any(POINT_NUMBER.fullmatch(cell) for cell in cells)
    return Layout(encoding, separator, "," if has_commas and not has_points else ".", guessed)


def _separator(lines: Sequence[str]) -> str:
    """Return what gives every line as many cells, more than one; else what the first line speaks for."""
    widths = {each: [len(row) for row in csv.reader(lines, delimiter=each) if row] for each in SEPARATORS}
    several = [each for each in SEPARATORS if widths[each] and widths[each][0] > 1]
    even = [each for each in several if len(set(widths[each])) == 1]
    return max(even, key=lambda each: widths[each][0]) if even else (several or [","])[0]


def _parse(stream: IO[bytes], layout: Layout, asked: Asked) -> pd.DataFrame:
    options: dict[str, Any] = {"dtype": dict.fromkeys(asked.text, str)} if asked.text else {}
    if asked.text is None:
        options = {"dtype": str, "keep_default_na": False}
    return pd.read_csv(
        stream,
        sep=layout.separator,
        encoding=layout.encoding,
        decimal=layout.decimal,
        low_memory=False,
        **options,
    )
