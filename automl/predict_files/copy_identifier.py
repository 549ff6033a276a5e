"""Copy the identifier: a column of a file as it is written there, to stand in front of the predictions."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from automl.table.files.read_table import read_file
from automl.table.files.read_text import Asked


def as_written(path: Path, values: pd.Series) -> pd.Series:
    """Return a column of a file as it is written there, with zeros in front and all digits; of Parquet, its values."""
    name = str(values.name)
    frame, layout = read_file(path, Asked(text=(name,), only=(name,)))
    is_text = layout.width > 0 and not (frame[name] == values.astype(str)).all()
    return frame[name] if is_text else values
