"""Read the files: train, test and sample to tables, with how each was read; ids keep the text they have there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.competition.nouns import OOF, RECORD, TEST, Columns, Guess, Table, Tables, Wishes
from automl.errors import InputError
from automl.table.files.read_labels import read_labels
from automl.table.files.read_table import PARQUET_SUFFIXES, read_file, read_settled, words_of_numbers
from automl.table.files.read_text import Asked
from automl.table.files.settle_words import mask_words, words_in
from automl.table.take_table import as_frame
from automl.vocabulary.findings import Severity
from automl.vocabulary.places import place_of

PARTS = {"train": ("train",), "test": ("test",), "sample": ("sample", "submission")}
"""Words in the names of the files that a folder is expected to hold."""
TEXT_TYPES = (pd.StringDtype, type(np.dtype(object)))
LARGEST_WHOLE = 1e15
USUAL_SAMPLE = "sample_submission"
TABLE_NAMES = (".csv", ".tsv", ".txt", ".parquet", ".gz", ".zip", ".bz2", ".xz")


def read_tables(train: Any, test: Any, sample: Any, wishes: Wishes) -> Tables:
    """Read whatever tables were given, each a path or a frame; the sample may be None."""
    trained = _read_train(train, wishes)
    tested = _read(test, "test", wishes, trained.frame)
    sampled = None if sample is None else _read(sample, "sample", wishes)
    for table in (trained, tested, *([] if sampled is None else [sampled])):
        if len(table.frame) == 0:
            raise InputError(f"{table.name} has no rows; expected some. Check the file.")
    return Tables(trained, tested, sampled, None if sampled is None else _as_text(sampled, wishes))


def find_files(folder: Path) -> tuple[Path, Path, Path | None]:
    """Return the train, test and sample files of a folder, by their names; several for one of them are an error."""
    own = _written_by_runs(folder)
    files = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name.lower().endswith(TABLE_NAMES) and path.name not in own
    )
    found: dict[str, Path] = {}
    for part, words in reversed(PARTS.items()):  # a sample may be called test_sample.csv
        fitting = [path for path in files if any(word in path.name.lower() for word in words)]
        files = [path for path in files if path not in fitting]
        chosen = [path for path in fitting if path.name.lower().split(".")[0] in (part, USUAL_SAMPLE)] or fitting
        if len(chosen) > 1:
            raise InputError(
                f"The folder {str(folder)!r} has several files that could be the {part} table: "
                f"{', '.join(path.name for path in fitting)}. Name them: automl compete TRAIN TEST --sample SAMPLE."
            )
        if chosen:
            found[part] = chosen[0]
    if "train" not in found or "test" not in found:
        held = ", ".join(path.name for path in sorted(folder.iterdir())) or "nothing"
        raise InputError(
            f"The folder {str(folder)!r} holds {held}; expected a train and a test table. Name the files: "
            f"automl compete TRAIN TEST --sample SAMPLE."
        )
    return found["train"], found["test"], found.get("sample")


def _written_by_runs(folder: Path) -> set[str]:
    """Return the names of files that earlier runs wrote there: none of them is a table of the competition."""
    stems = [path.name.removesuffix(RECORD) for path in folder.glob(f"*{RECORD}")]
    return {f"{stem}{end}" for stem in stems for end in (".csv", OOF, TEST)}


def told_of(tables: Tables) -> tuple[Guess, ...]:
    """Return one line a table: its rows and columns, and what was unusual about reading it."""
    present = [table for table in (tables.train, tables.test, tables.sample) if table is not None]
    return tuple(Guess(each.name, "{:,} rows x {} columns".format(*each.frame.shape), _how(each)) for each in present)


def _how(table: Table) -> str:
    if table.path is None:
        return "given as a table"
    if any(suffix in table.path.name.lower() for suffix in PARQUET_SUFFIXES):
        return "read as Parquet"
    return f"read {table.layout.told}" if table.layout.told else "read as UTF-8, separated by commas"


def key_texts(table: Table, names: tuple[str, ...], wishes: Wishes) -> pd.DataFrame:
    """Return columns of a table as text: as it stands in the file, "" where it is missing."""
    if table.path is None:
        return pd.DataFrame({name: as_texts(table.frame[name]) for name in names})
    frame, _ = read_file(table.path, Asked(wishes.encoding, wishes.separator, text=names))
    frame = as_frame(frame)
    return pd.DataFrame({name: as_texts(frame[name]) for name in names})


def as_texts(values: pd.Series) -> pd.Series:
    """Return values as text: whole numbers without a point, "" for what is missing."""
    return pd.Series([_text(value) for value in values], index=values.index, dtype=object)


def _text(value: Any) -> str:
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float | np.floating):
        number = float(value)
        whole = number.is_integer() and -LARGEST_WHOLE < number < LARGEST_WHOLE
        return "" if np.isnan(number) else str(int(number)) if whole else repr(number)
    return str(value)


def _read_train(given: Any, wishes: Wishes) -> Table:
    if not isinstance(given, str | Path):
        return _read(given, "train", wishes)
    path, asked = place_of(given), Asked(wishes.encoding, wishes.separator)
    frame, layout = read_settled(path, asked)
    return Table(path.name, as_frame(frame).reset_index(drop=True), path, layout)


def _read(given: Any, part: str, wishes: Wishes, trained: pd.DataFrame | None = None) -> Table:
    """Read a table; columns that are text in the train table are text here, with the words that are values there."""
    if not isinstance(given, str | Path):
        return Table(f"the {part} table", as_frame(given).reset_index(drop=True))
    path = place_of(given)
    text = () if trained is None else tuple(name for name in trained if isinstance(trained[name].dtype, TEXT_TYPES))
    frame, layout = read_file(path, Asked(wishes.encoding, wishes.separator, text=text))
    if trained is not None:
        like = {name: mask_words(frame[name], words_in(trained[name])) for name in text if name in frame.columns}
        frame = frame.assign(**like) if like else frame
    return Table(path.name, as_frame(frame).reset_index(drop=True), path, layout)


def with_labels(tables: Tables, columns: Columns, wishes: Wishes) -> tuple[Tables, dict[str, tuple[str, ...]]]:
    """Return the tables with the train table's targets as they are written there, and the texts of each, by row.

    A word such as None is a class where the sample has it.
    """
    train, targets = tables.train, columns.in_train
    if train.path is None or columns.one_hot or not set(targets) <= set(train.frame.columns):
        return tables, {}
    asked = Asked(wishes.encoding, wishes.separator)
    cells = key_texts(train, targets, wishes)
    texts = {name: tuple(cells[name]) for name in targets}
    if not train.layout.width:  # of Parquet, whose values have types
        return tables, texts
    path, frame, findings = train.path, train.frame, list(train.layout.findings)
    words = cache(lambda: words_of_numbers(path, frame, asked, besides=targets))
    labels = {}
    for number, name in enumerate(targets):
        known = _known_words(tables, columns, number)
        labels[name], found = read_labels(cells[name], words, train.layout.decimal, known)
        findings += found
    layout = replace(train.layout, findings=tuple(findings))
    return replace(tables, train=replace(train, frame=frame.assign(**labels), layout=layout)), texts


def _known_words(tables: Tables, columns: Columns, number: int) -> set[str]:
    """Return the words that the sample has for a target: in its columns, and as their names where those are classes."""
    given = [columns.given[number]] if columns.several else list(columns.given)
    sample, names = tables.sample_text, set() if columns.several else set(given)
    return names if sample is None else {*names, *sample[given].to_numpy().ravel()}


def doubts_of(tables: Tables) -> tuple[Guess, ...]:
    """Return what is in doubt about how each file was read."""
    present = [table for table in (tables.train, tables.test, tables.sample) if table is not None]
    return tuple(
        Guess(table.name, f"{f'{each.column}: ' if each.column else ''}{each.done}", each.found)
        for table in present
        for each in table.layout.findings
        if each.severity is Severity.WARNING
    )


def _as_text(table: Table, wishes: Wishes) -> pd.DataFrame:
    """Return every column of a table as the text that it is in its file."""
    if table.path is None:
        return pd.DataFrame({name: as_texts(table.frame[name]) for name in table.frame.columns})
    frame, _ = read_file(table.path, Asked(wishes.encoding, wishes.separator, text=None))
    return as_frame(frame).reset_index(drop=True)
