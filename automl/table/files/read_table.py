"""Read the table: a CSV or Parquet file, packed or not, to a pandas frame, and how it was laid out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pandas as pd

from automl.errors import InputError
from automl.table.files.lay_out import TOPIC, Layout
from automl.table.files.parquet_parts import is_folder_of_parquet
from automl.table.files.read_images import with_images_beside
from automl.table.files.read_labels import read_labels
from automl.table.files.read_sentences import is_conll, read_conll
from automl.table.files.read_text import Asked, read_text
from automl.table.files.settle_words import settle_words, words_among_numbers
from automl.table.list_cells import holds_lists
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.places import place_of

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
PACKED = {".gz": b"\x1f\x8b", ".zip": b"PK\x03\x04", ".bz2": b"BZh", ".xz": b"\xfd7zXZ\x00"}
"""How the names of packed files end, and what such files begin with, whatever their names."""
PARQUET_START = b"PAR1"
OTHERS = {
    ".xlsx": "read_excel(path)", ".xls": "read_excel(path)", ".ods": "read_excel(path)",
    ".feather": "read_feather(path)", ".arrow": "read_feather(path)", ".orc": "read_orc(path)",
    ".jsonl": "read_json(path, lines=True)", ".ndjson": "read_json(path, lines=True)", ".json": "read_json(path)",
    ".dta": "read_stata(path)", ".sas7bdat": "read_sas(path)", ".xpt": "read_sas(path)",
    ".pkl": "read_pickle(path)", ".h5": "read_hdf(path)", ".fwf": "read_fwf(path)",
}  # fmt: skip
"""Kinds of files that pandas reads, and how."""
EXAMPLES = (".csv", ".csv.gz", ".csv.zip", ".tsv", ".parquet")
MOST_NUMBERS = 50
"""Columns of numbers that are asked for the words that stand for a missing one."""


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV (separated by comma, tab, semicolon, bar or spaces) or Parquet file, packed or not.

    What may be read in another way is told by a warning.
    """
    frame, findings = read_told(path)
    tell(path, findings)
    return frame


def read_told(path: str | Path, targets: tuple[str, ...] = ()) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return a file's table and what there is to tell of how it was read.

    The values of the `targets` are those that labels are written as: "02" is text, and a word such as None is a class
    where nothing says that it stands for a missing value.
    """
    frame, layout = read_settled(path, Asked(text=targets))
    findings = (*layout.findings, *guessed(layout))
    if not layout.width:  # a file of Parquet has types
        return frame, findings
    found = {}
    for target in targets:
        if target in frame.columns:
            words = partial(words_of_numbers, path, frame, Asked(), besides=targets)
            found[target], more = read_labels(frame[target], words, layout.decimal)
            findings = (*findings, *more)
    return frame.assign(**found), findings


def read_settled(path: str | Path, asked: Asked) -> tuple[pd.DataFrame, Layout]:
    """Return a file's table, in which the words that stand for missing values are missing, and how it was laid out."""
    frame, layout = read_file(path, asked)
    if is_conll(path):
        return frame, layout
    besides = tuple(asked.text or ())
    frame, findings = settle_words(frame, lambda: words_of_numbers(path, frame, asked), besides)
    return frame, replace(layout, findings=(*layout.findings, *findings))


def tell(path: str | Path, findings: tuple[Finding, ...]) -> None:
    """Warn of readings that are in doubt."""
    for each in findings:
        if each.severity is Severity.WARNING:
            of = f", column {each.column!r}" if each.column else ""
            warnings.warn(f"{str(path)!r}{of}: {each.found}; {each.done}. {each.advice}", UserWarning, stacklevel=4)


def words_of_numbers(
    path: str | Path, frame: pd.DataFrame, asked: Asked, besides: tuple[str, ...] = ()
) -> frozenset[str]:
    """Return the words that stand for missing values in a file, by its columns of numbers; "" is an empty cell."""
    numbers = [
        str(name)
        for name in frame.select_dtypes(include=["number", "bool"]).columns
        if name not in besides and frame[name].hasnans
    ][:MOST_NUMBERS]
    if not numbers:
        return frozenset()
    again, _ = read_file(path, replace(asked, text=numbers, only=numbers))
    return words_among_numbers(again)


def guessed(layout: Layout) -> list[Finding]:
    """Tell of an encoding that may be another one."""
    if not layout.guessed:
        return []
    found = f"it was read {layout.told}"
    return [Finding(Severity.WARNING, TOPIC, "", found, "kept", "Save it as UTF-8 if that is wrong.")]


