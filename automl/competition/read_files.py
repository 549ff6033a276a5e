"""Read the files: train, test and sample to tables, with how each was read; ids keep the text they have there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.competition.nouns import OOF, RECORD, TEST, Guess, Table, Tables, Wishes
from automl.errors import InputError
from automl.steps.read_table import PARQUET_SUFFIXES, Asked, read_file
from automl.steps.take_table import as_frame

PARTS = {"train": ("train",), "test": ("test",), "sample": ("sample", "submission")}
"""Words in the names of the files that a folder is expected to hold."""
LARGEST_WHOLE = 1e15
USUAL_SAMPLE = "sample_submission"
TABLE_NAMES = (".csv", ".tsv", ".txt", ".parquet", ".gz", ".zip", ".bz2", ".xz")


def read_tables(train: Any, test: Any, sample: Any, wishes: Wishes) -> Tables:
    """Read whatever tables were given, each a path or a frame; the sample may be None."""
    trained, tested = _read(train, "train", wishes), _read(test, "test", wishes)
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


def _read(given: Any, part: str, wishes: Wishes) -> Table:
    if isinstance(given, str | Path):
        path = Path(given)
        frame, layout = read_file(path, Asked(wishes.encoding, wishes.separator))
        return Table(path.name, as_frame(frame).reset_index(drop=True), path, layout)
    return Table(f"the {part} table", as_frame(given).reset_index(drop=True))


def _as_text(table: Table, wishes: Wishes) -> pd.DataFrame:
    """Return every column of a table as the text that it is in its file."""
    if table.path is None:
        return pd.DataFrame({name: as_texts(table.frame[name]) for name in table.frame.columns})
    frame, _ = read_file(table.path, Asked(wishes.encoding, wishes.separator, text=None))
    return as_frame(frame).reset_index(drop=True)
