"""Tables: pandas frames and indices, and SciPy's sparse matrices, as lists and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.errors import ArtifactError

SPARSE = ("csr_matrix", "csc_matrix", "csr_array", "csc_array")
MOST_BARE = 10**8
"""Rows that a frame without columns may have."""
TEXT_TYPES = ("object", "str")


def is_table(value: Any) -> bool:
    """Tell whether a value is of a kind that this module knows."""
    return _kind(value) is not None


def encode_table(value: Any) -> tuple[str, Any]:
    """Return the kind of a table and what it is made of; a `TypeError` where a column has no plain form."""
    kind = _kind(value)
    if kind == "frame":
        return kind, [
            encode_table(value.columns),
            [_column(value.iloc[:, i]) for i in range(value.shape[1])],
            len(value),
        ]
    if kind == "series":
        return kind, [value.name, _column(value)]
    if kind == "range":
        return kind, [value.start, value.stop, value.step, value.name]
    if kind == "index":
        return kind, [_column(value), value.name]
    return "sparse", [type(value).__name__, list(value.shape), value.data, value.indices, value.indptr]


def decode_table(kind: str, state: Any) -> Any:
    """Return the table that `encode_table` took apart."""
    import pandas as pd

    if kind == "sparse":
        return _sparse(*state)
    if kind == "frame":
        columns, values, n_rows = state
        if any((isinstance(each, np.ndarray) and each.ndim == 0) or len(each) != n_rows for _, each in values) or (
            not values and n_rows > MOST_BARE
        ):
            raise ArtifactError(
                f"A frame of {n_rows} rows has columns of other lengths. The file is damaged or made up."
            )
        series = {i: pd.Series(each, dtype=name or None) for i, (name, each) in enumerate(values)}
        frame = pd.DataFrame(series, index=pd.RangeIndex(n_rows))
        frame.columns = decode_table(*columns)
        return frame
    if kind == "series":
        return pd.Series(state[1][1], dtype=state[1][0] or None, name=state[0])
    if kind == "range":
        return pd.RangeIndex(state[0], state[1], state[2], name=state[3])
    if kind == "index":
        return pd.Index(state[0][1], dtype=state[0][0] or None, name=state[1])
    if kind == "timestamp":  # as earlier versions wrote it
        return pd.Timestamp(state[0])
    raise ArtifactError(f"Found a table of the kind {kind!r}, which this version does not know.")


def _kind(value: Any) -> str | None:
    library = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    if library == "pandas":
        return {"DataFrame": "frame", "Series": "series", "RangeIndex": "range", "Index": "index"}.get(name)
    return "sparse" if library == "scipy" and name in SPARSE else None


def _column(values: Any) -> tuple[str, Any]:
    name = str(values.dtype)
    if name in TEXT_TYPES:
        return name, list(values)
    if not isinstance(values.dtype, np.dtype):
        raise TypeError(f"a column of a frame has the type {name}")
    return "", values.to_numpy()


def _sparse(name: str, shape: list[int], data: Any, indices: Any, indptr: Any) -> Any:
    from scipy import sparse

    if name not in SPARSE:
        raise ArtifactError(f"Found a sparse matrix of the kind {name!r}; expected one of {list(SPARSE)}.")
    made = getattr(sparse, name)((data, indices, indptr), shape=tuple(shape))
    made.check_format(full_check=True)
    return made
