"""Read the table: a CSV or Parquet file to a pandas frame."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from automl.errors import InputError
from automl.steps.read_images import with_images_beside

CSV_SUFFIXES = (".csv", ".csv.gz", ".csv.zip", ".csv.bz2", ".csv.xz", ".tsv", ".tsv.gz", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
OTHER_SEPARATORS = (";", "\t", "|")


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV (compressed or not; separated by comma, tab, semicolon or bar) or Parquet file."""
    path = Path(path)
    name = path.name.lower()
    if not name.endswith((*PARQUET_SUFFIXES, *CSV_SUFFIXES)):
        known = ", ".join((*CSV_SUFFIXES[:3], *PARQUET_SUFFIXES))
        raise InputError(f"The file {str(path)!r} is of no known kind; expected a name that ends in one of {known}.")
    if not path.exists():
        raise InputError(f"There is no file {str(path)!r}. Check the path; it is taken relative to {Path.cwd()}.")
    try:
        frame = pd.read_parquet(path) if name.endswith(PARQUET_SUFFIXES) else _read_csv(path, name)
    except Exception as error:  # each compression and format has errors of its own
        raise InputError(
            f"The file {str(path)!r} could not be read as a table: {type(error).__name__}: {error}. Check that it is "
            f"whole and what its name says, or load it with pandas and pass the frame."
        ) from error
    return with_images_beside(frame, path.resolve().parent)


def _read_csv(path: Path, name: str) -> pd.DataFrame:
    if ".tsv" in name:
        return pd.read_csv(path, sep="\t", low_memory=False)
    header = pd.read_csv(path, nrows=0)
    only = str(header.columns[0]) if header.shape[1] == 1 else ""
    separator = next((each for each in OTHER_SEPARATORS if each in only), ",")
    return pd.read_csv(path, sep=separator, low_memory=False)