def read_file(path: str | Path, asked: Asked | None = None) -> tuple[pd.DataFrame, Layout]:
    """Return a file's table and how it was laid out."""
    path, asked = place_of(path), asked or Asked()
    is_folder = is_folder_of_parquet(path)
    if not is_folder:
        _check_name(path)
    if not path.exists():
        raise InputError(f"There is no file {str(path)!r}. Check the path; it is taken relative to {Path.cwd()}.")
    try:
        if is_conll(path):
            return read_conll(path), Layout()
        if is_folder:
            return as_asked(pd.read_parquet(path), asked.text), Layout()
        with unpacked(path) as file:
            if file.stream.read(len(PARQUET_START)) == PARQUET_START:
                frame, layout = _read_parquet(path, file, asked), Layout()
            else:
                file.stream.seek(0)
                frame, layout = read_text(str(path), file.stream, asked)
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
    if not is_conll(path) and not name.endswith((*TEXT_SUFFIXES, *PARQUET_SUFFIXES, *PACKED)):
        reader = next((reader for suffix, reader in OTHERS.items() if name.endswith(suffix)), "")
        advice = f" Load it with pandas.{reader} and pass the frame." if reader else ""
        raise InputError(
            f"The file {str(path)!r} is of no known kind; expected a name that ends in one of {', '.join(EXAMPLES)}."
            f"{advice}"
        )


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file's content to read, whether it is packed, and the file as it lies there."""

    stream: IO[bytes]
    packed: bool
    raw: IO[bytes]


@contextmanager
def unpacked(path: Path) -> Iterator[Unpacked]:
    """Give a file's content to read."""
    with path.open("rb") as raw:
        start = raw.read(8)
        raw.seek(0)
        packed = next((suffix for suffix, begin in PACKED.items() if start.startswith(begin)), "")
        suffix = path.suffix.lower()
        if suffix in PACKED and packed != suffix:
            raise ValueError(f"its name says {suffix}, and its content does not")
        if packed == ".zip":
            with _only_member(path, raw) as stream:
                yield Unpacked(stream, True, raw)
        elif packed:
            with _opener(packed)(raw, "rb") as stream:
                yield Unpacked(stream, True, raw)
        else:
            yield Unpacked(raw, False, raw)


def _opener(packed: str) -> Any:
    import bz2
    import gzip
    import lzma

    return {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}[packed]


@contextmanager
def _only_member(path: Path, raw: IO[bytes]) -> Iterator[IO[bytes]]:
    from zipfile import ZipFile

    with ZipFile(raw) as archive:
        names = [
            name
            for name in archive.namelist()
            if not name.endswith("/") and not Path(name).name.startswith(".") and not name.startswith("__MACOSX/")
        ]
        if "[Content_Types].xml" in archive.namelist():
            raise InputError(
                f"The file {str(path)!r} holds a workbook, as Excel writes it, whatever its name says. Load it with "
                f"pandas.read_excel(path) and pass the frame, or save the sheet as CSV."
            )
        if len(names) != 1:
            raise InputError(
                f"The file {str(path)!r} holds {', '.join(names[:6]) or 'nothing'}; expected one table in it. Unpack "
                f"it and give the file that is meant."
            )
        with archive.open(names[0]) as stream:
            yield stream


def _read_parquet(path: Path, file: Unpacked, asked: Asked) -> pd.DataFrame:
    if file.packed:
        file.stream.seek(0)
    return as_asked(pd.read_parquet(BytesIO(file.stream.read()) if file.packed else path), asked.text)


def as_asked(frame: pd.DataFrame, text: Sequence[str] | None) -> pd.DataFrame:
    """Return a frame of Parquet with the columns that pandas made its index, and as text those that are asked for."""
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    frame = frame.reset_index(named) if named else frame
    names = frame.columns if text is None else [name for name in text if name in frame.columns]
    names = [name for name in names if not holds_lists(frame[name])]
    return frame.assign(**{name: _spelled(frame[name]) for name in names})


def _spelled(values: pd.Series) -> pd.Series:
    """Return values as text, "" where missing, each by itself: pandas writes all dates of a column alike."""
    if values.dtype.kind in "mM":
        texts = values.astype(object).map(str).str.removesuffix(" 00:00:00")
    else:
        texts = values.astype(str)
    return texts.where(values.notna(), "")
