"""Frames: how preprocessors name features and wrap them without a copy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from automl.plugin_api import Array, Column, ColumnKind, Features


def float_frame(values: Array, names: Any) -> Features:
    """Wrap a `(n_rows, n_columns)` float32 array as a frame of one block, without copying it."""
    import pandas as pd

    return pd.DataFrame(values, columns=names, copy=False)


def name_index(columns: Iterable[Column]) -> Any:
    """Return the names of columns as a pandas index, made once because it costs more than wrapping an array."""
    import pandas as pd

    return pd.Index([column.name for column in columns], dtype=object)


def named_columns(names: Iterable[tuple[str, ColumnKind]]) -> tuple[Column, ...]:
    """Describe made columns; a name that occurs before is numbered, so that all are distinct."""
    wanted = list(names)
    taken: set[str] = set()
    columns = []
    for name, kind in wanted:
        distinct, count = name, 1
        while distinct in taken:
            count += 1
            distinct = f"{name}_{count}"
        taken.add(distinct)
        columns.append(Column(distinct, kind))
    return tuple(columns)
